import fc from 'fast-check';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/services/postgres.ts';
import type { Reading } from '../../ports/telemetry.ts';
import { openPostgres, type Postgres } from './open.ts';

const HOUR_MS = 3_600_000;
/** 00:00 of 12 January 2026 in São Paulo, which is three hours behind UTC. */
const MIDNIGHT = Date.parse('2026-01-12T03:00:00Z');
const MANY = 10_000;

let database: TestDatabase;
let node: Postgres;
let sites = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  node = await openPostgres({
    connectionString: database.connectionString,
    logger: pino({ level: 'silent' }),
  });
});
afterAll(async () => {
  await node.close();
  await database.drop();
});

const hour = (n: number): string => new Date(MIDNIGHT + n * HOUR_MS).toISOString();

/** A site as the projection of sites would have it. */
async function newSite(zone = 'America/Sao_Paulo'): Promise<string> {
  const systemId = `site-${++sites}`;
  await node.pool.query(
    `insert into lifo4.read_model (projection, key, tenant, system_id, status, sort_at, doc)
     values ('sites', $1, 'acme', $1, 'registered', now(), $2)`,
    [systemId, JSON.stringify({ zone })],
  );
  return systemId;
}

const forecast = (
  systemId: string,
  issued: number,
  loadKw = (_lead: number): number => 100,
  version: string | null = '1.0.0',
) =>
  node.forecasts.save({
    ...{ systemId, issuedAt: hour(issued), version, modelType: 'ensemble', deviceId: 'device-1' },
    hours: Array.from({ length: 48 }, (_, i) => {
      const kw = loadKw(i + 1);
      return {
        hour: hour(issued + i),
        ...{ loadKw: kw, lowerKw: kw - 20, upperKw: kw + 20, peakProbability: null },
      };
    }),
  });

const write = (systemId: string, readings: readonly Reading[]) => node.telemetry.write(systemId, readings);

const dayOf = async (systemId: string, day = '2026-01-12') => {
  const scores = await node.scores.days({ systemIds: [systemId], from: day, to: day });
  return scores[0];
};

const wholeDay = (loadKw: (n: number) => number): Reading[] =>
  Array.from({ length: 24 }, (_, n) => ({ hour: hour(n), loadKw: loadKw(n) }));

interface Step {
  readonly kind: 'reading' | 'forecast' | 'score';
  readonly at: number;
  readonly kw: number;
}

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('reading' as const), at: fc.nat(30), kw: fc.integer({ min: 1, max: 200 }) }),
  fc.record({ kind: fc.constant('forecast' as const), at: fc.nat(6), kw: fc.integer({ min: 1, max: 200 }) }),
  fc.record({ kind: fc.constant('score' as const), at: fc.nat(3), kw: fc.constant(0) }),
);

async function take(site: string, { kind, at, kw }: Step): Promise<void> {
  if (kind === 'score') await node.scores.scoreArrivals(at + 1);
  else if (kind === 'reading') await write(site, [{ hour: hour(at), loadKw: kw }]);
  else await forecast(site, at, () => kw, kw % 2 === 0 ? '1.0.0' : null);
}

async function takeAll(site: string, steps: readonly Step[]): Promise<void> {
  for (const one of steps) await take(site, one);
}

