import { pino } from 'pino';
import { deviceAccessContract } from '../../../../test/contracts/device-access.ts';
import { startEmbeddedBroker } from './start.ts';

const logger = pino({ level: process.env['LOG_LEVEL'] ?? 'silent' });

deviceAccessContract('embedded broker', async (credentials) => {
  const cloud = { username: '@cloud', password: 'cloud secret' };
  const broker = await startEmbeddedBroker({ credentials, cloud, logger });
  return {
    url: broker.url,
    cloud,
    disconnect: async (deviceId) => broker.disconnect(deviceId),
    close: () => broker.close(),
  };
});
