import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import Schema from 'typebox/schema';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/main/config.ts';
import { COMPOSE_FOLDER, compose, composeText, environmentOf, example, VARIABLE } from './compose-file.ts';
import { entries, inProject, knownSettings, list, readText } from './files.ts';

const NODES = ['cloud', 'worker', 'migrate', 'signer'];
const services = entries(compose['services']);

describe('compose.yaml', () => {
  it('is what the Compose Specification allows', async () => {
    const schema = JSON.parse(await readText('test', 'deploy', 'compose-spec.json'));
    const [fits, problems] = Schema.Errors(schema, compose);
    expect(fits ? [] : problems.map((each) => `${each.instancePath}: ${each.message}`)).toEqual([]);
  });

  it('sets only what the program reads', () => {
    const known = knownSettings();
    for (const service of [...NODES, 'edge'])
      for (const name of Object.keys(environmentOf(service))) expect([...known]).toContain(name);
  });

  it('gives nodes settings that they accept', () => {
    const nats = { NATS_URL: 'nats://cloud:x@nats:4222', MQTT_URL: 'mqtt://nats:1883' };
    expect(readConfig({ ...environmentOf('cloud'), ...nats })).toMatchObject({
      database: { url: 'postgres://lifo4_cloud:f00dcafe@postgres:5432/lifo4' },
      objectStore: { endpoint: 'http://minio:9000' },
      influx: { url: 'http://influxdb:8086' },
      publicUrl: 'https://ml.example.com',
    });
    for (const node of NODES) expect(() => readConfig(environmentOf(node)), node).not.toThrow();
    const worker = readConfig(environmentOf('worker'));
    expect(worker.objectStore).toEqual(readConfig(environmentOf('cloud')).objectStore);
    expect(worker.database.url).toBe(readConfig(environmentOf('cloud')).database.url);
  });

  it('asks for every password and has none of its own', () => {
    for (const { groups } of composeText.matchAll(VARIABLE)) {
      const { name = '', kind } = groups ?? {};
      expect(example.has(name), `${name} in .env.example`).toBe(true);
      if (kind === '-') expect(name).not.toMatch(/PASSWORD|TOKEN|SECRET|USER/);
      else expect(example.get(name), `${name} has no value in .env.example`).toBe('');
    }
    expect(composeText).not.toMatch(/(PASSWORD|TOKEN|SECRET\w*): (?!\$\{)\S/);
  });

  it('names files that are there', () => {
    const base = inProject(...COMPOSE_FOLDER);
    const builds = services.flatMap(([, { build }]) => build ?? []);
    const dockerfiles = builds.map((each) =>
      resolve(base, String(each['context']), String(each['dockerfile'])),
    );
    const mounts = services.flatMap(([, { volumes }]) => list(volumes).map((volume) => String(volume)));
    const sources = mounts.map((mount) => mount.split(':')[0] ?? '');
    const bound = sources.filter((source) => source.startsWith('.')).map((source) => resolve(base, source));
    for (const file of [...dockerfiles, ...bound]) expect(existsSync(file), file).toBe(true);
    const named = sources.filter((source) => !source.startsWith('.'));
    expect([...new Set(named)].sort()).toEqual(Object.keys(compose['volumes'] ?? {}).sort());
  });

  it('keeps every port to the address that LISTEN gives', () => {
    const ports = services.flatMap(([, service]) => list(service['ports']).map(String));
    expect(ports.length).toBeGreaterThan(2);
    for (const port of ports) expect(port).toMatch(/^\$\{LISTEN:-127\.0\.0\.1\}:/);
  });

  it('waits for jobs to end, and for servers to be healthy, which each can tell', () => {
    const waits = services.flatMap(([, service]) => entries(service['depends_on']));
    for (const [other, { condition }] of waits) {
      const awaited = compose['services']?.[other];
      const isJob = String(awaited?.['restart']) === 'no';
      expect(String(condition)).toBe(isJob ? 'service_completed_successfully' : 'service_healthy');
      // The cloud's check is in its image.
      expect(isJob || other === 'cloud' || awaited?.['healthcheck'] !== undefined, other).toBe(true);
    }
  });

  it('starts everything again, and runs two workers', () => {
    const jobs = services.filter(([, { restart }]) => String(restart) !== 'unless-stopped');
    expect(jobs.map(([name]) => name)).toEqual(['nats-config', 'migrate']);
    expect(Number(compose['services']?.['worker']?.['deploy']?.['replicas'])).toBe(2);
  });
});
