import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { MAX_MESSAGE_BYTES, MessageTooLarge } from '../../src/ota/topics.ts';
import { type CloudLink, CloudLinkClosed, CloudLinkRefused } from '../../src/ports/cloud-link.ts';
import { type DeviceLink, UPLINK_KINDS, type UplinkMessage } from '../../src/ports/device-link.ts';
import { PublishTimeout } from '../../src/ports/retained-publisher.ts';
import type { DeliveryCounts } from '../../src/ports/uplink-delivery.ts';

type CountedLink = DeviceLink & { uplinkCounts(): DeliveryCounts };

/** A broker of its own with two sites, and both ends of the link to it. */
export interface DeviceLinkHarness {
  /** Sites whose devices may connect, and the secret of each. */
  readonly sites: readonly [string, string];
  /** A link of the same cloud node each time. Publications give up after `publishTimeoutMs`. */
  openLink(options?: { readonly publishTimeoutMs?: number }): Promise<CountedLink>;
  openDevice(systemId: string, secret?: string): CloudLink;
  /** The MQTT listener, for programs at a site, which log in as its device. */
  mqttUrl(): string;
  /** Secret of the device `device-of-{systemId}`. */
  secretOf(systemId: string): string;
  stopBroker(): Promise<void>;
  /** On the same address; its store may or may not have survived. */
  startBroker(): Promise<void>;
  close(): Promise<void>;
}

const bytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
const text = (payload: Uint8Array | null): string | null =>
  payload === null ? null : Buffer.from(payload).toString('utf8');

const soon = { timeout: 15_000, interval: 20 };

/** A running harness, and what the cases do with it. */
function createWorld() {
  let running: DeviceLinkHarness | null = null;
  const harness = (): DeviceLinkHarness => {
    if (running === null) throw new Error('the broker was not started');
    return running;
  };
  return {
    harness,
    begin: async (start: () => Promise<DeviceLinkHarness>) => {
      running = await start();
    },
    end: async () => running?.close(),
    site: () => harness().sites[0],
    otherSite: () => harness().sites[1],
    link: async (options?: { publishTimeoutMs?: number }): Promise<CountedLink> => {
      const opened = await harness().openLink(options);
      onTestFinished(() => opened.close());
      return opened;
    },
    device: (systemId: string) => {
      const opened = harness().openDevice(systemId);
      onTestFinished(() => opened.close());
      const desired: (string | null)[] = [];
      const config: (string | null)[] = [];
      const copied: (string | null)[] = [];
      opened.onDesired((payload) => desired.push(text(payload)));
      opened.onConfig((payload) => config.push(text(payload)));
      opened.onCopied((payload) => copied.push(text(payload)));
      opened.start();
      return { link: opened, desired, config, copied };
    },
  };
}
type World = ReturnType<typeof createWorld>;

/** Messages marked with `mark`; others are left over from earlier tests. */
async function collect(from: DeviceLink, mark: string): Promise<UplinkMessage[]> {
  const messages: UplinkMessage[] = [];
  await from.onUplink(async (message) => {
    if (text(message.payload)?.includes(mark)) messages.push(message);
  });
  return messages;
}

function downlinkCases(world: World): void {
  it('retains the desired state, the configuration and how far a journal is copied for a device that connects later', async () => {
    const cloud = await world.link();
    await cloud.publishDesired(world.site(), bytes({ version: '1.0.0' }));
    await cloud.publishConfig(world.site(), bytes({ zone: 'America/Manaus' }));
    await cloud.publishCopied(world.site(), bytes({ version: 7 }));
    const edge = world.device(world.site());
    await expect.poll(() => edge.copied, soon).toEqual(['{"version":7}']);
    await expect.poll(() => edge.desired, soon).toEqual(['{"version":"1.0.0"}']);
    await expect.poll(() => edge.config, soon).toEqual(['{"zone":"America/Manaus"}']);
  });

  it('brings a change to a device that is connected, and its clearing as null', async () => {
    const cloud = await world.link();
    await cloud.publishDesired(world.site(), bytes('a'));
    const edge = world.device(world.site());
    await expect.poll(() => edge.desired, soon).toEqual(['"a"']);
    await cloud.publishDesired(world.site(), bytes('b'));
    await cloud.publishDesired(world.site(), null);
    await expect.poll(() => edge.desired, soon).toEqual(['"a"', '"b"', null]);

    const late = world.device(world.otherSite());
    await expect.poll(() => late.link.connected(), soon).toBe(true);
    expect(late.desired).toEqual([]);
  });
}

