import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Cloud, startCloud } from '../../src/main/cloud.ts';
import { findMinio, type MinioService, startMinio } from '../services/minio.ts';
import { findNatsServer, type NatsService, startNats } from '../services/nats.ts';
import { createQuickTrainer } from './quick-trainer.ts';
import { createWorld, type E2eWorld, freePort } from './world.ts';

/** Two cloud nodes over one PostgreSQL, one object store and one NATS server, both with the name they have unasked. */

const programs = { minio: await findMinio(), nats: await findNatsServer() };
const here = programs.minio !== null && programs.nats !== null;
const TIMEOUT = { timeout: 120_000 };
const SITE = 'bess-two';

describe.skipIf(!here)('two cloud nodes', () => {
  let minio: MinioService;
  let nats: NatsService;
  let world: E2eWorld;
  let second: Cloud;
  let secondPort: number;
  const lines: string[] = [];

  beforeAll(async () => {
    [minio, nats] = await Promise.all([startMinio(programs.minio ?? ''), startNats(programs.nats ?? '')]);
    const env = {
      S3_ENDPOINT: minio.endpoint,
      S3_ACCESS_KEY: minio.accessKey,
      S3_SECRET_KEY: minio.secretKey,
      NATS_URL: nats.url,
      MQTT_URL: nats.mqttUrl,
    };
    const port = await freePort();
    // Devices take models from one address only, whichever node offers them.
    const publicUrl = `http://127.0.0.1:${port}`;
    world = await createWorld({ env, config: { port, publicUrl }, wrapTrainer: createQuickTrainer });
    secondPort = await freePort();
    const config = { ...world.config, dataDir: join(world.folder, 'second'), port: secondPort };
    const logger = pino({ level: 'info' }, { write: (line) => void lines.push(line) });
    second = await startCloud(config, logger, { wrapTrainer: createQuickTrainer });
  }, 120_000);
  afterAll(async () => {
    await second.close();
    await world.close();
    await Promise.all([minio.close(), nats.close()]);
  });

  it('do each thing once', TIMEOUT, async () => {
    await world.addSite(SITE);
    await world.startDevice(SITE, await world.addDevice(SITE));
    const job = await world.retrain(SITE);
    await world.jobReaches(job, 'acked');
    const states = await world.statesOf(job);
    expect(states).toEqual([...new Set(states)]);
  });

  it('let each other be at the broker, and end what the other one let in', TIMEOUT, async () => {
    const { deviceId, secret } = await world.addDevice(SITE);
    const login = { clientId: deviceId, username: deviceId, password: secret, protocolVersion: 4 } as const;
    const device = await connectAsync(nats.mqttUrl, { ...login, reconnectPeriod: 0 });
    onTestFinished(() => void device.end(true));
    const ended = new Promise<void>((resolve) => device.once('close', () => resolve()));
    const response = await fetch(
      `http://127.0.0.1:${secondPort}/api/v1/systems/${SITE}/devices/${deviceId}`,
      {
        method: 'DELETE',
        headers: { authorization: `Bearer ${world.token}` },
      },
    );
    expect(response.ok, await response.text()).toBe(true);
    await ended;
    expect(lines.filter((line) => /(lost|cannot connect to) the MQTT broker/.test(line))).toEqual([]);
    await expect(connectAsync(nats.mqttUrl, { ...login, reconnectPeriod: 0 })).rejects.toMatchObject({
      code: 5,
    });
  });
});
