import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createQuickTrainer } from './quick-trainer.ts';
import { createWorld, type DeviceHandle, type E2eWorld, type NewDevice } from './world.ts';

const PATIENCE = { timeout: 60_000, interval: 50 } as const;
const OFFER_LIFETIME_MS = 20_000;
const TIMEOUT = { timeout: 300_000 };

const trainer = createQuickTrainer();
let world: E2eWorld;

beforeAll(async () => {
  world = await createWorld({ wrapTrainer: () => trainer, config: { offerLifetimeMs: OFFER_LIFETIME_MS } });
});

afterAll(() => world.close());

/** The retained desired state as the device would read it; its process must be stopped, ids are exclusive. */
async function retained(systemId: string, { deviceId, secret }: NewDevice): Promise<Record<string, unknown>> {
  const client = mqtt.connect(world.cloud.mqttUrl, {
    clientId: deviceId,
    username: deviceId,
    password: secret,
  });
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  client.on('message', (_topic, payload) => resolve(payload));
  await new Promise((connected) => client.once('connect', connected));
  await client.subscribeAsync(`lifo4/${systemId}/ml/model`);
  const payload = await promise;
  await client.endAsync();
  return JSON.parse(payload.toString());
}

async function flipByte(checksum: string): Promise<void> {
  const name = checksum.replace('sha256:', '');
  const folder = join(world.config.dataDir, 'artifacts');
  const files = await readdir(folder, { recursive: true });
  const file = files.find((path) => path.includes(name));
  if (file === undefined) throw new Error(`no file of ${checksum}`);
  const bytes = await readFile(join(folder, file));
  bytes[100] = (bytes[100] ?? 0) ^ 1;
  await writeFile(join(folder, file), bytes);
}

async function site(
  systemId: string,
): Promise<{ device: NewDevice; running: DeviceHandle; firstJob: string }> {
  trainer.answers = 'numbers';
  await world.addSite(systemId);
  const device = await world.addDevice(systemId);
  const running = await world.startDevice(systemId, device);
  const firstJob = await world.retrain(systemId);
  await world.jobReaches(firstJob, 'acked');
  return { device, running, firstJob };
}

const versionsInFolder = async (handle: DeviceHandle) => {
  const bytes = await readFile(join(handle.dataFolder, 'models', 'forecast.onnx'));
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
};

async function artifactOf(jobId: string): Promise<{ checksum: string }> {
  const { artifact } = await world.call('GET', `/ml/training-jobs/${jobId}`);
  return artifact as { checksum: string };
}

async function runs(systemId: string, version: string): Promise<void> {
  await vi.waitFor(async () => {
    const { items } = await world.call('GET', '/systems');
    const sites = items as readonly Record<string, unknown>[];
    expect(sites.find((one) => one['systemId'] === systemId)).toMatchObject({
      runningVersion: version,
      desiredVersion: version,
    });
  }, PATIENCE);
}

describe('a deployment that goes wrong', () => {
  it(
    'is rolled back by the device when its model answers NaN; the old one serves throughout',
    TIMEOUT,
    async () => {
      const { device, running, firstJob } = await site('bess-nan');
      const good = await artifactOf(firstJob);
      trainer.answers = 'NaN';
      const broken = await world.retrain('bess-nan');
      const job = await world.jobReaches(broken, 'rolledback');
      expect(job['reason']).toMatch(/no number|finite|NaN/i);
      expect(await versionsInFolder(running)).toBe(good.checksum);
      await runs('bess-nan', '1.0.0');
      await running.stop();
      expect(await retained('bess-nan', device)).toMatchObject({ version: '1.0.0', checksum: good.checksum });
    },
  );

  it(
    'sends nothing when a byte of the stored file is flipped; the old one serves throughout',
    TIMEOUT,
    async () => {
      const { device, running, firstJob } = await site('bess-flip');
      const good = await artifactOf(firstJob);
      await running.stop();
      const next = await world.retrain('bess-flip');
      await world.jobReaches(next, 'deployed');
      await flipByte((await artifactOf(next)).checksum);
      const again = await world.startDevice('bess-flip', device);
      // The store finds it when it reads: the device is left without an answer and the offer ends.
      await world.jobReaches(next, 'undelivered');
      expect(await versionsInFolder(again)).toBe(good.checksum);
      await runs('bess-flip', '1.0.0');
      await again.stop();
      expect(await retained('bess-flip', device)).toMatchObject({
        version: '1.0.0',
        checksum: good.checksum,
      });
    },
  );

  it(
    'expires when the device is silent, ends the job undelivered and blocks no retrain',
    TIMEOUT,
    async () => {
      await world.addSite('bess-silent');
      const device = await world.addDevice('bess-silent');
      const first = await world.retrain('bess-silent');
      await world.jobReaches(first, 'deployed');
      const second = await world.retrain('bess-silent');
      await world.jobReaches(first, 'undelivered');
      await world.jobReaches(second, 'undelivered');
      const outcomes = async () => {
        const { items } = await world.call('GET', '/ml/deployments?systemId=bess-silent');
        return (items as readonly Record<string, unknown>[]).map(({ status }) => status);
      };
      await vi.waitFor(async () => expect(await outcomes()).toEqual(['expired', 'superseded']), PATIENCE);
      await world.startDevice('bess-silent', device);
      const third = await world.retrain('bess-silent');
      await world.jobReaches(third, 'acked');
    },
  );

  it('equips a replacement device with the model that runs', TIMEOUT, async () => {
    const { running } = await site('bess-swap');
    const replacement = await world.addDevice('bess-swap');
    const taker = await world.startDevice('bess-swap', replacement);
    await vi.waitFor(async () => {
      const { items } = await world.call('GET', '/ml/deployments?systemId=bess-swap&status=active');
      expect(items).toMatchObject([{ deviceId: replacement.deviceId, version: '1.0.0' }, {}]);
    }, PATIENCE);
    expect(await versionsInFolder(taker)).toBe(await versionsInFolder(running));
  });
});
