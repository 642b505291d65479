import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseAddress } from '../../src/adapters/nats/login.ts';
import { findNatsServer, type NatsService, startNats } from '../services/nats.ts';
import { createQuickTrainer } from './quick-trainer.ts';
import { createWorld, type E2eWorld, type NewDevice } from './world.ts';

const binary = await findNatsServer();
const PATIENCE = { timeout: 60_000, interval: 50 } as const;
const TIMEOUT = { timeout: 120_000 };
const SITE = 'bess-nats';

describe.skipIf(binary === null)('the loop over a real NATS server', () => {
  let nats: NatsService;
  let world: E2eWorld;
  let device: NewDevice;

  beforeAll(async () => {
    if (binary === null) throw new Error('no nats-server');
    nats = await startNats(binary);
    const env = { NATS_URL: nats.url, MQTT_URL: nats.mqttUrl };
    world = await createWorld({ env, wrapTrainer: createQuickTrainer });
    await world.addSite(SITE);
    device = await world.addDevice(SITE);
  }, 90_000);

  afterAll(async () => {
    await world.close();
    await nats.close();
  });

  it('trains, ships, and hears the ack through JetStream', TIMEOUT, async () => {
    await world.startDevice(SITE, device);
    await world.jobReaches(await world.retrain(SITE), 'acked');
    await vi.waitFor(async () => {
      expect(await world.call('GET', `/ml/systems/${SITE}/forecast`)).toMatchObject({ version: '1.0.0' });
    }, PATIENCE);
  });

  it('publishes what happened as events', TIMEOUT, async () => {
    const { servers, login } = parseAddress(nats.url);
    const connection = await connect({ servers: [...servers], user: login.user, pass: login.password });
    try {
      const consumer = await jetstream(connection).consumers.get('lifo4-events', {
        filter_subjects: `lifo4.events.deployment.${SITE}.DeploymentOffered`,
      });
      const event = (await consumer.next({ expires: 10_000 }))?.json<{ data: Record<string, unknown> }>();
      expect(event).toMatchObject({ specversion: '1.0', system: SITE, tenant: 'acme' });
      // In percent, as everywhere outside.
      expect(event?.data['accuracy']).toMatchObject({ mape: expect.closeTo(5, -1) });
    } finally {
      await connection.close();
    }
  });

  it('survives a server that comes back without its store', TIMEOUT, async () => {
    await nats.stop();
    await nats.clearStore();
    const job = await world.retrain(SITE, { forceRedeploy: true });
    await world.jobReaches(job, 'deployed');
    await nats.start();
    await world.jobReaches(job, 'acked');
  });
});
