/**
 * A node that begins every evaluation and ends none, until it is killed: `node evaluating-process.ts URL`. Says when it
 * has begun one.
 */
import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { createEffectRunner } from '../../src/actors/effect-runner.ts';
import { openPostgres } from '../../src/adapters/postgres/open.ts';
import { systemClocks } from '../../src/ports/clocks.ts';

const [connectionString = ''] = process.argv.slice(2);
const logger = pino({ level: 'silent' });
process.once('disconnect', () => process.exit());

const { log, effects: queue } = await openPostgres({ connectionString, logger, maxConnections: 4 });
const begin = {
  handle: () => {
    process.send?.('evaluating');
    return new Promise<never>(() => undefined);
  },
};
const runner = createEffectRunner({
  ...{ log, queue, clocks: systemClocks(), worker: randomUUID(), logger, random: Math.random },
  handlers: new Map([['evaluate-version', begin]]),
  ...{ observe: () => undefined, concurrency: { quick: 1, slow: 1 }, leaseMs: 500, pollMs: 50 },
});
runner.start();
