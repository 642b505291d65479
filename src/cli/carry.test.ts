import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DEVICE_SECRET } from '../../test/edge/cloud-stub.ts';
import { createSite, NOW, type SiteUnderTest, soon } from '../../test/edge/site-under-test.ts';
import { tinyModel } from '../../test/edge/tiny-model.ts';
import { registerSite, type ServerUnderTest, startServer } from '../../test/http/server-under-test.ts';
import { appendKept, appendModel } from '../../test/http/stories.ts';
import { sampleMetrics } from '../../test/sample-facts.ts';
import { createTrustPublisher } from '../cloud/trust/publisher.ts';
import { publishRoot } from '../cloud/trust/roots.ts';
import { createTargetSigner } from '../cloud/trust/signer.ts';
import { deviceRules } from '../main/device-rules.ts';
import type { DeviceSettings } from '../main/device-settings.ts';
import { type LocalEndpoint, openLocalEndpoint } from '../main/local-endpoint.ts';
import { type TrustSigner, trustSignerOf } from '../ota/tuf/keys.ts';
import { rootJson, signMetadata } from '../ota/tuf/metadata.ts';
import { systemClocks } from '../ports/clocks.ts';
import { runProgram } from './program.ts';

const DAY = 86_400_000;
const SYSTEM = 'bess-456';
const logger = pino({ level: 'silent' });
const clock = systemClocks().machine;
const newKey = (): TrustSigner => trustSignerOf(generateKeyPairSync('ed25519').privateKey);
const [rootKey, targetsKey, onlineKey] = [newKey(), newKey(), newKey()];
const one = (key: TrustSigner) => ({ keys: [key], threshold: 1 });
const online = one(onlineKey);
const roles = { root: one(rootKey), targets: one(targetsKey), snapshot: online, timestamp: online };
const about = { version: 1, expires: new Date(Date.now() + 365 * DAY), roles };
const root = signMetadata('root', rootJson(about), [rootKey]);
const lifetimes = { timestampMs: DAY, snapshotMs: 7 * DAY, targetsMs: 90 * DAY };
const { privateKey, publicKey } = await generateKeyPair('ES256');

let server: ServerUnderTest;
let token: string;
let folder: string;
let site: SiteUnderTest;
let endpoint: LocalEndpoint | null = null;
let settings: DeviceSettings;
let stopSigning: () => Promise<unknown>;

/** A cloud that signs, and a version of a site. */
async function addVersion(version: string): Promise<void> {
  const artifact = await server.artifacts.put(tinyModel({ version }));
  const modelArtifacts = [{ modelType: 'ensemble' as const, artifact, metrics: sampleMetrics }];
  const story = { jobId: `job-${version}`, systemId: SYSTEM, version, artifact };
  await appendModel(server.postgres.log, { ...story, modelArtifacts });
  await appendKept(server.postgres.log, story);
}

function keepSigning({ postgres: { trust: store, log } }: ServerUnderTest) {
  const signer = createTargetSigner({
    ...{ store, log, signers: async () => [targetsKey], clock, lifetimeMs: lifetimes.targetsMs, binBits: 2 },
    logger,
  });
  let round: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    round = round.then(() => signer.round());
  }, 50);
  return () => {
    clearInterval(timer);
    return round;
  };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'carry-'));
  server = await startServer({
    signs: ({ trust: store }) => ({
      signer: { kid: 'k1', key: privateKey },
      modelsUrl: 'https://models.example.com/models',
      trust: createTrustPublisher({ store, signers: async () => [onlineKey], clock, lifetimes, logger }),
    }),
  });
  token = await server.token();
  await publishRoot(server.postgres.trust, root);
  stopSigning = keepSigning(server);
  await registerSite(server, SYSTEM);
  const added = await server.call('POST', `/api/v1/systems/${SYSTEM}/devices`, { token });
  const { deviceId } = added.body as { readonly deviceId: string };
  site = await createSite(deviceId);
  const written = {
    ...{ deviceId, secret: DEVICE_SECRET, systemId: SYSTEM, zone: 'America/Sao_Paulo' },
    ...{ cloudUrl: 'https://models.example.com', mqttUrl: 'mqtt://127.0.0.1:9', topicPrefix: 'lifo4' },
    trustedKeys: [{ kid: 'k1', publicKey: await exportJWK(publicKey) }],
    ...{ trustRoot: JSON.parse(root), dataFolder: site.folder, clockOffsetMs: NOW - Date.now() },
    readings: { kind: 'none' as const },
  };
  writeFileSync(join(folder, 'device.json'), JSON.stringify(written));
  settings = written;
  for (const version of ['1.0.0', '1.1.0']) await addVersion(version);
}, 60_000);
afterAll(async () => {
  await stopSigning();
  await endpoint?.close();
  await site.close();
  await server.close();
  rmSync(folder, { recursive: true });
});

