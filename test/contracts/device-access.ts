import { connectAsync, type IClientOptions, type MqttClient, connect as openClient } from 'mqtt';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { DeviceCredentials, DeviceIdentity } from '../../src/ports/device-credentials.ts';

/** A broker that believes `credentials`. */
export interface DeviceAccessHarness {
  /** Of the MQTT listener. */
  readonly url: string;
  readonly cloud: { readonly username: string; readonly password: string };
  /** Ends a device's connections. */
  disconnect(deviceId: string): Promise<void>;
  close(): Promise<void>;
}

type Start = (credentials: DeviceCredentials) => Promise<DeviceAccessHarness>;

const soon = { timeout: 10_000, interval: 20 };
const [A, B] = ['dev-a', 'dev-b'] as const;
const SITES: Readonly<Record<string, string>> = { [A]: 'site-a', [B]: 'site-b' };
const SECRET = 'a secret of the tests';

const known = async (deviceId: string, secret: string): Promise<DeviceIdentity | null> => {
  const systemId = Object.hasOwn(SITES, deviceId) ? SITES[deviceId] : undefined;
  return systemId === undefined || secret !== SECRET ? null : { deviceId, systemId, tenant: 'acme' };
};

function closed(client: MqttClient): Promise<void> {
  return new Promise((resolve) => {
    client.once('close', resolve);
  });
}

/** The running broker, its records, and clients that end with their test. */
function createWorld(start: Start) {
  let running: DeviceAccessHarness | null = null;
  let verify: DeviceCredentials['verify'] = known;
  const harness = (): DeviceAccessHarness => {
    if (running === null) throw new Error('the broker was not started');
    return running;
  };
  const asDevice = (deviceId: string, options: IClientOptions = {}): IClientOptions => ({
    ...{ clientId: deviceId, username: deviceId, password: SECRET },
    ...options,
    protocolVersion: 4,
    reconnectPeriod: 0,
  });
  const keep = (client: MqttClient): MqttClient => {
    client.on('error', () => undefined);
    onTestFinished(() => {
      client.end(true);
    });
    return client;
  };
  return {
    harness,
    begin: async () => {
      running = await start({
        add: async () => undefined,
        revoke: async () => undefined,
        verify: (deviceId, secret) => verify(deviceId, secret),
      });
    },
    end: async () => running?.close(),
    believe: (next: DeviceCredentials['verify'] = known) => {
      verify = next;
    },
    device: async (deviceId: string, options?: IClientOptions) =>
      keep(await connectAsync(harness().url, asDevice(deviceId, options))),
    /** Not connected yet. */
    knock: (deviceId: string) => keep(openClient(harness().url, asDevice(deviceId))),
    cloud: async () => {
      const clientId = `@cloud-${crypto.randomUUID()}`;
      const options = { ...harness().cloud, clientId, protocolVersion: 4, reconnectPeriod: 0 } as const;
      return keep(await connectAsync(harness().url, options));
    },
    /** Everything that the cloud can hear from now on. */
    async hearAll() {
      const heard: string[] = [];
      const client = await this.cloud();
      client.on('message', (topic, payload) => heard.push(`${topic} ${payload}`));
      await client.subscribeAsync('#', { qos: 0 });
      heard.length = 0;
      return heard;
    },
  };
}
type World = ReturnType<typeof createWorld>;

function loginCases(world: World): void {
  it.each([
    ['a wrong secret', A, { password: 'wrong' }],
    ['an unknown device', 'dev-x', {}],
    ['no login', A, { username: '', password: '' }],
    ['a name from the object prototype', '__proto__', {}],
    ['a client id of the cloud', A, { clientId: '@cloud-1-publisher' }],
  ])('refuses %s', async (_name, deviceId, options) => {
    // 4 is a bad user name or password, 5 is not authorized.
    await expect(world.device(deviceId, options)).rejects.toSatisfy(({ code }) => code === 4 || code === 5);
  });

  it('refuses a device that takes another one’s client id, which stays connected', async () => {
    const owner = await world.device(A);
    await expect(world.device(B, { clientId: A })).rejects.toMatchObject({ code: 5 });
    await owner.publishAsync('lifo4/site-a/telemetry', 'still here', { qos: 1 });
    expect(owner.connected).toBe(true);
  });

  it('lets the second client of a device throw out the first, which a lost connection may have left', async () => {
    const first = await world.device(A);
    const gone = closed(first);
    const second = await world.device(A);
    await gone;
    expect(second.connected).toBe(true);
  });

  it('ends the connection of a revoked device, and keeps it out', async () => {
    const live = await world.device(A);
    const other = await world.device(B);
    const gone = closed(live);
    world.believe(async () => null);
    await world.harness().disconnect(A);
    await gone;
    await expect(world.device(A)).rejects.toMatchObject({ code: 5 });
    expect(other.connected).toBe(true);
  });

  it('ends a connection that is still being checked when its device is revoked', async () => {
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<DeviceIdentity>();
    world.believe(() => {
      asked.resolve();
      return answer.promise;
    });
    const late = world.knock(A);
    const gone = closed(late);
    await asked.promise;
    await world.harness().disconnect(A);
    answer.resolve({ deviceId: A, systemId: 'site-a', tenant: 'acme' });
    await gone;
    expect(late.connected).toBe(false);
  });
}

