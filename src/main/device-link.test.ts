import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
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
