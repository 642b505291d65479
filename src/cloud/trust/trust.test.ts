import { generateKeyPairSync } from 'node:crypto';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { sampleEvaluation } from '../../../test/sample-facts.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/services/postgres.ts';
import { createPool } from '../../adapters/postgres/connect.ts';
import { migrate } from '../../adapters/postgres/migrate.ts';
import { createPostgresTrustStore } from '../../adapters/postgres/trust-store.ts';
import type { RecordedFact } from '../../events/envelope.ts';
import { type TrustSigner, trustSignerOf } from '../../ota/tuf/keys.ts';
import { rootJson, signMetadata } from '../../ota/tuf/metadata.ts';
import { targetName } from '../../ota/tuf/target-name.ts';
import type { TargetRequest } from '../../ports/trust-store.ts';
import { trustOutlook } from './outlook.ts';
import { createTrustPublisher } from './publisher.ts';
import { publishRoot } from './roots.ts';
import { createTargetSigner } from './signer.ts';

const logger = pino({ level: 'silent' });
const DAY = 86_400_000;
const lifetimes = { timestampMs: DAY, snapshotMs: 7 * DAY, targetsMs: 90 * DAY };

let database: TestDatabase;
let pool: ReturnType<typeof createPool>;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ connectionString: database.connectionString, logger });
  await migrate(pool, logger);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const newKey = (): TrustSigner => trustSignerOf(generateKeyPairSync('ed25519').privateKey);
const keys = { root: newKey(), targets: newKey(), online: newKey() };
const at = { now: new Date() };
const clock = { now: () => at.now };
const store = () => createPostgresTrustStore({ pool });

async function publish(version: number): Promise<void> {
  const one = (key: TrustSigner) => ({ keys: [key], threshold: 1 });
  const online = one(keys.online);
  const roles = { root: one(keys.root), targets: one(keys.targets), snapshot: online, timestamp: online };
  const about = { version, expires: new Date(at.now.getTime() + 365 * DAY), roles };
  await publishRoot(store(), signMetadata('root', rootJson(about), [keys.root]));
}

const node = () =>
  createTrustPublisher({ store: store(), signers: async () => [keys.online], clock, lifetimes, logger });

/** A log in which device-1 is every site's and every version has the same file. */
const artifact = { checksum: `sha256:${'ab'.repeat(32)}`, size: 1000 };
const log = {
  lookup: async (kind: string) => (kind === 'active-device' ? 'device-1' : 'job-1'),
  readStream: async () => [
    {
      fact: { type: 'ModelEvaluated', data: { ...sampleEvaluation, artifact, modelArtifacts: [] } },
    } as RecordedFact,
  ],
};
const signer = () =>
  createTargetSigner({
    ...{ store: store(), log, signers: async () => [keys.targets], clock, lifetimeMs: lifetimes.targetsMs },
    ...{ binBits: 2, logger },
  });

function target(version: string, deviceId = 'device-1'): TargetRequest {
  const subject = { systemId: 'site-1', deviceId, version, modelType: 'ensemble' } as const;
  return { ...subject, artifact, name: targetName(subject) };
}

const versions = async () => {
  const [timestamp, snapshot, targets] = await Promise.all(
    ['timestamp', 'snapshot', 'targets'].map(async (role) => (await store().latest(role))?.version ?? 0),
  );
  return { timestamp, snapshot, targets };
};

beforeEach(async () => {
  await pool.query('truncate lifo4.trust_metadata, lifo4.trust_target');
  Object.assign(keys, { root: newKey(), targets: newKey(), online: newKey() });
  at.now = new Date();
});

it('lets everything pass while no root is published', async () => {
  expect(await node().ensure(target('1.0.0'))).toBe(true);
  expect(await store().unsigned(10)).toEqual([]);
  expect(await trustOutlook(store(), clock, lifetimes)).toBeNull();
});