const startDevice = () => site.start(deviceRules(settings));
const stick = (name: string) => join(folder, name);

async function run(...args: readonly string[]) {
  const written = { out: '', err: '' };
  const into = (name: 'out' | 'err') => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  const env = { LIFO4_URL: server.url, LIFO4_TOKEN: token, LIFO4_DEVICE: join(folder, 'device.json') };
  const signal = new AbortController().signal;
  const code = await runProgram(args, { stdout: into('out'), stderr: into('err'), env, signal });
  return { code, ...written };
}

const exported = (version: string, name: string, ...more: readonly string[]) =>
  run('models', 'export', SYSTEM, version, '--out', stick(name), ...more);

const runs = (version: string) =>
  vi.waitFor(() => expect(site.device.status().report.running?.version).toBe(version), soon);

describe('a model on a stick', () => {
  it('goes from the cloud to a device that runs, which the cloud never reached', async () => {
    const { code, out, err } = await exported('1.0.0', 'first', '--json');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const { deploymentId, until } = JSON.parse(out);
    expect(await server.call('GET', `/api/v1/ml/deployments/${deploymentId}`, { token })).toBeDefined();
    expect(Date.parse(until)).toBeGreaterThan(Date.now());
    expect(Date.parse(until)).toBeLessThan(Date.now() + DAY);
    await startDevice();
    endpoint = await openLocalEndpoint({ dataFolder: site.folder }, site.device, logger);
    const installed = await run('edge', 'install', stick('first'));
    expect(installed).toMatchObject({ code: 0, err: '' });
    expect(installed.out).toMatch(/^version 1\.0\.0 is taken as assignment 1: it is tried now/);
    await runs('1.0.0');
    expect(await site.answered(1, 'active')).toMatchObject({ deploymentId });
  });

  it('is the same deployment when it is exported again, and no file is written over', async () => {
    const [first, second] = [
      await exported('1.1.0', 'a', '--json', '--replace'),
      await exported('1.1.0', 'b', '--json'),
    ];
    expect(JSON.parse(second.out).deploymentId).toBe(JSON.parse(first.out).deploymentId);
    expect(await exported('1.1.0', 'b')).toMatchObject({ code: 2, err: expect.stringContaining('exists') });
    expect(await exported('9.9.9', 'c', '--json')).toMatchObject({ code: 1 });
    expect(() => readFileSync(stick('c'))).toThrow('ENOENT');
  });

  it('is noted by a device that does not run, which installs it when it starts', async () => {
    await endpoint?.close();
    endpoint = null;
    await site.stop();
    writeFileSync(stick('torn'), readFileSync(stick('a')).subarray(0, -7));
    const torn = await run('edge', 'install', stick('torn'), '--lang', 'pt-BR');
    expect(torn).toMatchObject({ code: 1, out: '' });
    expect(torn.err).toMatch(/não instalado: o modelo não está inteiro; copie de novo \(size-mismatch: /);
    const noted = await run('edge', 'install', stick('a'), '--lang', 'pt-BR');
    expect(noted).toMatchObject({ code: 0, err: '' });
    expect(noted.out).toBe('versão 1.1.0 aceita como atribuição 2: o dispositivo a testa quando iniciar\n');
    await startDevice();
    await runs('1.1.0');
    await site.answered(2, 'active');
  });

  it('is no folder, and is there', async () => {
    expect(await run('edge', 'install', folder)).toMatchObject({ code: 2 });
    const missing = await run('edge', 'install', stick('nothing'));
    expect(missing).toMatchObject({ code: 2, err: expect.stringContaining('is the stick mounted?') });
  });

  it('needs the scope ml:deploy, and a site of the caller', async () => {
    const path = `/api/v1/ml/systems/${SYSTEM}/models/1.0.0/install-file`;
    const reader = await server.token({ scopes: ['ml:read', 'ml:train'] });
    expect((await server.call('POST', path, { token: reader })).status).toBe(403);
    const stranger = await server.token({ tenant: 'other' });
    expect((await server.call('POST', path, { token: stranger })).status).toBe(404);
  });
});