/** What a program at the site reads of topics, newest last, until the test is over; an empty message is null. */
async function listen(
  world: World,
  systemId: string,
  ...kinds: readonly string[]
): Promise<(string | null)[]> {
  const { mqttUrl, secretOf } = world.harness();
  const name = `device-of-${systemId}`;
  const client = await connectAsync(mqttUrl(), {
    ...{ clientId: name, username: name, password: secretOf(systemId), reconnectPeriod: 0 },
  });
  onTestFinished(() => client.endAsync(true));
  const heard: (string | null)[] = [];
  client.on('message', (_topic, payload) => void heard.push(payload.length === 0 ? null : text(payload)));
  await client.subscribeAsync(kinds.map((kind) => `lifo4/${systemId}/ml/${kind}`));
  return heard;
}

function alertCases(world: World): void {
  it('retains a site’s alerts on its topic, replaces them, and clears them when none is open', async () => {
    const cloud = await world.link();
    const site = world.otherSite();
    await cloud.publishAlerts(site, bytes({ alerts: ['first'] }));
    const heard = await listen(world, site, 'alert');
    await expect.poll(() => heard, soon).toEqual(['{"alerts":["first"]}']);
    await cloud.publishAlerts(site, bytes({ alerts: ['first', 'second'] }));
    await expect.poll(() => heard.at(-1), soon).toBe('{"alerts":["first","second"]}');
    await cloud.publishAlerts(site, null);
    await expect.poll(() => heard.at(-1), soon).toBeNull();
  });

  it('shows who comes later what is open, and nothing that is over', async () => {
    const cloud = await world.link();
    const site = world.site();
    await cloud.publishAlerts(site, bytes({ alerts: ['over'] }));
    await cloud.publishAlerts(site, null);
    await cloud.publishConfig(site, bytes('after'));
    const heard = await listen(world, site, 'alert', 'config');
    await expect.poll(() => heard, soon).toContain('"after"');
    expect(heard.join()).not.toContain('over');
  });
}

function uplinkCases(world: World): void {
  it('brings every kind of message from a device to the cloud', async () => {
    const cloud = await world.link();
    const messages = await collect(cloud, 'every-kind');
    const edge = world.device(world.site());
    for (const kind of UPLINK_KINDS) await edge.link.publish(kind, bytes({ mark: 'every-kind', kind }));
    await expect.poll(() => messages.length, soon).toBe(UPLINK_KINDS.length);
    expect(messages.map(({ kind }) => kind)).toEqual([...UPLINK_KINDS]);
    for (const { kind, systemId, payload } of messages) {
      expect(systemId).toBe(world.site());
      expect(text(payload)).toBe(JSON.stringify({ mark: 'every-kind', kind }));
    }
  });

  it('keeps what devices say while the cloud is away, in order', async () => {
    const before = await world.harness().openLink();
    await collect(before, 'away');
    await expect.poll(() => before.connected(), soon).toBe(true);
    const edge = world.device(world.site());
    await edge.link.publish('ack', bytes({ mark: 'before-away' }));
    await before.close();
    for (let n = 0; n < 20; n += 1) await edge.link.publish('ack', bytes({ mark: 'away', n }));

    const messages = await collect(await world.link(), '"away"');
    await expect.poll(() => messages.length, soon).toBe(20);
    expect(messages.map(({ payload }) => JSON.parse(text(payload) ?? '').n)).toEqual([...Array(20).keys()]);
  });

  it('delivers a message again until its handler has it, without overtaking within the site', async () => {
    const cloud = await world.link();
    const seen: string[] = [];
    const failing = ['again 1', 'again 1'];
    await cloud.onUplink(async ({ payload }) => {
      const said = JSON.parse(text(payload) ?? '');
      if (!String(said).startsWith('again')) return;
      seen.push(said);
      if (failing.length > 0) throw new Error(`not now: ${failing.pop()}`);
    });
    const edge = world.device(world.site());
    for (const n of [1, 2, 3]) await edge.link.publish('ack', bytes(`again ${n}`));
    await expect.poll(() => seen, soon).toEqual(['again 1', 'again 1', 'again 1', 'again 2', 'again 3']);
  });

  it('gives up a message that fails while others get through, and counts it', async () => {
    const cloud = await world.link();
    await cloud.onUplink(async ({ payload }) => {
      if (text(payload)?.includes('poison')) throw new Error('never');
    });
    const sick = world.device(world.site());
    const well = world.device(world.otherSite());
    await sick.link.publish('telemetry', bytes({ mark: 'poison' }));
    await expect
      .poll(async () => {
        await well.link.publish('telemetry', bytes({ mark: 'fine' }));
        return cloud.uplinkCounts().dead;
      }, soon)
      .toBe(1);
    expect(cloud.uplinkCounts().delivered).toBeGreaterThan(0);
  });
}

