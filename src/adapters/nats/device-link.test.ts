import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { connectAsync } from 'mqtt';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { deviceLinkContract } from '../../../test/contracts/device-link.ts';
import {
  findNatsServer,
  type NatsService,
  type NatsSettings,
  startNats,
} from '../../../test/services/nats.ts';
import { CloudLinkRefused } from '../../ports/cloud-link.ts';
import { PublisherClosed } from '../../ports/retained-publisher.ts';
import { createMqttDeviceClient } from '../mqtt/device-client.ts';
import { createMqttPublisher } from '../mqtt/publisher.ts';
import { createNatsDeviceLink } from './device-link.ts';
import { NatsUnfit } from './errors.ts';

const logger = pino({ level: process.env['LOG_LEVEL'] ?? 'silent' });
const backoff = { firstMs: 20, longestMs: 200 };
const sites = ['site-a', 'site-b'] as const;
const binary = await findNatsServer();

function openLink(nats: NatsService, options: { publishTimeoutMs?: number; startTimeoutMs?: number } = {}) {
  const publisher = createMqttPublisher({
    url: nats.mqttUrl,
    ...nats.cloud,
    node: 'test',
    logger,
    backoff,
    ...options,
  });
  return createNatsDeviceLink({
    url: nats.url,
    node: 'test',
    logger,
    publisher,
    reconnectMs: 50,
    ...options,
  });
}

function openDevice(nats: NatsService, systemId: string, secret = `secret of ${systemId}`) {
  const { mqttUrl: url } = nats;
  return createMqttDeviceClient({
    url,
    deviceId: `device-of-${systemId}`,
    secret,
    systemId,
    logger,
    backoff,
  });
}

if (binary === null) {
  describe.skip('device link: NATS (no nats-server here, and no Go to install it)', () => undefined);
} else {
  deviceLinkContract('NATS', async () => {
    const nats = await startNats(binary, { sites });
    return {
      sites,
      openLink: (options) => openLink(nats, options),
      openDevice: (systemId, secret) => openDevice(nats, systemId, secret),
      mqttUrl: () => nats.mqttUrl,
      secretOf: (systemId) => `secret of ${systemId}`,
      stopBroker: nats.stop,
      startBroker: nats.start,
      close: nats.close,
    };
  });
}

