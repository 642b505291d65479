import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CALLER, cloudOnMemory, SITE, SITE_NOW } from '../../test/cloud/cloud-on-memory.ts';
import { sampleSettings } from '../../test/sample-facts.ts';
import { createTestDatabase, type TestDatabase } from '../../test/services/postgres.ts';
import { openPostgres, type Postgres } from '../adapters/postgres/open.ts';
import { HOUR_MS } from '../forecasting/series.ts';
import { renewConfigs } from './config-renewal.ts';
import { renewSiteConfig } from './site-config.ts';

const HOUR = HOUR_MS;
const DAY = 24 * HOUR;
const logger = pino({ level: 'silent' });

let database: TestDatabase;
let nodes: readonly Postgres[];
beforeAll(async () => {
  database = await createTestDatabase();
  const { connectionString } = database;
  // One after the other: the first migrates.
  const first = await openPostgres({ connectionString, logger });
  nodes = [first, await openPostgres({ connectionString, logger })];
});
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.close()));
  await database.drop();
});

const [MANY, EVERY] = [300, HOUR];
const query = (sql: string, values: readonly unknown[] = []) => nodes[0]?.pool.query(sql, [...values]);

async function devices(prefix: string, count: number): Promise<void> {
  await query(
    `insert into lifo4.registry (kind, key, value)
     select 'active-device', $1 || n, 'device-' || n from generate_series(1, $2::int) n`,
    [prefix, count],
  );
}

describe('the looks at configurations', () => {
  it('are each one node’s, however many ask, and come again when their time has passed', async () => {
    await devices('many-', MANY);
    const claims = await Promise.all(
      Array.from({ length: 20 }, (_, n) => nodes[n % 2]?.renewals.claim(40, EVERY) ?? []),
    );
    const more = await Promise.all(nodes.map((node) => node.renewals.claim(MANY, EVERY)));
    const sites = [...claims, ...more].flat().map(({ systemId }) => systemId);
    expect(sites).toHaveLength(MANY);
    expect(new Set(sites).size).toBe(MANY);
    // then
    const [node] = nodes;
    await node?.renewals.told('many-7', 'a hash');
    expect(await node?.renewals.claim(MANY, EVERY)).toEqual([]);
    await node?.renewals.hasten('many-7');
    expect(await node?.renewals.claim(MANY, EVERY)).toEqual([{ systemId: 'many-7', told: 'a hash' }]);
    await query(`update lifo4.config_renewal set next_at = now()`);
    await query(`delete from lifo4.registry where key <> 'many-7'`);
    expect(await node?.renewals.claim(MANY, EVERY)).toEqual([{ systemId: 'many-7', told: 'a hash' }]);
    expect((await query('select from lifo4.config_renewal'))?.rowCount).toBe(1);
    await query('delete from lifo4.registry');
  });
});

/** Prices of whole days as CCEE has them: a day is told at 20:00 of the day before, Brasília. */
function dailyPrices(first: number, from: number, to: number) {
  const days = Array.from({ length: 60 }, (_, n) => first + n * DAY);
  return days
    .map((start) => ({ issuedAt: start - 4 * HOUR, start, values: new Float64Array(24).fill(61.07) }))
    .filter(({ issuedAt, start }) => issuedAt < to && start >= from);
}

describe('a configuration', () => {
  it('is published again only where it says something new: once a day with prices, seldom without', async () => {
    const memory = await cloudOnMemory();
    await memory.control.putSite(CALLER, SITE, sampleSettings);
    await memory.control.addDevice(CALLER, SITE);
    const first = SITE_NOW - 30 * DAY - 3 * HOUR;
    const read = async (_: string, from: Date, to: Date) => ({
      temperature: [],
      price: dailyPrices(first, from.getTime(), to.getTime()),
    });
    const published = { priced: 0, bare: 0 };
    const told: Record<keyof typeof published, string | null> = { priced: null, bare: null };
    const look = async (kind: keyof typeof published, cloud: typeof memory.cloud) => {
      const renewed = await renewSiteConfig(cloud, SITE, told[kind]);
      if (renewed === null) return;
      told[kind] = renewed.content;
      published[kind] += 1;
    };
    const telemetry = { ...memory.cloud.telemetry };
    for (let hour = 0; hour < 10 * 24; hour += 1) {
      await look('priced', { ...memory.cloud, telemetry, outlook: { read } });
      await look('bare', { ...memory.cloud, telemetry });
      memory.passSiteTime(HOUR);
    }
    expect(published.priced).toBeLessThanOrEqual(13);
    expect(published.priced).toBeGreaterThanOrEqual(10);
    expect(published.bare).toBeLessThanOrEqual(3);
  });

  it('reaches the device when there is something new, from one of several nodes', async () => {
    const memory = await cloudOnMemory();
    await memory.control.putSite(CALLER, SITE, sampleSettings);
    await memory.control.addDevice(CALLER, SITE);
    await devices('bess-45', 6);
    const price = [{ issuedAt: SITE_NOW - HOUR, start: SITE_NOW, values: Float64Array.of(61.07) }];
    const issued: typeof price = [];
    const sizes: number[] = [];
    const rounds = nodes.map(({ renewals }) =>
      renewConfigs({
        cloud: {
          ...memory.cloud,
          renewals,
          outlook: { read: async () => ({ temperature: [], price: issued }) },
        },
        ...{ observe: (bytes) => sizes.push(bytes), logger, roundMs: 10 },
      }),
    );
    const prices = () => memory.retained.get(`config/${SITE}`)?.['prices'];
    await vi.waitFor(() => expect(sizes).toHaveLength(1));
    expect(prices()).toBeUndefined();
    // when a price is known, and the site's time has come
    issued.push(...price);
    await nodes[0]?.renewals.hasten(SITE);
    await vi.waitFor(() => expect(sizes).toHaveLength(2));
    expect(prices()).toMatchObject([{ values: [61.07] }]);
    // when nothing is new
    await nodes[0]?.renewals.hasten(SITE);
    const waiting = `select from lifo4.config_renewal where next_at <= now()`;
    await vi.waitFor(async () => expect((await query(waiting))?.rowCount).toBe(0));
    await Promise.all(rounds.map((round) => round.stop()));
    expect(sizes).toHaveLength(2);
  });
});
