import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { MAX_MESSAGE_BYTES } from '../../src/ota/topics.ts';
import { findNatsServer, type NatsService, startNats } from '../services/nats.ts';
import { createQuickTrainer } from './quick-trainer.ts';
import { createWorld, type E2eWorld, type NewDevice } from './world.ts';

const binary = await findNatsServer();
const PATIENCE = { timeout: 30_000, interval: 50 } as const;
const SITE = 'bess-faults';

interface Desired {
  readonly deploymentId: string;
  readonly assignment: number;
  readonly version: string;
}

describe.skipIf(binary === null)('what a faulty device says over NATS', { timeout: 60_000 }, () => {
  let nats: NatsService;
  let world: E2eWorld;
  let device: NewDevice;
  let client: MqttClient;
  const offered: Desired[] = [];

  const connect = async (): Promise<MqttClient> => {
    const login = { clientId: device.deviceId, username: device.deviceId, password: device.secret };
    const options = { protocolVersion: 4, reconnectPeriod: 0, ...login } as const;
    const connected = await connectAsync(nats.mqttUrl, options);
    return connected.on('error', () => undefined);
  };

  beforeAll(async () => {
    nats = await startNats(binary ?? '');
    const env = { NATS_URL: nats.url, MQTT_URL: nats.mqttUrl };
    world = await createWorld({ env, wrapTrainer: createQuickTrainer });
    await world.addSite(SITE);
    device = await world.addDevice(SITE);
    client = await connect();
    client.on('message', (_topic, payload) => {
      if (payload.length > 0) offered.push(JSON.parse(payload.toString()));
    });
    await client.subscribeAsync(`lifo4/${SITE}/ml/model`, { qos: 0 });
    await world.jobReaches(await world.retrain(SITE), 'deployed');
    await vi.waitFor(() => expect(offered).not.toHaveLength(0), PATIENCE);
  }, 120_000);

  afterAll(async () => {
    client.end(true);
    await world.close();
    await nats.close();
  });

  const offer = (): Desired => {
    const latest = offered.at(-1);
    if (latest === undefined) throw new Error('nothing was offered');
    return latest;
  };
  const ack = (more: Record<string, unknown> = {}) => {
    const { deploymentId, assignment, version } = offer();
    const answer = { messageId: 'm-1', deviceId: device.deviceId, deploymentId, assignment, version };
    return { ...answer, status: 'active', runningVersion: version, at: new Date().toISOString(), ...more };
  };
  const say = (payload: string | Buffer, path = 'ml/model/ack') =>
    client.publishAsync(`lifo4/${SITE}/${path}`, payload, { qos: 1 });

  async function counted(metric: string): Promise<number> {
    const text = await (await fetch(`${world.cloud.url}/metrics`)).text();
    const line = text.split('\n').find((candidate) => candidate.startsWith(`${metric} `));
    return Number(line?.split(' ').at(-1) ?? 0);
  }
  const refused = (kind: string, reason: string) =>
    counted(`lifo4_uplink_refused_total{kind="${kind}",reason="${reason}"}`);

  async function factsOfDeployment(): Promise<readonly string[]> {
    const facts = await world.cloud.postgres.log.readStream(`deployment-${offer().deploymentId}`);
    return facts.map(({ fact }) => fact.type);
  }

  it('is counted and refused when it is malformed, of another device, or about nothing known', async () => {
    await say('not json');
    await say(Buffer.from([0xff, 0xfe, 0x00]));
    await say(JSON.stringify({ status: 'active' }));
    await say('[]', 'telemetry');
    await say(JSON.stringify(ack({ deviceId: 'dev-of-another-site' })));
    await say(JSON.stringify(ack({ deploymentId: 'no-such-deployment' })));
    await vi.waitFor(async () => {
      expect(await refused('ack', 'malformed')).toBe(3);
      expect(await refused('telemetry', 'malformed')).toBe(1);
      expect(await refused('ack', 'foreign-device')).toBe(1);
      expect(await refused('ack', 'unknown-deployment')).toBe(1);
    }, PATIENCE);
    expect(await factsOfDeployment()).toEqual(['DeploymentOffered']);
  });

  it('is counted when it is too large, and ends the connection when it is far too large', async () => {
    const before = await refused('telemetry', 'malformed');
    await say(Buffer.alloc(MAX_MESSAGE_BYTES + 1, 'x'), 'telemetry');
    await vi.waitFor(async () => expect(await refused('telemetry', 'malformed')).toBe(before + 1), PATIENCE);
    const mad = await connect();
    const gone = new Promise<void>((resolve) => {
      mad.once('close', () => resolve());
    });
    mad.publish(`lifo4/${SITE}/telemetry`, Buffer.alloc(3 * MAX_MESSAGE_BYTES, 'x'), { qos: 1 });
    await gone;
    client = await connect();
  });

  it('is folded once however often it is said, and in whatever order it comes', async () => {
    // The rollback overtakes the activation that it undoes.
    const rollback = JSON.stringify(
      ack({ messageId: 'm-2', status: 'rolledback', runningVersion: null, reason: 'x' }),
    );
    const active = JSON.stringify(ack());
    for (const message of [rollback, active, rollback, active, rollback]) await say(message);
    await vi.waitFor(async () => expect(await counted('lifo4_uplink_repeated_total')).toBe(3), PATIENCE);
    expect(await factsOfDeployment()).toEqual([
      'DeploymentOffered',
      'DeploymentRolledBack',
      'LateAnswerRecorded',
    ]);
  });

  it('is counted when it never gets in: a login with another secret or another’s client id', async () => {
    const dropped = () => counted('lifo4_device_link_dropped_total{what="login"}');
    const before = await dropped();
    const { deviceId, secret } = device;
    for (const login of [
      { clientId: deviceId, username: deviceId, password: 'not the secret' },
      { clientId: 'another-device', username: deviceId, password: secret },
    ]) {
      const options = { protocolVersion: 4, reconnectPeriod: 0, ...login } as const;
      await expect(connectAsync(nats.mqttUrl, options)).rejects.toThrow();
    }
    await vi.waitFor(async () => expect(await dropped()).toBe(before + 2), PATIENCE);
  });

  it('is recorded and changes nothing when it is about an offer that is over', async () => {
    const old = ack({ messageId: 'm-3' });
    client.on('message', (_topic, payload) => {
      if (payload.length > 0) offered.push(JSON.parse(payload.toString()));
    });
    await client.subscribeAsync(`lifo4/${SITE}/ml/model`, { qos: 0 });
    const before = old.deploymentId;
    await world.jobReaches(await world.retrain(SITE, { forceRedeploy: true }), 'deployed');
    await vi.waitFor(() => expect(offer().deploymentId).not.toBe(before), PATIENCE);
    await say(JSON.stringify(ack({ messageId: 'm-4' })));
    await say(JSON.stringify(old));
    await vi.waitFor(async () => {
      const facts = await world.cloud.postgres.log.readStream(`deployment-${before}`);
      expect(facts.filter(({ fact }) => fact.type === 'LateAnswerRecorded')).toHaveLength(2);
    }, PATIENCE);
    await vi.waitFor(
      async () => expect(await factsOfDeployment()).toEqual(['DeploymentOffered', 'DeploymentActivated']),
      PATIENCE,
    );
    expect(await world.cloud.postgres.log.lookup('running-deployment', SITE)).toBe(offer().deploymentId);
  });
});
