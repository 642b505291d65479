import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type SupervisedProcess, startSupervised } from '../../src/adapters/embedded/supervised-process.ts';
import { findMinio, startMinio } from '../services/minio.ts';
import { findNatsServer } from '../services/nats.ts';
import { freePort } from '../services/network.ts';
import { neededUnderCi } from '../services/programs.ts';
import { findPostgresPrograms, startCluster } from '../services/system-postgres.ts';
import { COMPOSE_FOLDER, environmentOf, PASSWORD, PUBLIC_URL, serviceOf } from './compose-file.ts';
import { inProject, list } from './files.ts';

/** What compose would start, by its own commands and settings, as processes of this machine. */

const run = promisify(execFile);
const [nats, minio] = await Promise.all([findNatsServer(), findMinio()]);
const programs = neededUnderCi(await findPostgresPrograms(), 'this test needs PostgreSQL 15 or later');

/** Puts what is true here in place of what is true inside of the containers. */
type Here = (text: string) => string;
const hereBy =
  (natsFolder: string, places: Readonly<Record<string, string>>): Here =>
  (written) =>
    Object.entries(places).reduce(
      (text, [there, place]) => text.replaceAll(there, place),
      written.replaceAll(/(?<=^|[ =])\/nats(?=\/|$)/g, natsFolder),
    );

const wordsOf = (service: string, key: 'command' | 'entrypoint', here: Here): readonly string[] =>
  list(serviceOf(service)[key]).map((word) => here(String(word)));

/** Compose's own InfluxDB is left out: the rest of the settings makes PostgreSQL take its place. */
function settingsOf(service: string, here: Here): Record<string, string> {
  const settings = Object.entries(environmentOf(service)).filter(([name]) => !name.startsWith('INFLUX_'));
  return Object.fromEntries(settings.map(([name, value]) => [name, here(value)]));
}

const SIGTERM_WHILE_EXITING = 143;

interface Started {
  readonly process: SupervisedProcess;
  readonly lines: readonly string[];
}

async function start(
  command: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<Started> {
  const lines: string[] = [];
  const onLine = (line: string): void => void lines.push(line);
  const process = await startSupervised({ command, args, env, onLine, stopSignal: 'TERM' });
  onTestFinished(async () => {
    process.stop();
    await process.exited;
  });
  return { process, lines };
}

async function openPlaces(folder: string) {
  const [cluster, store] = await Promise.all([startCluster(programs ?? ''), startMinio(minio ?? '')]);
  onTestFinished(async () => void (await Promise.all([cluster.close(), store.close()])));
  const [natsPort, mqttPort, monitorPort, apiPort] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const { host, port, username, password } = new URL(cluster.connectionString);
  const here = hereBy(folder, {
    '0.0.0.0:4222': `127.0.0.1:${natsPort}`,
    '0.0.0.0:1883': `127.0.0.1:${mqttPort}`,
    '0.0.0.0:8222': `127.0.0.1:${monitorPort}`,
    '--host=nats': '--host=127.0.0.1',
    [`lifo4_owner:${PASSWORD}@postgres:5432/lifo4`]: `${username}:${password}@${host}/postgres`,
    'postgres:5432/lifo4': `${host}/postgres`,
    'http://minio:9000': store.endpoint,
    [PUBLIC_URL]: `http://127.0.0.1:${apiPort}`,
    'node /app/bin': `${process.execPath} ${inProject('bin')}`,
  });
  const asOwner = { PGHOST: '127.0.0.1', PGPORT: port, PGPASSWORD: password, POSTGRES_USER: username };
  return { here, store, asOwner, apiPort };
}

describe.skipIf(nats === null || minio === null || programs === null)('the processes of compose.yaml', () => {
  it('come up in their order, are healthy, and end in order', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lifo4-compose-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const { here, store, asOwner, apiPort } = await openPlaces(join(folder, 'nats'));
    const PATH = `${programs}${delimiter}${dirname(process.execPath)}${delimiter}${process.env['PATH']}`;
    const program = inProject('bin', 'lifo4-ml.js');
    const lifo4 = (service: string, env: Record<string, string> = {}) =>
      run(process.execPath, [program, ...wordsOf(service, 'command', here)], { env: { PATH, ...env } });

    const users = { POSTGRES_DB: 'postgres', CLOUD_PASSWORD: PASSWORD, GRAFANA_PASSWORD: PASSWORD };
    await run('sh', [inProject(...COMPOSE_FOLDER, 'postgres-users.sh')], {
      env: { PATH, ...asOwner, ...users },
    });
    await lifo4('nats-config');
    await start(nats ?? '', wordsOf('nats', 'command', here), {});
    expect((await lifo4('migrate', settingsOf('migrate', here))).stdout).toContain(
      'rights granted to lifo4_writer',
    );

    const keys = { S3_ACCESS_KEY: store.accessKey, S3_SECRET_KEY: store.secretKey };
    const place = (name: string) => ({ PATH, ...keys, LIFO4_DATA: join(folder, name), LIFO4_LOG: 'stdout' });
    await mkdir(join(folder, 'worker'));
    const [, , ...shell] = wordsOf('cloud', 'entrypoint', here);
    const listen = { LIFO4_HOST: '127.0.0.1', LIFO4_PORT: String(apiPort) };
    const cloud = await start(shell[0] ?? '', [...shell.slice(1), ...wordsOf('cloud', 'command', here)], {
      ...{ ...settingsOf('cloud', here), ...place('cloud'), ...listen },
    });
    const workers = await Promise.all(
      [1, 2].map((n) =>
        start(process.execPath, [program, ...wordsOf('worker', 'command', here)], {
          ...{ ...settingsOf('worker', here), ...place(`worker-${n}`) },
        }),
      ),
    );

    const ready = async (): Promise<void> => {
      const answer = await fetch(`http://127.0.0.1:${apiPort}/readyz`).catch(() => null);
      expect(await answer?.json(), cloud.lines.join('\n')).toMatchObject({ status: 'ready' });
    };
    await vi.waitFor(ready, { timeout: 60_000 });
    const health = [inProject('deploy', 'docker', 'healthy.mjs'), 'api'];
    await run(process.execPath, health, { env: { LIFO4_PORT: String(apiPort) } });
    for (const { lines } of workers)
      await vi.waitFor(() => expect(lines.join('\n')).toContain('the worker takes jobs'), {
        timeout: 60_000,
      });

    for (const { process: each } of [cloud, ...workers]) each.stop();
    for (const { process: each, lines } of [cloud, ...workers]) {
      const code = await each.exited;
      const said = lines.join('\n');
      // What opens first is closed last. The signal is sent until the process is gone, while it takes itself down too.
      expect(said).toMatch(/"part":"object store".*"msg":"closed"/);
      expect([0, SIGTERM_WHILE_EXITING], said).toContain(code);
    }
  }, 120_000);
});
