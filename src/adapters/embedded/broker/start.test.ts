import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { MAX_MESSAGE_BYTES } from '../../../ota/topics.ts';
import type { DeviceCredentials, DeviceIdentity } from '../../../ports/device-credentials.ts';
import { BrokerPortTaken, type EmbeddedBroker, startEmbeddedBroker } from './start.ts';

const logger = pino({ level: 'silent' });
const cloud = { username: '@cloud', password: 'cloud secret' };
const device: DeviceIdentity = { deviceId: 'dev-1', systemId: 'bess-456', tenant: 'acme' };
const soon = { timeout: 10_000, interval: 20 };

let broker: EmbeddedBroker;
let verify: DeviceCredentials['verify'];

beforeEach(async () => {
  verify = async (deviceId, secret) => (deviceId === device.deviceId && secret === 'right' ? device : null);
  const credentials: DeviceCredentials = {
    add: async () => undefined,
    revoke: async () => undefined,
    verify: (deviceId, secret) => verify(deviceId, secret),
  };
  broker = await startEmbeddedBroker({ credentials, cloud, logger });
});
afterEach(() => broker.close());

async function connect(options: IClientOptions): Promise<MqttClient> {
  const client = await connectAsync(broker.url, { protocolVersion: 4, reconnectPeriod: 0, ...options });
  client.on('error', () => undefined);
  onTestFinished(() => {
    client.end(true);
  });
  return client;
}

const asDevice = (options: IClientOptions = {}) =>
  connect({ clientId: 'dev-1', username: 'dev-1', password: 'right', ...options });
const asCloud = (options: IClientOptions = {}) => connect({ clientId: '@cloud-test', ...cloud, ...options });

function closed(client: MqttClient): Promise<void> {
  return new Promise((resolve) => {
    client.once('close', resolve);
  });
}

async function hear(client: MqttClient, filter: string): Promise<string[]> {
  const heard: string[] = [];
  client.on('message', (topic, payload) => heard.push(`${topic} ${payload}`));
  await client.subscribeAsync(filter, { qos: 1 });
  return heard;
}

it('does not warn of connections that end with it', async () => {
  const told: { readonly level: number; readonly msg: string }[] = [];
  const watched = await startEmbeddedBroker({
    credentials: { add: async () => undefined, revoke: async () => undefined, verify },
    cloud,
    logger: pino({}, { write: (line) => told.push(JSON.parse(line)) }),
  });
  const client = await connectAsync(watched.url, { clientId: '@cloud-gone', ...cloud, reconnectPeriod: 0 });
  client.on('error', () => undefined);
  await watched.close();
  expect(told.filter(({ level }) => level > 30)).toEqual([]);
});

describe('who may connect', () => {
  it.each([
    ['a wrong secret', { password: 'wrong' }],
    ['an unknown device', { username: 'dev-2', clientId: 'dev-2' }],
    ['a client id that is not the device id', { clientId: 'dev-2' }],
    ['no login', { username: '', password: '' }],
    ['a client id from the object prototype', { username: '__proto__', clientId: '__proto__' }],
  ])('refuses %s', async (_name, options) => {
    await expect(asDevice(options)).rejects.toMatchObject({ code: 5 });
    expect(broker.counts()).toMatchObject({ clients: 0, refusedConnections: 1 });
  });

  it('refuses the cloud with a wrong password or under a name that a device could have', async () => {
    await expect(asCloud({ password: 'wrong' })).rejects.toMatchObject({ code: 5 });
    await expect(asCloud({ clientId: 'dev-1' })).rejects.toMatchObject({ code: 5 });
  });

  it('says that it cannot check when the records cannot be read', async () => {
    verify = async () => {
      throw new Error('no database');
    };
    await expect(asDevice()).rejects.toMatchObject({ code: 3 });
  });
});

describe('what a device may say and hear', () => {
  it('acknowledges and drops what it may not publish, and counts it', async () => {
    const heard = await hear(await asCloud(), '#');
    const client = await asDevice();
    const forbidden = [
      'lifo4/other/ml/model/ack',
      'lifo4/bess-456/ml/model',
      'lifo4/bess-456/ml/config',
      'elsewhere',
      '$SYS/x',
    ];
    for (const topic of forbidden) await client.publishAsync(topic, 'x', { qos: 1, retain: true });
    await client.publishAsync('lifo4/bess-456/ml/model/ack', 'allowed', { qos: 1 });
    await expect.poll(() => heard, soon).toEqual(['lifo4/bess-456/ml/model/ack allowed']);
    expect(broker.counts().refusedPublishes).toBe(forbidden.length);

    const later = await hear(await asCloud({ clientId: '@cloud-later' }), '#');
    await client.publishAsync('lifo4/bess-456/telemetry', 'last', { qos: 1 });
    await expect.poll(() => later, soon).toEqual(['lifo4/bess-456/telemetry last']);
  });

  it('refuses every subscription but to its own downlink, wildcards included', async () => {
    const client = await asDevice();
    for (const filter of [
      '#',
      '+/+/ml/model',
      'lifo4/other/ml/model',
      'lifo4/bess-456/#',
      '$SYS/#',
      '$refused',
    ]) {
      await expect(client.subscribeAsync(filter, { qos: 0 })).rejects.toMatchObject({
        packet: { granted: [0x80] },
      });
    }
    expect(broker.counts().refusedSubscriptions).toBe(6);
    await client.subscribeAsync(['lifo4/bess-456/ml/model', 'lifo4/bess-456/ml/alert'], { qos: 0 });
  });
});

describe('what does not fit', () => {
  it('takes a message of the largest size and ends the connection of a larger one', async () => {
    const heard = await hear(await asCloud(), 'lifo4/#');
    const client = await asDevice();
    await client.publishAsync('lifo4/bess-456/telemetry', Buffer.alloc(MAX_MESSAGE_BYTES, 'x'), { qos: 1 });
    await expect.poll(() => heard.length, soon).toBe(1);
    const gone = closed(client);
    client.publish('lifo4/bess-456/telemetry', Buffer.alloc(MAX_MESSAGE_BYTES + 1, 'x'), { qos: 1 });
    await gone;
    expect(broker.counts().oversizePackets).toBe(1);
  });

  it.each([
    ['an announced giant', [0x10, 0xff, 0xff, 0xff, 0x7f]],
    ['a length without end', [0x10, 0x80, 0x80, 0x80, 0x80, 0x80]],
    ['another protocol', [...Buffer.from('GET / HTTP/1.1\r\n\r\n')]],
  ])('ends a connection with %s at once', async (_name, bytes) => {
    const socket = connectSocket(broker.port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(Buffer.from(bytes));
    await once(socket, 'close');
    expect((await asDevice()).connected).toBe(true);
  });

  it('survives topics of a thousand levels', async () => {
    const client = await asDevice();
    const gone = closed(client);
    client.publish('a/'.repeat(1000), 'x', { qos: 1 });
    await gone;
    expect((await asDevice()).connected).toBe(true);
  });

  it('says that its port is taken', async () => {
    const { port } = broker;
    const credentials: DeviceCredentials = {
      add: async () => undefined,
      revoke: async () => undefined,
      verify: async () => null,
    };
    await expect(startEmbeddedBroker({ credentials, cloud, logger, port })).rejects.toThrow(BrokerPortTaken);
  });

  it('closes although a connection never said anything', async () => {
    const socket = connectSocket(broker.port, '127.0.0.1');
    await once(socket, 'connect');
    const gone = once(socket, 'close');
    await broker.close();
    await gone;
  });
});
