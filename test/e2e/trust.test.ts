import { fork } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { trustKeyOfHex } from '../../src/ota/tuf/keys.ts';
import { targetName } from '../../src/ota/tuf/target-name.ts';
import { createQuickTrainer } from './quick-trainer.ts';
import { createWorld, type E2eWorld, type NewDevice } from './world.ts';

/** A whole cloud with its signer as a process of its own, and a device that was given the root. */

const SITE = 'trusting-site';
const TIMEOUT = { timeout: 120_000 };
const PATIENCE = { timeout: 60_000, interval: 50 };

let world: E2eWorld;
let device: NewDevice;
let signer: { stop(): Promise<void> };

function startSigner() {
  const { connectionString } = world.cloud.postgres;
  const child = fork(new URL('../../src/main/signer-process.ts', import.meta.url), [], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      ...process.env,
      LIFO4_DATA: world.folder,
      DATABASE_URL: connectionString,
      LIFO4_LOG_LEVEL: 'fatal',
    },
  });
  const exited = once(child, 'exit');
  return {
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

beforeAll(async () => {
  world = await createWorld({ wrapTrainer: () => createQuickTrainer() });
  signer = startSigner();
  const { trust } = world.cloud.postgres;
  await vi.waitFor(async () => expect(await trust.latest('root')).not.toBeNull(), PATIENCE);
  await world.addSite(SITE);
  device = await world.addDevice(SITE);
  await world.startDevice(SITE, device);
}, 120_000);
afterAll(async () => {
  await signer.stop();
  await world.close();
});

const get = (path: string, authorization?: string) =>
  fetch(`${world.cloud.url}${path}`, authorization === undefined ? {} : { headers: { authorization } });
const basic = () => `Basic ${Buffer.from(`${device.deviceId}:${device.secret}`).toString('base64')}`;

it('installs a model that the signer has signed for its device', TIMEOUT, async () => {
  await world.jobReaches(await world.retrain(SITE), 'acked');
  const name = targetName({
    systemId: SITE,
    deviceId: device.deviceId,
    version: '1.0.0',
    modelType: 'ensemble',
  });
  expect(await world.cloud.postgres.trust.target(name)).toMatchObject({
    systemId: SITE,
    signed: { version: 2 },
  });
});

it('gives its metadata to devices and nobody unknown, packed, each version for good', TIMEOUT, async () => {
  expect((await get('/tuf/timestamp.json')).status).toBe(401);
  const timestamp = await get('/tuf/timestamp.json', basic());
  expect(timestamp.headers.get('cache-control')).toBe('private, no-cache');
  const { signed } = (await timestamp.json()) as { signed: { meta: Record<string, { version: number }> } };
  const snapshot = await get(`/tuf/${signed.meta['snapshot.json']?.version}.snapshot.json`, basic());
  expect(snapshot.headers.get('content-encoding')).toBe('gzip');
  expect(snapshot.headers.get('cache-control')).toContain('immutable');
  expect(
    Object.keys(((await snapshot.json()) as typeof timestamp & { signed: { meta: object } }).signed.meta),
  ).toHaveLength(257);
  for (const name of ['99.root.json', '1.bin-zz.json', 'x', '1.targets', '0.root.json'])
    expect((await get(`/tuf/${name}`, basic())).status).toBe(404);
});

it('offers nothing while the signer is away, and what was waiting once it is back', TIMEOUT, async () => {
  await signer.stop();
  const job = await world.retrain(SITE, { forceRedeploy: true });
  await world.jobReaches(job, 'deployed');
  const { trust } = world.cloud.postgres;
  await vi.waitFor(async () => expect(await trust.unsigned(10)).toHaveLength(1), PATIENCE);
  signer = startSigner();
  await world.jobReaches(job, 'acked');
});

it('refuses to sign what the log does not bear out', TIMEOUT, async () => {
  const { trust } = world.cloud.postgres;
  const subject = {
    systemId: SITE,
    deviceId: device.deviceId,
    version: '1.0.0',
    modelType: 'xgboost',
  } as const;
  const artifact = { checksum: `sha256:${'ab'.repeat(32)}`, size: 100 };
  const forged = { ...subject, artifact, name: targetName(subject) };
  await trust.request(forged);
  await vi.waitFor(
    async () => expect((await trust.target(forged.name))?.refusal).toMatch(/the log has sha256|no evaluated/),
    PATIENCE,
  );
});

it('tells of its expiries, and warns without turning requests away', TIMEOUT, async () => {
  const metrics = await (await get('/metrics')).text();
  for (const role of ['root', 'targets', 'snapshot', 'timestamp'])
    expect(metrics).toMatch(
      new RegExp(`lifo4_trust_expires_timestamp_seconds\\{role="${role}"\\} [12]\\d{9}`),
    );
  const check = async () =>
    ((await (await get('/readyz')).json()) as { checks: { name: string; ok: boolean }[] }).checks.find(
      ({ name }) => name === 'trust',
    );
  await vi.waitFor(
    async () => expect(await check()).toEqual({ name: 'trust', ok: true, advisory: true }),
    PATIENCE,
  );
  const { trust, pool } = world.cloud.postgres;
  const last = await trust.latest('timestamp');
  const expires = new Date(Date.now() + 60_000);
  const keyIds = [trustKeyOfHex('00').keyId];
  await trust.add([{ role: 'timestamp', version: (last?.version ?? 0) + 1, body: '{}', expires, keyIds }]);
  expect(await check()).toMatchObject({ ok: false });
  expect((await get('/readyz')).status).toBe(200);
  await pool.query(`delete from lifo4.trust_metadata where role = 'timestamp' and body = '{}'`);
});
