import { connect } from '@nats-io/transport-node';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { deviceAccessContract } from '../../../test/contracts/device-access.ts';
import { findNatsServer, startNats } from '../../../test/services/nats.ts';
import { openNatsDeviceAuth } from './device-auth.ts';

const logger = pino({ level: process.env['LOG_LEVEL'] ?? 'silent' });
const binary = await findNatsServer();

if (binary === null) {
  describe.skip('device access: NATS (no nats-server here, and no Go to install it)', () => undefined);
} else {
  deviceAccessContract('NATS', async (credentials) => {
    const nats = await startNats(binary);
    const auth = await openNatsDeviceAuth({ url: nats.url, node: 'test', credentials, logger });
    return {
      url: nats.mqttUrl,
      cloud: nats.cloud,
      disconnect: auth.disconnect,
      close: async () => {
        await auth.close();
        await nats.close();
      },
    };
  });
}

describe.runIf(binary !== null)('device access on NATS', () => {
  it('refuses a device’s credential on the NATS port', async () => {
    const nats = await startNats(binary ?? '', { sites: ['site-a'] });
    onTestFinished(() => nats.close());
    const login = { user: 'device-of-site-a', pass: 'secret of site-a', reconnect: false };
    const servers = new URL(nats.url).host;
    await expect(connect({ servers, ...login })).rejects.toThrow(/authorization/i);
    await expect(connect({ servers })).rejects.toThrow(/authorization/i);
  });

  it('says at the start that the server does not ask the cloud', async () => {
    const nats = await startNats(binary ?? '', { lacks: 'callout' });
    onTestFinished(() => nats.close());
    const credentials = { verify: async () => null };
    const opening = openNatsDeviceAuth({ url: nats.url, node: 'test', credentials, logger });
    await expect(opening).rejects.toMatchObject({ failure: 'callout-off' });
  });

  it('says at the start that the password is none that we made', async () => {
    const credentials = { verify: async () => null };
    const url = 'nats://cloud:short@127.0.0.1:4222';
    const opening = openNatsDeviceAuth({ url, node: 'test', credentials, logger });
    await expect(opening).rejects.toMatchObject({ failure: 'callout-off' });
  });
});