it('has a target signed once, whoever asks and however often', async () => {
  await publish(1);
  expect(await node().ensure(target('1.0.0'))).toBe(false);
  expect(await signer().round()).toBe(1);
  const nodes = [node(), node(), node()];
  const asked = nodes.flatMap((each) => [each.ensure(target('1.0.0')), each.ensure(target('1.0.0'))]);
  expect(await Promise.all(asked)).toEqual(asked.map(() => true));
  expect(await versions()).toEqual({ timestamp: 1, snapshot: 1, targets: 1 });
  expect(await signer().round()).toBe(0);
});

it('signs again at half time, on one of several nodes', async () => {
  await publish(1);
  await signer().round();
  await node().renew();
  at.now = new Date(at.now.getTime() + 0.6 * DAY);
  await Promise.all([node().renew(), node().renew(), node().renew()]);
  expect(await versions()).toEqual({ timestamp: 2, snapshot: 1, targets: 1 });
  at.now = new Date(at.now.getTime() + 50 * DAY);
  const warned = (await trustOutlook(store(), clock, lifetimes)) ?? [];
  expect(warned.filter(({ warning }) => warning !== null).map(({ role }) => role)).toEqual([
    'snapshot',
    'timestamp',
  ]);
  await signer().round();
  await node().renew();
  expect(await versions()).toEqual({ timestamp: 3, snapshot: 2, targets: 2 });
});

it('waits for the signer when a root names another key for targets, then offers again', async () => {
  await publish(1);
  const own = node();
  await own.ensure(target('1.0.0'));
  await signer().round();
  expect(await own.ensure(target('1.0.0'))).toBe(true);
  keys.targets = newKey();
  await publish(2);
  expect(await own.ensure(target('1.0.0'))).toBe(false);
  await signer().round();
  expect(await own.ensure(target('1.0.0'))).toBe(true);
  const bins = await store().targetFiles();
  expect(bins.every(({ keyIds }) => keyIds.includes(keys.targets.keyId))).toBe(true);
});

it('says so when it has none of the keys that the root names', async () => {
  const stranger = keys.online;
  keys.online = newKey();
  await publish(1);
  await signer().round();
  keys.online = stranger;
  await expect(node().renew()).rejects.toThrow(/no timestamp key|no snapshot key/);
  keys.targets = newKey();
  await expect(signer().round()).rejects.toThrow(/none of the keys at hand/);
});

it('refuses what the log does not bear out, and tells who asked', async () => {
  await publish(1);
  for (const [request, problem] of [
    [target('1.0.0', 'device-2'), /not the site’s device/],
    [{ ...target('1.1.0'), name: 'another/name' }, /another one’s/],
    [{ ...target('1.2.0'), artifact: { ...artifact, size: 1 } }, /the log has sha256:\w+ of 1000 bytes/],
  ] as const) {
    await node().ensure(request);
    expect(await signer().round()).toBe(0);
    await expect(node().ensure(request)).rejects.toThrow(problem);
  }
});

it('keeps the four latest targets of a device, and none of the one before', async () => {
  await publish(1);
  await store().request(target('0.9.0', 'device-0'));
  for (const version of ['1.0.0', '1.1.0', '1.2.0', '1.3.0', '1.4.0']) await store().request(target(version));
  const kept = (await store().unsigned(10)).map(({ version }) => version);
  expect(kept).toEqual(['1.1.0', '1.2.0', '1.3.0', '1.4.0']);
});

it('forgets what was replaced long ago, and never the newest or a root', async () => {
  await publish(1);
  await signer().round();
  await node().renew();
  await node().ensure(target('1.0.0'));
  await signer().round();
  await node().ensure(target('1.0.0'));
  expect(await store().prune(60_000)).toBe(0);
  // The bin that was signed again, the snapshot and the timestamp before it.
  expect(await store().prune(-1000)).toBe(3);
  expect(await versions()).toEqual({ timestamp: 2, snapshot: 2, targets: 1 });
  expect(await store().read('root', 1)).not.toBeNull();
});
