import { pino } from 'pino';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startEmbeddedBroker } from '../../src/adapters/embedded/broker/start.ts';
import { createMqttDeviceClient } from '../../src/adapters/mqtt/device-client.ts';
import { createMqttDeviceLink } from '../../src/adapters/mqtt/device-link.ts';
import { createUplinkIngest } from '../../src/cloud/uplink/ingest.ts';
import type { UplinkMessage } from '../../src/ports/device-link.ts';
import type { DeviceStore } from '../../src/ports/device-store.ts';
import { cloudOnMemory, SITE } from '../cloud/cloud-on-memory.ts';
import { createSite, goodModel, type SiteUnderTest, soon } from '../edge/site-under-test.ts';

/** A device's real journal over a real broker, whose messages to the cloud are lost, doubled and reordered. */

const logger = pino({ level: 'silent' });
const login = { username: '@cloud', password: 'cloud secret' };
const SECRET = 'a secret';
const nothing = () => undefined;
const observer = { accepted: nothing, refused: nothing, repeated: nothing, answered: nothing };

/** Of what the broker delivers, every fourth message is lost, the next comes late, and the one after it twice. */
function createBadRoad(deliver: (message: UplinkMessage) => Promise<void>) {
  let late: UplinkMessage[] = [];
  let count = 0;
  const fates: readonly ((message: UplinkMessage) => readonly UplinkMessage[])[] = [
    () => [],
    (message) => {
      late = [message];
      return [];
    },
    (message) => [message, ...late, message],
    (message) => [message],
  ];
  return async (message: UplinkMessage): Promise<void> => {
    if (message.kind !== 'journal') return;
    for (const arrived of fates[count++ % fates.length]?.(message) ?? []) await deliver(arrived);
  };
}

async function startWorld() {
  const world = await cloudOnMemory();
  const deviceId = await world.site();
  const identities = new Map([
    [deviceId, { deviceId, systemId: SITE, tenant: 'acme' }],
    ['dev-other', { deviceId: 'dev-other', systemId: 'other-site', tenant: 'acme' }],
  ]);
  const credentials = {
    add: async () => undefined,
    revoke: async () => undefined,
    verify: async (id: string, secret: string) => (secret === SECRET ? (identities.get(id) ?? null) : null),
  };
  const broker = await startEmbeddedBroker({ credentials, cloud: login, logger });
  onTestFinished(() => broker.close());
  const link = createMqttDeviceLink({ url: broker.url, ...login, node: 'test', logger });
  onTestFinished(() => link.close());
  const ingest = createUplinkIngest({ ...world.cloud, link }, observer, logger);
  return { world, deviceId, broker, link, ingest };
}

/** The device of `world` on its own disk. Its durations pass a thousand times faster. */
async function startDevice(site: SiteUnderTest, url: string, deviceId: string): Promise<DeviceStore> {
  let store: DeviceStore | null = null;
  await site.start({
    wrapStore: (opened) => {
      store = opened;
      return opened;
    },
    steady: { now: () => new Date(performance.now() * 1000) },
    link: createMqttDeviceClient({ url, deviceId, secret: SECRET, systemId: SITE, logger }),
  });
  if (store === null) throw new Error('the device has no store');
  return store;
}

it('arrives whole, in order and once over a bad road', async () => {
  const { world, deviceId, broker, link, ingest } = await startWorld();
  await link.onUplink(createBadRoad(ingest));
  const site = await createSite(deviceId);
  onTestFinished(() => site.close());
  const store = await startDevice(site, broker.url, deviceId);
  for (const assignment of [1, 2, 3]) {
    await site.offer(assignment, goodModel(assignment));
    await link.publishDesired(SITE, site.broker.desired ?? null);
    await vi.waitFor(
      () => expect(site.device.status().report.running?.version).toBe(`1.${assignment}.0`),
      soon,
    );
  }
  await vi.waitFor(() => expect(site.device.status().report.state).toBe('watching'), soon);

  const stream = `device-journal-${deviceId}-${store.installationId}`;
  const written = store.journal();
  const versions = { timeout: 20_000, interval: 20 };
  await vi.waitFor(async () => {
    const copied = await world.log.readStream(stream);
    expect(copied.map(({ eventId }) => eventId)).toEqual(written.map(({ eventId }) => eventId));
  }, versions);
  await vi.waitFor(
    () => expect(site.device.status().journal).toMatchObject({ copied: written.length }),
    versions,
  );
  expect(written.length).toBeGreaterThan(14);
});

it('is refused from a foreign device, by the broker and by the cloud', async () => {
  const { world, deviceId, broker, link, ingest } = await startWorld();
  const heard: UplinkMessage[] = [];
  await link.onUplink(async (message) => {
    heard.push(message);
    await ingest(message);
  });
  const site = await createSite(deviceId);
  onTestFinished(() => site.close());
  const facts = [
    {
      ...{ version: 1, eventId: crypto.randomUUID(), type: 'UpdateWithdrawn', data: { assignment: 0 } },
      ...{ machine: 'device-update@1', schema: 1, at: '2026-01-05T06:00:00Z' },
    },
  ];
  const payload = (over: object) =>
    Buffer.from(JSON.stringify({ messageId: 'm', installationId: crypto.randomUUID(), facts, ...over }));
  // Logged in as another site's device: the broker drops what goes to this site's topic.
  const stranger = (systemId: string) =>
    createMqttDeviceClient({ url: broker.url, deviceId: 'dev-other', secret: SECRET, systemId, logger });
  const intruder = stranger(SITE);
  onTestFinished(() => intruder.close());
  intruder.start();
  const refusedSubscription = new Promise((resolve) => intruder.onDisconnected(resolve));
  await refusedSubscription;
  // On its own topic, it cannot speak for another device.
  const own = stranger('other-site');
  onTestFinished(() => own.close());
  own.start();
  await own.publish('journal', payload({ deviceId }));
  await vi.waitFor(() => expect(heard).toHaveLength(1), soon);
  expect(heard[0]?.systemId).toBe('other-site');
  expect(await world.log.readFeed(0, 100)).toSatisfy((feed: readonly { streamId: string }[]) =>
    feed.every(({ streamId }) => !streamId.startsWith('device-journal')),
  );
});
