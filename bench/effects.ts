import { createRequire } from 'node:module';
import type { Bench, BenchContext } from './bench.ts';
import type { Contender } from './support/contender.ts';
import { openOwnQueue } from './support/own-queue.ts';
import { openBoss } from './support/peer-boss.ts';
import { openBenchDatabase } from './support/postgres.ts';
import { measureTakeover, type Takeover } from './support/takeover.ts';

/** Effects a second from the first enqueueing to the last completion. */
async function rate(contender: Contender, count: number, withFacts: boolean): Promise<number> {
  const start = performance.now();
  await contender.enqueue(count, withFacts);
  await contender.finish(count, withFacts);
  return count / ((performance.now() - start) / 1_000);
}

interface Pair {
  readonly own: Contender;
  readonly boss: Contender;
}

async function compare(context: BenchContext, pair: Pair, figure: string, withFacts: boolean): Promise<void> {
  const count = context.number('count');
  const rates = { own: [] as number[], boss: [] as number[] };
  await rate(pair.boss, 200, withFacts);
  await rate(pair.own, 200, withFacts);
  for (let round = 0; round < context.number('rounds'); round += 1) {
    const order = round % 2 === 0 ? (['boss', 'own'] as const) : (['own', 'boss'] as const);
    for (const side of order) rates[side].push(await rate(pair[side], count, withFacts));
  }
  const ratios = rates.own.map((own, i) => own / (rates.boss[i] ?? Number.NaN));
  context.figure(`${figure}_vs_pgboss`, '', ratios);
  context.figure(`${figure}_per_s`, '1/s', rates.own);
  context.figure(`${figure}_pgboss_per_s`, '1/s', rates.boss);
  context.say(`${figure}: ${ratios.map((ratio) => ratio.toFixed(2)).join(' ')}`);
}

async function takeovers(context: BenchContext, connectionString: string): Promise<void> {
  const results: Takeover[] = [];
  for (let trial = 0; trial < context.number('trials'); trial += 1) {
    const result = await measureTakeover(connectionString, context.number('takeover-effects'));
    context.say(`take-over ${trial + 1}: ${result.seconds.toFixed(1)} s`);
    results.push(result);
  }
  context.figure(
    'takeover_s',
    's',
    results.map(({ seconds }) => seconds),
  );
  const total = (of: 'lost' | 'doubled'): number => results.reduce((sum, result) => sum + result[of], 0);
  context.figure('effects_lost', '', [total('lost')]);
  context.figure('effects_doubled', '', [total('doubled')]);
}

function bossVersion(): string {
  const { version }: { version: string } = createRequire(import.meta.url)('pg-boss/package.json');
  return version;
}

const bench: Bench = {
  summary: 'effects end to end beside pg-boss on the same server; a killed worker process and its work',
  options: {
    rounds: { description: 'repetitions of each comparison', default: '5' },
    count: { description: 'effects of one repetition', default: '2000' },
    trials: { description: 'workers killed', default: '3' },
    'takeover-effects': { description: 'effects while workers are killed', default: '150' },
  },
  run: async (context) => {
    context.version('pg-boss', bossVersion());
    const server = await openBenchDatabase(context);
    const pair = {
      own: await openOwnQueue(server.connectionString),
      boss: await openBoss(server.connectionString),
    };
    try {
      await compare(context, pair, 'effects', true);
      await compare(context, pair, 'effects_without_facts', false);
    } finally {
      await Promise.all([pair.own.close(), pair.boss.close()]);
    }
    await takeovers(context, server.connectionString).finally(() => server.close());
  },
};
export default bench;
