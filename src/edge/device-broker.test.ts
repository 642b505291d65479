import { exportJWK, generateKeyPair } from 'jose';
import { pino } from 'pino';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createSite, goodModel, soon } from '../../test/edge/site-under-test.ts';
import { startEmbeddedBroker } from '../adapters/embedded/broker/start.ts';
import { createMqttDeviceClient } from '../adapters/mqtt/device-client.ts';
import { createMqttDeviceLink } from '../adapters/mqtt/device-link.ts';
import { parseUplink } from '../ota/messages.ts';
import type { UplinkMessage } from '../ports/device-link.ts';

it('given a real broker and keys as JWK, when a model is retained before the device comes, then its ack arrives', async () => {
  const logger = pino({ level: 'silent' });
  const site = await createSite();
  onTestFinished(() => site.close());
  const login = { username: '@cloud', password: 'cloud secret' };
  const device = { deviceId: 'dev-1', systemId: 'bess-456', tenant: 'acme' };
  const credentials = {
    add: async () => undefined,
    revoke: async () => undefined,
    verify: async (deviceId: string, secret: string) =>
      deviceId === device.deviceId && secret === 'a secret' ? device : null,
  };
  const broker = await startEmbeddedBroker({ credentials, cloud: login, logger });
  onTestFinished(() => broker.close());
  const link = createMqttDeviceLink({ url: broker.url, ...login, node: 'test', logger });
  onTestFinished(() => link.close());
  const heard: UplinkMessage[] = [];
  await link.onUplink(async (message) => {
    heard.push(message);
  });

  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(publicKey);
  await site.offer(1, goodModel(1), {}, { kid: 'k2', key: await exportJWK(privateKey) });
  await link.publishDesired('bess-456', site.broker.desired ?? null);
  await site.start({
    keys: new Map([['k2', jwk]]),
    link: createMqttDeviceClient({
      url: broker.url,
      deviceId: 'dev-1',
      secret: 'a secret',
      systemId: 'bess-456',
      logger,
    }),
  });

  await vi.waitFor(() => {
    const acks = heard.filter(({ kind }) => kind === 'ack').map(({ payload }) => parseUplink('ack', payload));
    expect(acks).toMatchObject([{ status: 'active', version: '1.1.0' }]);
    const forecasts = heard.filter(({ kind }) => kind === 'forecast');
    expect(forecasts.map(({ payload }) => parseUplink('forecast', payload).version)).toContain('1.1.0');
    const states = heard.filter(({ kind }) => kind === 'state');
    expect(parseUplink('state', states.at(-1)?.payload ?? new Uint8Array())).toMatchObject({
      state: 'watching',
      historyHours: 720,
    });
  }, soon);
});
