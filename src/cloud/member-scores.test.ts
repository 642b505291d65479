import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { tinyModel } from '../../test/edge/tiny-model.ts';
import { appendModel } from '../../test/http/stories.ts';
import { sampleEvaluation, sampleSettings } from '../../test/sample-facts.ts';
import { memoryArtifacts } from '../../test/services/memory-artifacts.ts';
import { createTestDatabase, type TestDatabase } from '../../test/services/postgres.ts';
import { createStreamActors } from '../actors/stream-actor.ts';
import { createProcessReplayer } from '../adapters/child-process/replayer.ts';
import { openPostgres, type Postgres } from '../adapters/postgres/open.ts';
import { streamId } from '../events/stream-id.ts';
import { noOutlook } from '../forecasting/series.ts';
import { site } from '../machines/site.ts';
import { systemClocks } from '../ports/clocks.ts';
import type { DayReplayer } from '../ports/day-replayer.ts';
import { sitesProjection } from '../projections/sites.ts';
import { keepMemberScores } from './member-scores.ts';

const HOUR_MS = 3_600_000;
const SITE = 'bess-456';
/** 00:00 of 12 January 2026 in São Paulo. */
const MIDNIGHT = Date.parse('2026-01-12T03:00:00Z');
const NOW = new Date(MIDNIGHT + 31 * HOUR_MS);
const PATIENCE = { timeout: 15_000, interval: 50 } as const;
const logger = pino({ level: 'silent' });
const artifacts = memoryArtifacts();
const hour = (n: number): string => new Date(MIDNIGHT + n * HOUR_MS).toISOString();
/** The same load every week, which is what a tiny model of factor 1 forecasts. */
const weekly = (n: number): number => 200 + ((n + 168_000) % 168);

let database: TestDatabase;
let node: Postgres;
let replayer: DayReplayer;

const fileOf = async (modelType: 'linear' | 'lstm' | 'xgboost' | 'ensemble', factor: number) => ({
  modelType,
  artifact: await artifacts.put(tinyModel({ version: '1.0.0', factor })),
  metrics: sampleEvaluation.metrics,
});

beforeAll(async () => {
  database = await createTestDatabase();
  const { connectionString } = database;
  node = await openPostgres({ connectionString, logger, projections: [sitesProjection] });
  replayer = createProcessReplayer({
    entry: new URL('../main/day-replay-process.ts', import.meta.url),
    logger,
  });
  const { log } = node;
  const actors = createStreamActors({ log, clocks: systemClocks(), newId: randomUUID });
  const origin = { actor: 'test', tenant: 'acme', systemId: SITE, correlationId: 'test' };
  const register = { type: 'register', systemId: SITE, tenant: 'acme', settings: sampleSettings } as const;
  await actors.send(site, streamId('site', SITE), register, origin);
  const served = await fileOf('ensemble', 1);
  const modelArtifacts = [
    served,
    await fileOf('linear', 1),
    await fileOf('lstm', 1.1),
    await fileOf('xgboost', Number.NaN),
  ];
  await appendModel(log, {
    ...{ jobId: 'job-1', systemId: SITE, version: '1.0.0', artifact: served.artifact, modelArtifacts },
  });
  await node.telemetry.write(
    SITE,
    Array.from({ length: 41 * 24 }, (_, i) => ({ hour: hour(i - 40 * 24), loadKw: weekly(i - 40 * 24) })),
  );
  await node.forecasts.save({
    ...{ systemId: SITE, issuedAt: hour(0), version: '1.0.0', modelType: 'ensemble', deviceId: 'device-1' },
    hours: Array.from({ length: 48 }, (_, i) => ({
      ...{ hour: hour(i), loadKw: weekly(i), lowerKw: 0, upperKw: 900, peakProbability: null },
    })),
  });
  await vi.waitFor(async () => {
    await node.scores.scoreArrivals(1_000);
    expect(await node.scores.waiting()).toBe(0);
  }, PATIENCE);
});
afterAll(async () => {
  await replayer.close();
  await node.close();
  await database.drop();
});

describe('the models that did not serve', () => {
  it('are forecast with from the day’s first hour, each by its file, and scored beside the one that did', async () => {
    const { log, telemetry } = node;
    const clocks = { site: { now: () => NOW }, machine: { now: () => new Date() } };
    const actors = createStreamActors({ log, clocks, newId: randomUUID });
    const outlook = { read: async () => noOutlook };
    const models: number[] = [];
    const rounds = keepMemberScores({
      cloud: { log, actors, artifacts, telemetry, outlook, clocks },
      ...{ memberDays: node.memberDays, replayer, logger, lookMs: 20 },
      observe: (count) => models.push(count),
    });
    try {
      await vi.waitFor(() => expect(models).toHaveLength(1), PATIENCE);
    } finally {
      await rounds.stop();
    }
    await node.scores.scoreArrivals(1_000);
    const scoreOf = async (model: string) =>
      (await node.scores.days({ systemIds: [SITE], model, from: '2026-01-12', to: '2026-01-12' }))[0];
    expect(await scoreOf('linear')).toMatchObject({ version: '1.0.0', hours: 24, issuedAt: hour(0) });
    expect((await scoreOf('linear'))?.mape).toBeCloseTo(0, 5);
    expect((await scoreOf('lstm'))?.mape).toBeCloseTo(0.1, 5);
    // What gives no numbers has no score, and takes none of the others along.
    expect(await scoreOf('xgboost')).toBeUndefined();
    expect(await scoreOf('ensemble')).toBeUndefined();
    expect(await scoreOf('device')).toMatchObject({ mape: 0 });
  });

  it('of a site that measured too little have no score, and are not tried again', async () => {
    const request = {
      ...{ systemId: SITE, zone: 'America/Sao_Paulo', ibgeCode: null, imported: [], eventFlags: [] },
      ...{ outlook: noOutlook, issueTime: MIDNIGHT, models: [] },
      readings: [{ hour: MIDNIGHT - HOUR_MS, loadKw: 100 }],
    };
    await expect(replayer.replay(request, new AbortController().signal)).rejects.toMatchObject({
      name: 'ReplayRefused',
      code: 'no-history',
    });
  });
});
