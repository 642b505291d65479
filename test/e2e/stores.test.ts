import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findInflux, type InfluxService, startInflux } from '../services/influx.ts';
import { findMinio, type MinioService, startMinio } from '../services/minio.ts';
import { createQuickTrainer } from './quick-trainer.ts';
import { createWorld, type E2eWorld } from './world.ts';

/** A site's job on MinIO, InfluxDB and CCEE's prices, with the object store away in the middle of it. */

const programs = { minio: await findMinio(), influx: await findInflux() };
const here = programs.minio !== null && programs.influx !== null;
const TIMEOUT = { timeout: 180_000 };
const PATIENCE = { timeout: 90_000, interval: 50 };

describe.skipIf(!here)("a cloud on the operators' own stores", () => {
  let minio: MinioService;
  let influx: InfluxService;
  let world: E2eWorld;
  const trainer = createQuickTrainer();

  beforeAll(async () => {
    minio = await startMinio(programs.minio ?? '');
    influx = await startInflux(programs.influx ?? '');
    const { url, token, org, bucket } = influx.login;
    world = await createWorld({
      wrapTrainer: () => trainer,
      env: {
        S3_ENDPOINT: minio.endpoint,
        S3_ACCESS_KEY: minio.accessKey,
        S3_SECRET_KEY: minio.secretKey,
        ...{ INFLUX_URL: url, INFLUX_TOKEN: token, INFLUX_ORG: org, INFLUX_BUCKET: bucket },
        INFLUX_MEASUREMENT: `e2e ${Date.now()}`,
      },
    });
  });
  afterAll(async () => {
    await world.close();
    await Promise.all([minio.close(), influx.close()]);
  });

  it('collects, stores, ships and forecasts', TIMEOUT, async () => {
    await world.addSite('bess-456');
    const device = await world.addDevice('bess-456');
    await world.startDevice('bess-456', device);
    const job = await world.retrain('bess-456');
    await world.jobReaches(job, 'acked');
    await vi.waitFor(async () => {
      const { hours } = await world.call('GET', '/ml/systems/bess-456/forecast');
      expect(hours).toHaveLength(48);
    }, PATIENCE);
    const copy = await world.cloud.cloud.forecasts.latest('bess-456');
    expect(copy?.hours).toHaveLength(48);
  });

  it('does not lose a job while the object store is away', TIMEOUT, async () => {
    await world.addSite('bess-457');
    await minio.stop();
    const job = await world.retrain('bess-457');
    await vi.waitFor(async () => {
      const response = await fetch(`${world.cloud.url}/readyz`);
      expect(response.status).toBe(503);
      expect(await response.text()).toContain('object-store');
    }, PATIENCE);
    await minio.start();
    await world.jobReaches(job, 'kept');
  });

  it('says in the job what is wrong with the telemetry of a site', TIMEOUT, async () => {
    await world.call('PUT', '/systems/bess-458', { zone: 'America/Sao_Paulo' });
    const job = await world.retrain('bess-458');
    await world.jobReaches(job, 'failed');
    const status = await world.call('GET', `/ml/training-jobs/${job}`);
    expect(JSON.stringify(status)).toMatch(/no point of .* has system_id=bess-458 .* bess-456, bess-457/);
  });
});
