import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Certificates, makeCertificates } from '../../test/services/certificates.ts';
import { type EmbeddedBroker, startEmbeddedBroker } from '../adapters/embedded/broker/start.ts';
import type { DeviceCredentials } from '../ports/device-credentials.ts';
import { createClosing } from './closing.ts';
import { readConfig } from './config.ts';
import { openDeviceLink } from './device-link.ts';
import { describeFailure } from './failure.ts';
import { BadSetting } from './settings/read.ts';

const logger = pino({ level: 'silent' });
const noDevices: DeviceCredentials = {
  add: async () => undefined,
  verify: async () => null,
  revoke: async () => undefined,
};

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

it('names MQTT_URL when the broker does not answer, without the login, and leaves nothing behind', async () => {
  // given a server that takes connections and says nothing
  const silent = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
  onTestFinished(() => void silent.close());
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const config = readConfig({ MQTT_URL: `mqtt://cloud:hidden@127.0.0.1:${port}` });
  const closing = createClosing(logger);
  // when
  const refusal: unknown = await openDeviceLink(config, noDevices, logger, closing, 100).catch(
    (error: unknown) => error,
  );
  await closing.closeAll();
  // then
  expect(refusal).toBeInstanceOf(BadSetting);
  expect(refusal).toMatchObject({ setting: 'MQTT_URL' });
  expect(String(refusal)).toContain(`127.0.0.1:${port}`);
  expect(String(refusal)).not.toContain('hidden');
});

describe('an outside broker that refuses at the start', () => {
  let folder: string;
  let broker: EmbeddedBroker;
  let certificates: Certificates;
  let tls: Server;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lifo4-link-'));
    certificates = await makeCertificates(folder, 'IP:127.0.0.1');
    const [cert, key] = await Promise.all(
      [certificates.certificate, certificates.key].map((path) => readFile(path)),
    );
    tls = createTlsServer({ cert, key }, (socket) => socket.on('error', () => undefined)).listen(
      0,
      '127.0.0.1',
    );
    await once(tls, 'listening');
    const cloud = { username: 'cloud', password: 'the right one' };
    broker = await startEmbeddedBroker({ credentials: noDevices, cloud, logger, host: '127.0.0.1', port: 0 });
  });
  afterAll(async () => {
    await broker.close();
    tls.close();
    await rm(folder, { recursive: true, force: true });
  });

  it.each([
    [
      'a wrong password',
      () => `mqtt://cloud:hidden@127.0.0.1:${broker.port}`,
      /^MQTT_URL: .*refuses the login/,
    ],
    [
      'no TLS',
      () => `mqtts://cloud:hidden@127.0.0.1:${broker.port}`,
      /^MQTT_URL: .*speak TLS\? If not, write mqtt:/,
    ],
    [
      'an issuer that nobody named',
      () => `mqtts://cloud:hidden@127.0.0.1:${portOf(tls)}`,
      /^LIFO4_BROKER_CA: /,
    ],
  ])('is told of with the fix: %s', async (_, url, told) => {
    const closing = createClosing(logger);
    const opening = openDeviceLink(readConfig({ MQTT_URL: url() }), noDevices, logger, closing, 1_500);
    const message = await opening.then(() => 'nothing', describeFailure);
    await closing.closeAll();
    expect(message).toMatch(told);
    expect(message).not.toContain('hidden');
  });
});

it('names NATS_URL when the server does not answer, without the login', async () => {
  const gone = createServer().listen(0, '127.0.0.1');
  await once(gone, 'listening');
  const { port } = gone.address() as AddressInfo;
  gone.close();
  const config = readConfig({
    NATS_URL: `nats://cloud:${'hidden'.repeat(5)}@127.0.0.1:${port}`,
    MQTT_URL: `mqtt://127.0.0.1:${port}`,
  });
  const closing = createClosing(logger);
  const opening = openDeviceLink(config, noDevices, logger, closing, 100);
  const told = await opening.then(() => 'nothing', describeFailure);
  await closing.closeAll();
  expect(told).toMatch(/^NATS at 127\.0\.0\.1:\d+: .*NATS_URL/);
  expect(told).not.toContain('hidden');
});
