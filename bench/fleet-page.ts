import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answerOf, createApiClient } from '../src/client/client.ts';
import { HOUR_MS } from '../src/forecasting/series.ts';
import { type Cloud, startCloud } from '../src/main/cloud.ts';
import { readConfig } from '../src/main/config.ts';
import type { Bench, BenchContext } from './bench.ts';
import { seedFleet } from './support/fleet.ts';
import { percentile } from './support/paced-load.ts';
import { openBenchDatabase, quietLogger } from './support/postgres.ts';
import { freePort } from './support/status-servers.ts';

/** What the page of the fleet asks for: as it opens, each order, each state, a search, and far down the list. */
const VIEWS = [
  {},
  { sort: 'mape' },
  { sort: 'forecast-age' },
  { sort: 'alerts' },
  { sort: 'next-retrain', order: 'reversed' },
  { state: 'differs' },
  { state: 'open-alert,stale-forecast', sort: 'mape' },
  { q: '0042' },
  { offset: 9_000 },
] as const;

async function measure(context: BenchContext, { url, tokens }: Cloud): Promise<void> {
  const token = await tokens.issue({
    ...{ subject: 'bench', tenant: 'acme', scopes: ['ml:read'], ttlSeconds: 3_600 },
  });
  const client = createApiClient({ url, token: () => token });
  const rounds = context.number('rounds');
  const timed = async (view: (typeof VIEWS)[number]): Promise<number> => {
    const start = performance.now();
    const params = { query: { ...view, limit: 100 } };
    const { items } = await answerOf(client.GET('/api/v1/fleet/sites', { params }));
    if (items.length === 0) throw new Error(`${JSON.stringify(view)} found nothing`);
    return performance.now() - start;
  };
  // The database plans a statement anew for its first five calls over a connection, as after a start.
  for (const view of VIEWS) await timed(view);
  const all: number[] = [];
  for (const view of VIEWS) {
    const took: number[] = [];
    for (let round = 0; round < rounds; round += 1) took.push(await timed(view));
    all.push(...took);
    context.row({
      view: JSON.stringify(view),
      p50_ms: percentile(took, 0.5),
      p99_ms: percentile(took, 0.99),
    });
    context.say(`${JSON.stringify(view)}: p50 ${percentile(took, 0.5).toFixed(1)} ms`);
  }
  context.figure('p50_ms', 'ms', [percentile(all, 0.5)]);
  context.figure('p99_ms', 'ms', [percentile(all, 0.99)]);
}

const bench: Bench = {
  summary:
    'GET /fleet/sites over a whole node, with a month of many sites behind it, for every view of the page',
  options: {
    sites: { description: 'sites of the fleet', default: '10000' },
    rounds: { description: 'calls for each view', default: '30' },
  },
  run: async (context) => {
    const database = await openBenchDatabase(context);
    const folder = await mkdtemp(join(tmpdir(), 'lifo4-ml-bench-fleet-'));
    const env = {
      ...{ DATABASE_URL: database.connectionString, LIFO4_DATA: folder, LIFO4_LOG_LEVEL: 'error' },
      ...{ LIFO4_TRAININGS: '0', LIFO4_PORT: String(await freePort()) },
    };
    const cloud = await startCloud(readConfig(env), quietLogger);
    try {
      const now = new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS);
      await seedFleet(cloud.postgres, context.number('sites'), now);
      await measure(context, cloud);
    } finally {
      await cloud.close();
      await rm(folder, { recursive: true, force: true });
      await database.close();
    }
  },
};

export default bench;