/** Topics below which everything that is not a device's own lies, also behind the `$` of a NATS server. */
const FORBIDDEN = [
  'lifo4/site-b/ml/model/ack',
  'lifo4/site-b/telemetry',
  'lifo4/site-b/ml/journal',
  'lifo4/site-b/ml/model',
  'lifo4/site-a/ml/model',
  'lifo4/site-a/ml/config',
  'lifo4/site-a/ml/alert',
  'lifo4/site-a/ml/journal/copied',
  'lifo4/events/site/site-a/DeviceAssigned',
  'lifo4/site-a/anything',
  'elsewhere',
  '$SYS/REQ/SERVER/PING',
  '$JS/API/STREAM/DELETE/lifo4-uplink',
  '$JS/ACK/lifo4-uplink/cloud/1/1/1/1/0',
  '$MQTT/msgs/lifo4/site-b/telemetry',
];

const UNREADABLE = [
  '#',
  '+/+/ml/model',
  'lifo4/+/ml/model',
  'lifo4/site-b/ml/model',
  'lifo4/site-b/telemetry',
  'lifo4/site-b/ml/journal/copied',
  'lifo4/events/#',
  '$share/all/lifo4/site-b/ml/model',
  'lifo4/site-a/#',
  'lifo4/site-a/ml/model/#',
  'lifo4/site-a/+/model',
  'lifo4/site-a/telemetry',
  'lifo4/site-a/ml/journal',
  '$SYS/#',
  '$MQTT/#',
  '$MQTT/sub/#',
  '$JS/#',
  '_INBOX/#',
];

function topicCases(world: World): void {
  it('acknowledges and drops what a device may not publish, retained or not', async () => {
    const heard = await world.hearAll();
    const client = await world.device(A);
    for (const topic of FORBIDDEN) {
      await client.publishAsync(topic, 'forbidden', { qos: 1 });
      await client.publishAsync(topic, 'forbidden', { qos: 1, retain: true });
    }
    await client.publishAsync('lifo4/site-a/ml/model/ack', 'allowed', { qos: 1 });
    await expect.poll(() => heard, soon).toContain('lifo4/site-a/ml/model/ack allowed');
    expect(heard.filter((message) => message.includes('forbidden'))).toEqual([]);
    const later: string[] = [];
    const cloud = await world.cloud();
    cloud.on('message', (topic, payload) => later.push(`${topic} ${payload}`));
    await cloud.subscribeAsync('#', { qos: 0 });
    await client.publishAsync('lifo4/site-a/telemetry', 'last', { qos: 1 });
    await expect.poll(() => later, soon).toContain('lifo4/site-a/telemetry last');
    expect(later.filter((message) => message.includes('forbidden'))).toEqual([]);
  });

  it('refuses every subscription but to a device’s own downlink, and brings nothing of what others retain', async () => {
    const cloud = await world.cloud();
    await cloud.publishAsync('lifo4/site-b/ml/model', 'of another', { qos: 1, retain: true });
    await cloud.publishAsync('lifo4/site-a/ml/model', 'own', { qos: 1, retain: true });
    const client = await world.device(A);
    const heard: string[] = [];
    client.on('message', (topic, payload) => heard.push(`${topic} ${payload}`));
    for (const filter of UNREADABLE) {
      for (const qos of [0, 1] as const) {
        await expect(client.subscribeAsync(filter, { qos }), filter).rejects.toMatchObject({
          packet: { granted: [0x80] },
        });
      }
    }
    await client.subscribeAsync(['lifo4/site-a/ml/model', 'lifo4/site-a/ml/alert'], { qos: 0 });
    await cloud.publishAsync('lifo4/site-b/ml/model', 'of another again', { qos: 1, retain: true });
    await cloud.publishAsync('lifo4/site-a/ml/alert', 'last', { qos: 1 });
    await expect.poll(() => heard, soon).toContain('lifo4/site-a/ml/alert last');
    expect(heard).toEqual(['lifo4/site-a/ml/model own', 'lifo4/site-a/ml/alert last']);
  });

  it('drops the will of a device where it may not publish, and lets out one where it may', async () => {
    const heard = await world.hearAll();
    const payload = Buffer.from('will');
    const options = { payload, qos: 1, retain: true } as const;
    for (const topic of ['lifo4/site-b/ml/model/ack', 'lifo4/site-a/ml/model', 'lifo4/site-a/telemetry']) {
      const client = await world.device(A, { will: { ...options, topic } });
      const gone = closed(client);
      client.stream.destroy();
      await gone;
    }
    await expect.poll(() => heard, soon).toContain('lifo4/site-a/telemetry will');
    expect(heard.filter((message) => message.endsWith('will'))).toHaveLength(1);
  });

  it('lets no dot or wildcard in a topic lead elsewhere', async () => {
    const heard = await world.hearAll();
    const astray = [
      'lifo4.site-b.telemetry',
      'lifo4/site-b.telemetry',
      'lifo4/site-a.telemetry',
      'lifo4//telemetry',
    ];
    for (const topic of astray) {
      const client = await world.device(A);
      await Promise.race([client.publishAsync(topic, 'astray', { qos: 1 }), closed(client)]).catch(
        () => undefined,
      );
      client.end(true);
    }
    const client = await world.device(A);
    await client.publishAsync('lifo4/site-a/telemetry', 'straight', { qos: 1 });
    await expect.poll(() => heard, soon).toContain('lifo4/site-a/telemetry straight');
    expect(heard.filter((message) => message.includes('astray'))).toEqual([]);
  });
}

/** Who may connect, and say and hear what, whatever broker it is. */
export function deviceAccessContract(name: string, start: Start): void {
  describe(`device access: ${name}`, () => {
    const world = createWorld(start);
    beforeAll(world.begin);
    afterAll(world.end);
    beforeEach(() => world.believe());
    describe('logins', () => loginCases(world));
    describe('topics', () => topicCases(world));
  });
}