describe('scores', () => {
  it('hold every lead of an hour, and the local day as it was forecast at midnight', async () => {
    const site = await newSite();
    await forecast(site, -24, () => 90, '0.9.0');
    await forecast(site, 0, (lead) => 100 + lead);
    await forecast(site, 1);
    await write(
      site,
      wholeDay((n) => (n === 3 ? 0 : 120)),
    );
    await node.scores.scoreArrivals(MANY);
    const [first, second] = await node.scores.hours(site, new Date(hour(1)), new Date(hour(2)));
    expect(first).toEqual({
      ...{ hour: hour(1), modelType: 'ensemble', version: '0.9.0', actualKw: 120 },
      errors: [{ lead: 26, errorKw: -30 }],
    });
    expect(second?.errors).toEqual([
      { lead: 1, errorKw: -20 },
      { lead: 2, errorKw: -18 },
    ]);
    const day = await dayOf(site);
    expect(day).toMatchObject({ version: '1.0.0', issuedAt: hour(0), hours: 24, excludedHours: 1 });
    const errors = Array.from({ length: 24 }, (_, n) => (n === 3 ? 104 : n - 19));
    const counted = errors.filter((_, n) => n !== 3).map((error) => Math.abs(error) / 120);
    expect(day?.mape).toBeCloseTo(counted.reduce((sum, share) => sum + share, 0) / 23, 6);
    expect(day?.rmse).toBeCloseTo(Math.hypot(...errors) / Math.sqrt(24), 6);
    expect(day?.coverage).toBeCloseTo(errors.filter((error) => Math.abs(error) <= 20).length / 24, 6);
  });

  it('take battery and solar for part of the load where the site measures them', async () => {
    const site = await newSite();
    await forecast(site, 0);
    await write(site, [
      { hour: hour(0), loadKw: 70, batteryKw: 20, pvKw: 5 },
      { hour: hour(1), loadKw: 70, batteryKw: 20 },
    ]);
    await node.scores.scoreArrivals(MANY);
    expect((await dayOf(site))?.actualKw.slice(0, 2)).toEqual([95, null]);
    expect((await node.scores.hours(site, new Date(hour(0)), new Date(hour(2)))).length).toBe(1);
  });

  it('do not believe a reading of another unit', async () => {
    const site = await newSite();
    await forecast(site, 0);
    await write(
      site,
      wholeDay((n) => (n === 5 ? 100_000 : 100)),
    );
    await node.scores.scoreArrivals(MANY);
    expect(await dayOf(site)).toMatchObject({ hours: 23, suspectHours: 1, mape: 0 });
  });

  it('begin a day where its zone begins it, also when the clocks are changed at midnight', async () => {
    // At 24:00 of 5 September 2026 Santiago's clocks go from 00:00 to 01:00, which is 04:00 UTC.
    const site = await newSite('America/Santiago');
    const start = (Date.parse('2026-09-06T04:00:00Z') - MIDNIGHT) / HOUR_MS;
    await forecast(site, start);
    await write(site, [{ hour: hour(start), loadKw: 80 }]);
    await node.scores.scoreArrivals(MANY);
    expect(await dayOf(site, '2026-09-06')).toMatchObject({ issuedAt: hour(start), hours: 1, wape: 0.25 });
  });

  it('go on in the new zone of a site that moved, each day and hour counted once', async () => {
    const site = await newSite();
    // Manaus is an hour behind: its day begins at what was 01:00 of the day before the move.
    for (const issued of [0, 1]) await forecast(site, issued, () => 100 + issued);
    await write(
      site,
      wholeDay(() => 120),
    );
    await node.scores.scoreArrivals(MANY);
    expect(await dayOf(site)).toMatchObject({ issuedAt: hour(0), hours: 24 });
    const [from, to] = [new Date(hour(0)), new Date(hour(48))];
    const before = await node.scores.hours(site, from, to);
    await node.pool.query(
      `update lifo4.read_model set doc = '{"zone": "America/Manaus"}' where projection = 'sites' and key = $1`,
      [site],
    );
    await write(site, [{ hour: hour(24), loadKw: 120 }]);
    await write(site, [{ hour: hour(5), loadKw: 60 }]);
    await node.scores.scoreArrivals(MANY);
    expect(await dayOf(site)).toMatchObject({ issuedAt: hour(1), hours: 24 });
    const days = await node.scores.days({ systemIds: [site], from: '2026-01-01', to: '2026-02-01' });
    expect(days.map(({ day }) => day)).toEqual(['2026-01-12']);
    const after = await node.scores.hours(site, from, to);
    expect(new Set(after.map((each) => each.hour)).size).toBe(after.length);
    expect(after.filter((each) => each.hour !== hour(5) && each.hour !== hour(24))).toEqual(
      before.filter((each) => each.hour !== hour(5)),
    );
  });

  it('wait for the site that the readings belong to', async () => {
    await forecast('site-to-be', 0);
    await write('site-to-be', [{ hour: hour(0), loadKw: 80 }]);
    await node.scores.scoreArrivals(MANY);
    expect(await node.scores.waiting()).toBe(2);
    await node.pool.query(`update lifo4.unscored set system_id = $1`, [await newSite()]);
    await node.scores.scoreArrivals(MANY);
    expect(await node.scores.waiting()).toBe(0);
  });

  it('are made by one node at a time', async () => {
    const client = await node.pool.connect();
    try {
      await client.query('begin');
      await client.query('select pg_advisory_xact_lock(1279870516, 3)');
      expect(await node.scores.scoreArrivals(MANY)).toBeNull();
    } finally {
      await client.query('rollback');
      client.release();
    }
    expect(await node.scores.scoreArrivals(MANY)).not.toBeNull();
  });

  it('are the same in whatever order, and however often, readings and forecasts arrive', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const [asItCame, atOnce] = [await newSite(), await newSite()];
        await takeAll(asItCame, steps);
        // The last word on each hour alone, the other way round.
        const last = new Map(steps.map((one) => [`${one.kind} ${one.at}`, one]));
        await takeAll(atOnce, [...last.values()].filter(({ kind }) => kind !== 'score').toReversed());
        await node.scores.scoreArrivals(MANY);
        const [from, to] = [new Date(hour(0)), new Date(hour(80))];
        expect(await node.scores.hours(asItCame, from, to)).toEqual(
          await node.scores.hours(atOnce, from, to),
        );
        const named = async (site: string) => ({ ...(await dayOf(site)), systemId: '' });
        expect(await named(asItCame)).toEqual(await named(atOnce));
      }),
      { numRuns: 40 },
    );
  });

  it('outlive the forecasts that they were made of, by day', async () => {
    const site = await newSite();
    await forecast(site, 0);
    await write(site, [{ hour: hour(0), loadKw: 80 }]);
    await node.scores.scoreArrivals(MANY);
    expect(await node.scores.prune(new Date(hour(100)), MANY)).toBeGreaterThan(0);
    expect(await node.forecasts.latest(site)).toBeNull();
    expect(await node.scores.hours(site, new Date(hour(0)), new Date(hour(1)))).toEqual([]);
    expect(await dayOf(site)).toMatchObject({ hours: 1 });
  });
});
