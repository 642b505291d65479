import { pino } from 'pino';
import { deviceLinkContract } from '../../../test/contracts/device-link.ts';
import type { DeviceCredentials, DeviceIdentity } from '../../ports/device-credentials.ts';
import { type EmbeddedBroker, startEmbeddedBroker } from '../embedded/broker/start.ts';
import { createMqttDeviceClient } from './device-client.ts';
import { createMqttDeviceLink } from './device-link.ts';

const logger = pino({ level: process.env['LOG_LEVEL'] ?? 'silent' });
const backoff = { firstMs: 20, longestMs: 200 };
const cloud = { username: '@cloud', password: 'cloud secret' };
const sites = ['site-a', 'site-b'] as const;

const credentials: DeviceCredentials = {
  add: async () => undefined,
  revoke: async () => undefined,
  verify: async (deviceId, secret): Promise<DeviceIdentity | null> => {
    const systemId = sites.find((site) => deviceId === `device-of-${site}` && secret === `secret of ${site}`);
    return systemId === undefined ? null : { deviceId, systemId, tenant: 'acme' };
  },
};

deviceLinkContract('MQTT over the embedded broker', async () => {
  const startBroker = (port = 0) => startEmbeddedBroker({ credentials, cloud, logger, port });
  let broker: EmbeddedBroker = await startBroker();
  const { url, port } = broker;
  return {
    sites,
    openLink: async (options) =>
      createMqttDeviceLink({ url, ...cloud, node: 'test', logger, backoff, ...options }),
    openDevice: (systemId, secret = `secret of ${systemId}`) =>
      createMqttDeviceClient({ url, deviceId: `device-of-${systemId}`, secret, systemId, logger, backoff }),
    mqttUrl: () => url,
    secretOf: (systemId) => `secret of ${systemId}`,
    stopBroker: () => broker.close(),
    startBroker: async () => {
      broker = await startBroker(port);
    },
    close: () => broker.close(),
  };
});
