import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { sampleSettings } from '../../../test/sample-facts.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/services/postgres.ts';
import { createStreamActors } from '../../actors/stream-actor.ts';
import { openPostgres, type Postgres } from '../../adapters/postgres/open.ts';
import type { AlertRule } from '../../events/alert.ts';
import { streamId } from '../../events/stream-id.ts';
import { site } from '../../machines/site.ts';
import { sitesProjection } from '../../projections/sites.ts';
import { createDayJudge } from './alert-watcher.ts';
import { dayAfter } from './days.ts';
import { openAlerts, openedAlert } from './open-alerts.ts';

/** Forecasts and readings in, alerts out: over a real database, day by day of the site's clock. */

const HOUR_MS = 3_600_000;
const PATIENCE = { timeout: 10_000, interval: 20 } as const;
const SITE = 'bess-456';
const FIRST = '2026-03-01';
const logger = pino({ level: 'silent' });
const signal = new AbortController().signal;
/** Midnight and 06:30 of a day in São Paulo. */
const midnight = (day: string): number => Date.parse(`${day}T03:00:00Z`);

let database: TestDatabase;
let nodes: readonly Postgres[];
let siteNow = new Date(midnight(FIRST));
const clocks = { site: { now: () => siteNow }, machine: { now: () => new Date() } };

beforeAll(async () => {
  database = await createTestDatabase();
  const open = () =>
    openPostgres({
      connectionString: database.connectionString,
      logger,
      projections: [sitesProjection],
    });
  nodes = await Promise.all([open(), open()]);
  const { log, readModels } = nodes[0] as Postgres;
  const actors = createStreamActors({ log, clocks, newId: randomUUID });
  const register = { type: 'register', systemId: SITE, tenant: 'acme', settings: sampleSettings } as const;
  const origin = { actor: 'test', tenant: 'acme', systemId: SITE, correlationId: 'x' };
  await actors.send(site, streamId('site', SITE), register, origin);
  await readModels.caughtUp('sites', 1, 5_000);
});
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.close()));
  await database.drop();
});

/** The day as its forecast said, and as it was: wrong by `share` of 100 kW at each hour. */
async function live(day: string, share: (hour: number) => number): Promise<void> {
  const { forecasts, telemetry } = nodes[0] as Postgres;
  const hours = Array.from({ length: 48 }, (_, i) => ({
    hour: new Date(midnight(day) + i * HOUR_MS).toISOString(),
    ...{ loadKw: 100, lowerKw: 80, upperKw: 120, peakProbability: null },
  }));
  const about = { systemId: SITE, version: '1.0.0', modelType: 'ensemble', deviceId: 'dev-1' };
  await forecasts.save({ ...about, issuedAt: new Date(midnight(day)).toISOString(), hours });
  const readings = hours.slice(0, 24).map(({ hour }, i) => ({ hour, loadKw: 100 / (1 + share(i)) }));
  await telemetry.write(SITE, readings);
}

/** Both nodes judge what is due on the morning after; answers the rules whose alerts are open then. */
async function judgedAfter(day: string): Promise<readonly AlertRule[]> {
  siteNow = new Date(midnight(dayAfter(day, 1)) + 6.5 * HOUR_MS);
  await nodes[0]?.scores.scoreArrivals(1_000);
  await Promise.all(
    nodes.map(({ log, scores, watchList }) => {
      const actors = createStreamActors({ log, clocks, newId: randomUUID });
      const cloud = { log, actors, clocks, scores, watchList, newId: randomUUID };
      return createDayJudge({ cloud, observe: () => undefined, logger })(signal);
    }),
  );
  const { log } = nodes[0] as Postgres;
  const actors = createStreamActors({ log, clocks, newId: randomUUID });
  return (await openAlerts({ log, actors }, SITE)).map((loaded) => openedAlert(loaded).rule).sort();
}

/** Lives and judges so many days; answers what was open after each. */
async function days(from: number, count: number, share: (hour: number) => number) {
  const seen: string[] = [];
  for (let n = from; n < from + count; n += 1) {
    await live(dayAfter(FIRST, n), share);
    seen.push((await judgedAfter(dayAfter(FIRST, n))).join(' '));
  }
  return seen;
}

const good = () => 0.03;
const shifted = () => 0.12;
const evening = (hour: number) => (hour >= 17 && hour <= 19 ? 0.3 : 0.01);

/** Rules of all alerts that were ever opened, once the feed has come so far that all of them are over. */
async function openedSoFar(): Promise<readonly string[]> {
  const { log } = nodes[0] as Postgres;
  return vi.waitFor(async () => {
    const facts = (await log.readFeed(0, 1_000)).map(({ fact }) => fact);
    const opened = facts.filter(({ type }) => type === 'AlertOpened');
    const resolved = facts.filter(({ type }) => type === 'AlertResolved');
    expect(opened.length).toBe(resolved.length);
    expect(opened.length).toBeGreaterThan(0);
    return opened.map(({ data }) => (data as { readonly rule: string }).rule);
  }, PATIENCE);
}

describe('alerts', () => {
  it('of a level that shifted open on the third day, once on two nodes, and close when it is learnt', async () => {
    expect(new Set(await days(0, 14, good))).toEqual(new Set(['']));
    const bad = await days(14, 4, shifted);
    expect(bad[0]).not.toContain('daily-mape');
    expect(bad[1]).not.toContain('daily-mape');
    expect(bad[2]).toContain('daily-mape');
    expect(bad[3]).toContain('weekly-rmse');
    const after = await days(18, 12, good);
    expect(after[0]).toContain('daily-mape');
    expect(after[1]).not.toContain('daily-mape');
    expect(after.at(-1)).toBe('');
    await vi.waitFor(
      async () => expect([...(await openedSoFar())].sort()).toEqual(['daily-mape', 'weekly-rmse']),
      PATIENCE,
    );
  });

  it('of certain hours open on the fifth day and close three days after they are well', async () => {
    const bad = await days(30, 6, evening);
    expect(bad.slice(0, 4).join()).not.toContain('hour-errors');
    expect(bad[4]).toContain('hour-errors');
    const after = await days(36, 10, good);
    expect(after.at(-1)).toBe('');
    await vi.waitFor(
      async () => expect((await openedSoFar()).filter((rule) => rule === 'hour-errors')).toHaveLength(1),
      PATIENCE,
    );
  });

  it('are judged once a day: a second look finds nothing to do', async () => {
    const { watchList } = nodes[0] as Postgres;
    expect(await watchList.due(siteNow, 10)).toEqual([]);
    expect(await watchList.due(new Date(siteNow.getTime() + 24 * HOUR_MS), 10)).toHaveLength(1);
  });
});
