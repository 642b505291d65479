import { randomUUID } from 'node:crypto';
import { createStreamActors } from '../src/actors/stream-actor.ts';
import { openPostgres, type Postgres } from '../src/adapters/postgres/open.ts';
import { createInstantControl } from '../src/cloud/control/instant-control.ts';
import { systemClocks } from '../src/ports/clocks.ts';
import type { Bench, BenchContext } from './bench.ts';
import { openBenchDatabase, quietLogger } from './support/postgres.ts';
import { appendHistory } from './support/site-history.ts';

const CALLER = { actor: 'bench', tenant: 'tenant-a' };

/** Seconds to rebuild a site at its own present, warmed up once. */
async function timesOf({ log }: Postgres, systemId: string, rounds: number): Promise<number[]> {
  const clocks = systemClocks();
  const actors = createStreamActors({ log, clocks, newId: randomUUID });
  const { siteAt } = createInstantControl({ actors, log, clocks });
  await siteAt(CALLER, systemId, null);
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    await siteAt(CALLER, systemId, null);
    times.push((performance.now() - start) / 1_000);
  }
  return times;
}

async function measure(context: BenchContext, connectionString: string): Promise<void> {
  const node = await openPostgres({ connectionString, logger: quietLogger });
  try {
    for (const facts of context.option('facts').split(',').map(Number)) {
      const systemId = `bench-${facts}`;
      const { written, weeks } = await appendHistory(node.log, { systemId, tenant: CALLER.tenant, facts });
      await node.pool.query('vacuum analyze lifo4.event');
      const label = facts % 1_000 === 0 ? `${facts / 1_000}k` : String(facts);
      const times = await timesOf(node, systemId, context.number('rounds'));
      context.figure(`at_${label}_facts_s`, 's', times);
      context.row({ facts: written, weeks, seconds: Math.min(...times) });
      context.say(`${written} facts of ${weeks} retrains: ${times.map((t) => t.toFixed(3)).join(' ')} s`);
    }
  } finally {
    await node.close();
  }
}

const bench: Bench = {
  summary: 'a site as it stood at an instant, rebuilt from the log, by the number of its facts',
  options: {
    facts: { description: 'sizes of the histories, all in one log', default: '1000,10000,30000' },
    rounds: { description: 'repetitions of each', default: '7' },
  },
  run: async (context) => {
    const server = await openBenchDatabase(context);
    try {
      await measure(context, server.connectionString);
    } finally {
      await server.close();
    }
  },
};
export default bench;
