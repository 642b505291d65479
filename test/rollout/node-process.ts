/**
 * A process that takes rollouts on as a cloud node does, until it is killed: `node node-process.ts URL NAME`. Files of
 * versions are always there.
 */
import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { createEffectRunner } from '../../src/actors/effect-runner.ts';
import { createStreamActors } from '../../src/actors/stream-actor.ts';
import { openPostgres } from '../../src/adapters/postgres/open.ts';
import { advanceRollout } from '../../src/cloud/effects/rollout-effects.ts';
import type { RolloutDependencies } from '../../src/cloud/rollout/step.ts';

const [connectionString = '', worker = ''] = process.argv.slice(2);
const logger = pino({ level: 'silent' });
const clocks = { site: { now: () => new Date() }, machine: { now: () => new Date() } };
process.once('disconnect', () => process.exit());

const postgres = await openPostgres({ connectionString, logger, maxConnections: 4 });
const { log, effects: queue, readModels, scores } = postgres;
const actors = createStreamActors({ log, clocks, newId: randomUUID });
const artifacts = {
  get: async () => new Uint8Array(1),
  unarchive: async () => undefined,
} as unknown as RolloutDependencies['artifacts'];
const cloud = {
  log,
  actors,
  clocks,
  readModels,
  scores,
  artifacts,
  newId: randomUUID,
  offerLifetimeMs: 3_600_000,
};
const runner = createEffectRunner({
  ...{ log, queue, clocks, worker, logger, random: Math.random, observe: () => undefined },
  handlers: new Map([
    ['advance-rollout', advanceRollout({ ...cloud, rolloutPace: { soon: 20, later: 50 } })],
  ]),
  concurrency: { quick: 8, slow: 0 },
  leaseMs: 500,
  pollMs: 50,
});
runner.start();
process.send?.('ready');