describe.runIf(binary !== null)('device link on NATS', () => {
  async function start(settings: NatsSettings = { sites }): Promise<NatsService> {
    const nats = await startNats(binary ?? '', settings);
    onTestFinished(() => nats.close());
    return nats;
  }

  it.each([
    ['JetStream is off', 'jetstream-off', { lacks: 'jetstream' }],
    ['the MQTT listener is off', 'mqtt-off', { lacks: 'mqtt' }],
  ] as const)('says at the start that %s, and which setting to change', async (_name, failure, settings) => {
    const nats = await start(settings);
    const refusal = await openLink(nats, { startTimeoutMs: 1_000 }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(NatsUnfit);
    expect(refusal).toMatchObject({ failure });
    expect(String(refusal)).not.toContain(nats.cloud.password);
  });

  it('says at the start that the server is too old', async () => {
    const old = createServer((socket) => {
      socket.write(
        'INFO {"server_id":"x","version":"2.10.27","proto":1,"max_payload":1048576,"jetstream":true}\r\n',
      );
      socket.on('data', (data) => {
        if (data.includes('PING')) socket.write('PONG\r\n');
      });
      socket.on('error', () => undefined);
    });
    onTestFinished(() => {
      old.close();
    });
    old.listen(0, '127.0.0.1');
    await once(old, 'listening');
    const { port } = old.address() as AddressInfo;
    const nats = await start();
    await expect(openLink({ ...nats, url: `nats://127.0.0.1:${port}` })).rejects.toMatchObject({
      failure: 'too-old',
    });
  });

  it('says at the start that the server does not answer, or refuses the login', async () => {
    const nats = await start();
    const wrong = { ...nats, url: nats.url.replace(nats.cloud.password, 'wrong') };
    await expect(openLink(wrong)).rejects.toMatchObject({ failure: 'login-refused' });
    await nats.stop();
    await expect(openLink(nats, { startTimeoutMs: 500 })).rejects.toMatchObject({ failure: 'unreachable' });
  });

  it('says so when something takes the connection and never greets', async () => {
    const mute = createServer((socket) => {
      socket.on('error', () => undefined);
      onTestFinished(() => void socket.destroy());
    });
    onTestFinished(() => void mute.close());
    mute.listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const { port } = mute.address() as AddressInfo;
    const nats = await start();
    const silent = { ...nats, url: `nats://127.0.0.1:${port}` };
    await expect(openLink(silent, { startTimeoutMs: 300 })).rejects.toMatchObject({ failure: 'unreachable' });
  });

  it('closes the publisher when it cannot be made, so that nothing keeps the process alive', async () => {
    const nats = await start({ lacks: 'jetstream' });
    const publisher = createMqttPublisher({
      url: nats.mqttUrl,
      ...nats.cloud,
      node: 'test',
      logger,
      backoff,
    });
    const opening = createNatsDeviceLink({ url: nats.url, node: 'test', logger, publisher });
    await expect(opening).rejects.toMatchObject({ failure: 'jetstream-off' });
    await expect(publisher.publish('lifo4/site-a/ml/model', null)).rejects.toThrow(PublisherClosed);
  });

  it('reads on after the server lost everything it kept', async () => {
    const nats = await start();
    const cloud = await openLink(nats);
    onTestFinished(() => cloud.close());
    const heard: string[] = [];
    await cloud.onUplink(async ({ payload }) => {
      heard.push(Buffer.from(payload).toString());
    });
    const device = openDevice(nats, 'site-a');
    onTestFinished(() => device.close());
    device.start();
    await device.publish('ack', Buffer.from('before'));
    await expect.poll(() => heard, { timeout: 10_000 }).toContain('before');

    await nats.stop();
    await nats.clearStore();
    await nats.start();
    await expect
      .poll(
        async () => {
          await device.publish('ack', Buffer.from('after'));
          return heard;
        },
        { timeout: 20_000, interval: 200 },
      )
      .toContain('after');
  });

  it('tells a device that it may not read what it asks for', async () => {
    const nats = await start();
    const login = { deviceId: 'device-of-site-a', secret: 'secret of site-a' };
    const astray = createMqttDeviceClient({
      url: nats.mqttUrl,
      ...login,
      systemId: 'site-b',
      logger,
      backoff,
    });
    onTestFinished(() => astray.close());
    const reasons: (Error | null)[] = [];
    astray.onDisconnected((reason) => reasons.push(reason));
    astray.start();
    await expect.poll(() => reasons[0], { timeout: 10_000 }).toBeInstanceOf(CloudLinkRefused);
  });

  it('acknowledges and drops what a device says for another site', async () => {
    const nats = await start();
    const cloud = await openLink(nats);
    onTestFinished(() => cloud.close());
    const heard: string[] = [];
    await cloud.onUplink(async ({ systemId, payload }) => {
      heard.push(`${systemId} ${Buffer.from(payload)}`);
    });
    const login = {
      clientId: 'device-of-site-a',
      username: 'device-of-site-a',
      password: 'secret of site-a',
    };
    const liar = await connectAsync(nats.mqttUrl, { protocolVersion: 4, ...login });
    await liar.publishAsync('lifo4/site-b/ml/model/ack', 'lie', { qos: 1 });
    await liar.endAsync();
    const honest = openDevice(nats, 'site-a');
    onTestFinished(() => honest.close());
    honest.start();
    await honest.publish('ack', Buffer.from('truth'));
    await expect.poll(() => heard, { timeout: 10_000 }).toEqual(['site-a truth']);
  });
});