function outageCases(world: World): void {
  it('comes back after the broker was away, says so, and goes on', async () => {
    const cloud = await world.link();
    let connections = 0;
    cloud.onConnected(() => {
      connections += 1;
    });
    const messages = await collect(cloud, 'restart');
    const edge = world.device(world.site());
    await expect.poll(() => cloud.connected() && edge.link.connected(), soon).toBe(true);
    const before = connections;
    await world.harness().stopBroker();
    await expect.poll(() => cloud.connected() || edge.link.connected(), soon).toBe(false);
    await world.harness().startBroker();
    await expect.poll(() => connections > before && cloud.connected(), soon).toBe(true);
    await cloud.publishDesired(world.site(), bytes('after restart'));
    await expect.poll(() => edge.desired.at(-1), soon).toBe('"after restart"');
    await expect
      .poll(async () => {
        await edge.link.publish('state', bytes({ mark: 'restart' }));
        return messages.length;
      }, soon)
      .toBeGreaterThan(0);
  });

  it('refuses a publication that the broker does not take in time, and never sends it later', async () => {
    const cloud = await world.link({ publishTimeoutMs: 300 });
    const edge = world.device(world.site());
    await expect.poll(() => cloud.connected() && edge.link.connected(), soon).toBe(true);
    await world.harness().stopBroker();
    await expect(cloud.publishDesired(world.site(), bytes('stale'))).rejects.toThrow(PublishTimeout);
    await world.harness().startBroker();
    await expect.poll(() => cloud.connected() && edge.link.connected(), soon).toBe(true);
    await cloud.publishDesired(world.site(), bytes('new'));
    await expect.poll(() => edge.desired.at(-1), soon).toBe('"new"');
    expect(edge.desired).not.toContain('"stale"');
  });

  it('refuses a message that is too large at once, on both sides, and stays connected', async () => {
    const cloud = await world.link();
    const edge = world.device(world.site());
    await expect.poll(() => cloud.connected() && edge.link.connected(), soon).toBe(true);
    const large = new Uint8Array(MAX_MESSAGE_BYTES + 1);
    await expect(cloud.publishConfig(world.site(), large)).rejects.toThrow(MessageTooLarge);
    await expect(edge.link.publish('telemetry', large)).rejects.toThrow(MessageTooLarge);
    expect(cloud.connected() && edge.link.connected()).toBe(true);
  });

  it('refuses a device whose secret is wrong, and tells it so', async () => {
    const edge = world.harness().openDevice(world.site(), 'wrong');
    onTestFinished(() => edge.close());
    const reasons: (Error | null)[] = [];
    edge.onDisconnected((reason) => reasons.push(reason));
    edge.start();
    await expect.poll(() => reasons[0], soon).toBeInstanceOf(CloudLinkRefused);
    expect(edge.connected()).toBe(false);
    const waiting = edge.publish('state', bytes('x'));
    await Promise.all([expect(waiting).rejects.toThrow(CloudLinkClosed), edge.close()]);
  });
}

/** What every link between the cloud and its devices does, whatever broker carries it. */
export function deviceLinkContract(name: string, start: () => Promise<DeviceLinkHarness>): void {
  describe(`device link: ${name}`, () => {
    const world = createWorld();
    beforeAll(() => world.begin(start));
    afterAll(world.end);
    describe('downlink', () => downlinkCases(world));
    describe('alerts', () => alertCases(world));
    describe('uplink', () => uplinkCases(world));
    describe('outages and refusals', () => outageCases(world));
  });
}
