import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HOUR_MS } from '../src/forecasting/series.ts';
import { type Cloud, startCloud } from '../src/main/cloud.ts';
import { readConfig } from '../src/main/config.ts';
import { startBrowser } from '../test/ui/browser.ts';
import type { Bench, BenchContext } from './bench.ts';
import { seedFleet } from './support/fleet.ts';
import { openBenchDatabase, quietLogger } from './support/postgres.ts';
import { freePort } from './support/status-servers.ts';

/** Fresh profiles over loopback: from the address to the first site's row, live, with its link to follow. */
async function measure(context: BenchContext, { url, tokens }: Cloud): Promise<void> {
  const token = await tokens.issue({
    ...{ subject: 'bench', tenant: 'acme', scopes: ['ml:read'], ttlSeconds: 3_600 },
  });
  const browser = await startBrowser();
  const [drawn, usable]: [number[], number[]] = [[], []];
  try {
    for (let round = 0; round < context.number('rounds'); round += 1) {
      const opened = await browser.open({ viewport: { width: 1280, height: 800 } });
      const begun = performance.now();
      await opened.page.goto(`${url}/ui#token=${token}`, { waitUntil: 'commit' });
      await opened.page.getByRole('heading', { level: 1 }).waitFor();
      drawn.push(performance.now() - begun);
      await opened.page.getByRole('link', { name: 'site-00001' }).waitFor();
      usable.push(performance.now() - begun);
      await opened.context.close();
    }
  } finally {
    await browser.close();
  }
  context.figure('drawn_ms', 'ms', drawn);
  context.figure('usable_ms', 'ms', usable);
}

const bench: Bench = {
  summary: 'the console in Chromium over a whole node: from the address until the fleet can be used',
  options: {
    sites: { description: 'sites of the fleet', default: '10000' },
    rounds: { description: 'visits, each with a fresh profile', default: '10' },
  },
  run: async (context) => {
    const database = await openBenchDatabase(context);
    const folder = await mkdtemp(join(tmpdir(), 'lifo4-ml-bench-console-'));
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
