import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { MAX_MESSAGE_BYTES } from '../../src/ota/topics.ts';
import { createQuickTrainer } from './quick-trainer.ts';
import { createWorld, type E2eWorld, type NewDevice } from './world.ts';

/** What the embedded broker keeps out: nothing of it is lost from sight. */

const PATIENCE = { timeout: 30_000, interval: 20 };

let world: E2eWorld;
let device: NewDevice;
beforeAll(async () => {
  world = await createWorld({ wrapTrainer: createQuickTrainer });
  await world.call('PUT', '/systems/bess-456', { zone: 'America/Sao_Paulo' });
  device = await world.addDevice('bess-456');
}, 120_000);
afterAll(() => world.close());

async function connect(more: Partial<IClientOptions> = {}): Promise<MqttClient> {
  const { deviceId, secret } = device;
  const login = { clientId: deviceId, username: deviceId, password: secret, ...more };
  const client = await connectAsync(world.cloud.mqttUrl, {
    protocolVersion: 4,
    reconnectPeriod: 0,
    ...login,
  });
  return client.on('error', () => undefined);
}

async function dropped(): Promise<Record<string, number>> {
  const text = await (await fetch(`${world.cloud.url}/metrics`)).text();
  const lines = text.matchAll(/^lifo4_device_link_dropped_total\{what="([^"]+)"\} (\d+)$/gm);
  return Object.fromEntries([...lines].map(([, what = '', count]) => [what, Number(count)]));
}

it('counts refused logins, publishes and subscriptions, and packets that are too large', async () => {
  await expect(connect({ password: 'not the secret' })).rejects.toThrow();
  const client = await connect();
  await client.publishAsync('lifo4/bess-457/telemetry', '{}', { qos: 1 });
  await expect(client.subscribeAsync('lifo4/+/ml/model', { qos: 0 })).rejects.toThrow();
  const gone = new Promise<void>((resolve) => {
    client.once('close', () => resolve());
  });
  client.publish('lifo4/bess-456/telemetry', Buffer.alloc(MAX_MESSAGE_BYTES + 4096), { qos: 1 });
  await gone;
  client.end(true);
  await vi.waitFor(
    async () =>
      expect(await dropped()).toEqual({
        ...{ login: 1, publish: 1, subscription: 1, oversize: 1 },
        ...{ 'message-given-up': 0, 'foreign-topic': 0 },
      }),
    PATIENCE,
  );
});
