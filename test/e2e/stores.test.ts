import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { decodeDataSet } from '../../src/forecasting/data-set.ts';
import { findInflux, type InfluxService, startInflux } from '../services/influx.ts';
import { findMinio, type MinioService, startMinio } from '../services/minio.ts';
import { createQuickTrainer } from './quick-trainer.ts';
import { createWorld, type E2eWorld } from './world.ts';

/** A site's job on MinIO, InfluxDB and CCEE's prices, with the object store away in the middle of it. */

const programs = { minio: await findMinio(), influx: await findInflux() };
const here = programs.minio !== null && programs.influx !== null;
const TIMEOUT = { timeout: 180_000 };
const PATIENCE = { timeout: 90_000, interval: 50 };

const DAY_MS = 86_400_000;

/** A year of prices: the day of the month, and the hour as cents. */
function pldOf(year: number): string {
  const rows = ['MES_REFERENCIA;SUBMERCADO;PERIODO_COMERCIALIZACAO;DIA;HORA;PLD_HORA'];
  for (let day = Date.UTC(year, 0, 1); day < Date.UTC(year + 1, 0, 1); day += DAY_MS) {
    const [, month = '', date = ''] = new Date(day).toISOString().slice(0, 10).split('-');
    for (let hour = 0; hour < 24; hour += 1)
      rows.push(
        `${year}${month};SUDESTE;${(Number(date) - 1) * 24 + hour + 1};${Number(date)};${hour};${Number(date)},${String(hour).padStart(2, '0')}`,
      );
  }
  return rows.join('\n');
}

describe.skipIf(!here)("a cloud on the operators' own stores", () => {
  let minio: MinioService;
  let influx: InfluxService;
  let world: E2eWorld;
  let folder: string;
  const trainer = createQuickTrainer();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lifo4-e2e-pld-'));
    await writeFile(join(folder, 'pld.csv'), pldOf(2026));
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
        CCEE_PLD: join(folder, 'pld.csv'),
      },
    });
  });
  afterAll(async () => {
    await world.close();
    await Promise.all([minio.close(), influx.close(), rm(folder, { recursive: true, force: true })]);
  });

  it('collects, stores, ships and forecasts', TIMEOUT, async () => {
    await world.addSite('bess-456');
    await world.call('PUT', '/systems/bess-456', { zone: 'America/Sao_Paulo', ibgeCode: '3550308' });
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

  it('trains on prices that were known, and none besides', async () => {
    const { items } = await world.call('GET', '/ml/training-jobs?systemId=bess-456');
    const [{ jobId }] = items as [{ jobId: string }];
    const facts = await world.cloud.cloud.log.readStream(`training-job-${jobId}`);
    const collected = facts.flatMap(
      ({ fact }) => (fact.data as { dataSet?: { checksum: string; to: string } }).dataSet ?? [],
    );
    const [dataSet] = collected;
    if (dataSet === undefined) throw new Error('no data were collected');
    const { outlook } = decodeDataSet(await world.cloud.cloud.artifacts.get(dataSet.checksum));
    const days = outlook?.price ?? [];
    expect(days.length).toBeGreaterThan(90);
    // At 12:00 UTC, the prices of the day after are not public yet.
    expect(Math.max(...days.map(({ issuedAt }) => issuedAt))).toBe(Date.parse('2026-10-14T23:00:00Z'));
    expect(days.at(-1)?.start).toBe(Date.parse('2026-10-15T03:00:00Z'));
    expect(days.at(-1)?.values[13]).toBe(15.13);
  });

  it('streams any part of a model from the object store, and says when it is away', TIMEOUT, async () => {
    const address = `${world.cloud.url}/models/bess-456/v1.0.0.onnx`;
    const ask = (headers: Record<string, string> = {}) =>
      fetch(address, { headers: { authorization: `Bearer ${world.token}`, ...headers } });
    const whole = Buffer.from(await (await ask()).arrayBuffer());
    const part = await ask({ range: 'bytes=100-299' });
    expect(part.status).toBe(206);
    expect(part.headers.get('content-range')).toBe(`bytes 100-299/${whole.length}`);
    expect(Buffer.from(await part.arrayBuffer()).equals(whole.subarray(100, 300))).toBe(true);
    await minio.stop();
    const refused = await ask();
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).not.toBeNull();
    await minio.start();
    expect((await ask()).status).toBe(200);
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
