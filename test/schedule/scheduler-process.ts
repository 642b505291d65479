/**
 * A process that schedules weekly retrains as a cloud node does, until it is killed: `node scheduler-process.ts URL
 * NAME`. The site clock is what the parent last said it is; a job ends at once, so that the next slot finds the site
 * free.
 */
import { randomUUID } from 'node:crypto';
import pino from 'pino';
import type { EffectHandler } from '../../src/actors/effect-handler.ts';
import { createEffectRunner } from '../../src/actors/effect-runner.ts';
import { createStreamActors } from '../../src/actors/stream-actor.ts';
import { openPostgres } from '../../src/adapters/postgres/open.ts';
import { planWeeklyRetrain, startWeeklyRetrain } from '../../src/cloud/effects/weekly-retrain.ts';
import { loadJob, requestOf } from '../../src/cloud/streams.ts';
import { trainingJob } from '../../src/machines/training-job.ts';

const [connectionString = '', worker = ''] = process.argv.slice(2);
const logger = pino({ level: 'silent' });
let siteNow = 0;
const clocks = { site: { now: () => new Date(siteNow) }, machine: { now: () => new Date() } };
process.on('message', (now: number) => {
  siteNow = now;
});
process.once('disconnect', () => process.exit());

const { log, effects: queue } = await openPostgres({ connectionString, logger, maxConnections: 4 });
const actors = createStreamActors({ log, clocks, newId: randomUUID });
const retrainWindowMs = 3 * 3_600_000;
const weekly = { log, actors, clocks, newId: randomUUID, newSeed: () => 1, retrainWindowMs };
const done: EffectHandler = { handle: async () => ({ kind: 'done' }) };
const endJob: EffectHandler = {
  async handle(effect) {
    const job = await loadJob(actors, (effect.effect.data as { readonly jobId: string }).jobId);
    const origin = { actor: 'test', tenant: 'acme', systemId: requestOf(job).systemId, correlationId: 'x' };
    const append = actors.prepare(trainingJob, job, { type: 'fail', code: 'x', reason: 'x' }, origin);
    return { kind: 'commit', appends: append === null ? [] : [append] };
  },
};
const runner = createEffectRunner({
  ...{ log, queue, clocks, worker, logger, random: Math.random, observe: () => undefined },
  handlers: new Map([
    ['plan-weekly-retrain', planWeeklyRetrain(weekly)],
    ['start-weekly-retrain', startWeeklyRetrain(weekly)],
    ['collect-data', endJob],
    ['publish-config', done],
  ]),
  concurrency: { quick: 8, slow: 0 },
  leaseMs: 500,
  pollMs: 50,
});
runner.start();
process.send?.('ready');
