import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/services/postgres.ts';
import { openPostgres, type Postgres } from './open.ts';

const HOUR_MS = 3_600_000;
/** 00:00 of 12 January 2026 in São Paulo. */
const MIDNIGHT = Date.parse('2026-01-12T03:00:00Z');
const DAY = '2026-01-12';
/** 06:00 of the next day there, and a little. */
const NEXT_MORNING = new Date(MIDNIGHT + 30.5 * HOUR_MS);
const MANY = 10_000;

let database: TestDatabase;
let node: Postgres;
let sites = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  const logger = pino({ level: 'silent' });
  node = await openPostgres({ connectionString: database.connectionString, logger });
});
afterAll(async () => {
  await node.close();
  await database.drop();
});

const hour = (n: number): string => new Date(MIDNIGHT + n * HOUR_MS).toISOString();
const claim = (now = NEXT_MORNING) => node.memberDays.claim(now, MANY);
const measure = (systemId: string, from: number, loads: readonly number[]) =>
  node.telemetry.write(
    systemId,
    loads.map((loadKw, i) => ({ hour: hour(from + i), loadKw })),
  );

/** A site whose device forecast its day at midnight, by a model or without one, and measured it. */
async function servedSite(version: string | null = '1.0.0'): Promise<string> {
  const systemId = `site-${++sites}`;
  await node.pool.query(
    `insert into lifo4.read_model (projection, key, tenant, system_id, status, sort_at, doc)
     values ('sites', $1, 'acme', $1, 'registered', now(), '{"zone": "America/Sao_Paulo"}')`,
    [systemId],
  );
  await node.forecasts.save({
    ...{ systemId, issuedAt: hour(0), version, modelType: 'ensemble', deviceId: 'device-1' },
    hours: Array.from({ length: 48 }, (_, i) => ({
      ...{ hour: hour(i), loadKw: 100, lowerKw: 80, upperKw: 120, peakProbability: null },
    })),
  });
  await measure(systemId, 0, new Array<number>(24).fill(110));
  await node.scores.scoreArrivals(MANY);
  return systemId;
}

const modelDay = (modelType: string, kw: number) => ({
  modelType,
  loadKw: new Array<number>(24).fill(kw),
  lowerKw: new Array<number>(24).fill(kw - 20),
  upperKw: new Array<number>(24).fill(kw + 20),
});

const scoreOf = async (systemId: string, model: string) =>
  (await node.scores.days({ systemIds: [systemId], model, from: DAY, to: DAY }))[0];

describe('the days of members', () => {
  it('are given to one of two callers, once the day is some hours over', async () => {
    const systemId = await servedSite();
    expect(await claim(new Date(MIDNIGHT + 29.5 * HOUR_MS))).toEqual([]);
    const given = (await Promise.all([claim(), claim()])).flat();
    expect(given).toEqual([
      { systemId, day: DAY, issuedAt: hour(0), version: '1.0.0', modelType: 'ensemble' },
    ]);
    expect(await claim()).toEqual([]);
  });

  it('are given to another when the first is gone, three times in all', async () => {
    const systemId = await servedSite();
    const claimed = async () => (await claim()).map((each) => each.systemId);
    for (const expected of [[systemId], [systemId], [systemId], []]) {
      expect(await claimed()).toEqual(expected);
      await node.pool.query(
        `update lifo4.member_day set lease_until = now() - interval '1 s' where system_id = $1`,
        [systemId],
      );
    }
  });

  it('are not those without a model, of a site that is gone, or of long ago', async () => {
    await servedSite(null);
    const gone = await servedSite();
    await node.pool.query(
      `update lifo4.read_model set status = 'decommissioned' where projection = 'sites' and key = $1`,
      [gone],
    );
    expect(await claim()).toEqual([]);
    await servedSite();
    expect(await claim(new Date(MIDNIGHT + 10 * 24 * HOUR_MS))).toEqual([]);
    await claim();
  });

  it('are scored as the device’s is, also when a reading is corrected later', async () => {
    const systemId = await servedSite();
    const [served] = await claim();
    if (served === undefined) throw new Error('nothing is due');
    const byHour = () => node.scores.hours(systemId, new Date(hour(0)), new Date(hour(24)));
    const before = await byHour();
    await node.memberDays.save(served, [modelDay('linear', 110), modelDay('lstm', 99)]);
    await node.scores.scoreArrivals(MANY);
    expect(await scoreOf(systemId, 'linear')).toMatchObject({
      ...{ modelType: 'linear', version: '1.0.0', issuedAt: hour(0), hours: 24, mape: 0, coverage: 1 },
    });
    expect((await scoreOf(systemId, 'lstm'))?.mape).toBeCloseTo(0.1, 6);
    expect(await byHour()).toEqual(before);
    await measure(systemId, 5, [220]);
    await node.scores.scoreArrivals(MANY);
    expect((await scoreOf(systemId, 'linear'))?.mape).toBeCloseTo(0.5 / 24, 6);
    expect(await claim()).toEqual([]);
  });

  it('are forgotten with the forecasts, and their scores stay', async () => {
    const systemId = await servedSite();
    const [served] = await claim();
    if (served === undefined) throw new Error('nothing is due');
    await node.memberDays.save(served, [modelDay('linear', 110)]);
    await node.scores.scoreArrivals(MANY);
    await node.scores.prune(new Date(hour(100)), MANY);
    const { rows } = await node.pool.query('select 1 from lifo4.member_forecast');
    expect(rows).toEqual([]);
    expect(await scoreOf(systemId, 'linear')).toMatchObject({ hours: 24 });
  });
});

describe('copies of scores', () => {
  it('are told every change once, and nothing that came out the same', async () => {
    const systemId = await servedSite();
    const next = async () => {
      const changed = await node.scoreCopies.next('charts', MANY);
      if (changed !== null) await node.scoreCopies.copied('charts', changed.upTo);
      return changed?.days.filter((day) => day.systemId === systemId).map(({ mape }) => mape) ?? [];
    };
    expect(await next()).toEqual([expect.closeTo(10 / 110, 6)]);
    await measure(systemId, 0, [110]);
    await node.pool.query(`insert into lifo4.unscored (system_id, from_hour, to_hour) values ($1, $2, $2)`, [
      systemId,
      hour(3),
    ]);
    await node.scores.scoreArrivals(MANY);
    expect(await next()).toEqual([]);
    await measure(systemId, 0, [100]);
    await node.scores.scoreArrivals(MANY);
    expect(await next()).toHaveLength(1);
    // Who begins anew is told all.
    expect((await node.scoreCopies.next('another', MANY))?.days.length).toBeGreaterThan(1);
  });
});
