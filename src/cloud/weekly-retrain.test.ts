import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { sampleSettings } from '../../test/sample-facts.ts';
import { createTestDatabase, type TestDatabase } from '../../test/services/postgres.ts';
import type { EffectHandler } from '../actors/effect-handler.ts';
import { createEffectRunner, type EffectRunner } from '../actors/effect-runner.ts';
import { createStreamActors } from '../actors/stream-actor.ts';
import { openPostgres, type Postgres } from '../adapters/postgres/open.ts';
import { streamId } from '../events/stream-id.ts';
import { site } from '../machines/site.ts';
import { trainingJob } from '../machines/training-job.ts';
import { planWeeklyRetrain, startWeeklyRetrain } from './effects/weekly-retrain.ts';
import { loadJob, requestOf } from './streams.ts';

const logger = pino({ level: 'silent' });
const SITES = Array.from({ length: 12 }, (_, i) => `site-${i}`);
const WEEK_MS = 7 * 86_400_000;
const PATIENCE = { timeout: 20_000, interval: 50 } as const;

let database: TestDatabase;
let nodes: readonly { readonly postgres: Postgres; readonly runner: EffectRunner }[];
let siteNow = Date.parse('2026-10-15T12:00:00Z');

const clocks = { site: { now: () => new Date(siteNow) }, machine: { now: () => new Date() } };

const done: EffectHandler = { handle: async () => ({ kind: 'done' }) };

/** One cloud node as far as the weekly retrain goes; a job ends at once, so that the next slot finds the site free. */
async function startNode(worker: string) {
  const postgres = await openPostgres({ connectionString: database.connectionString, logger });
  const { log, effects: queue } = postgres;
  const actors = createStreamActors({ log, clocks, newId: randomUUID });
  const weekly = { log, actors, clocks, newId: randomUUID, newSeed: () => 1, retrainWindowMs: 0 };
  const endJob: EffectHandler = {
    async handle(effect) {
      const job = await loadJob(actors, (effect.effect.data as { readonly jobId: string }).jobId);
      const origin = { actor: 'test', tenant: 'acme', systemId: requestOf(job).systemId, correlationId: 'x' };
      const append = actors.prepare(trainingJob, job, { type: 'fail', code: 'x', reason: 'x' }, origin);
      return { kind: 'commit', appends: append === null ? [] : [append] };
    },
  };
  const handlers = new Map([
    ['plan-weekly-retrain', planWeeklyRetrain(weekly)],
    ['start-weekly-retrain', startWeeklyRetrain(weekly)],
    ['collect-data', endJob],
    ['publish-config', done],
  ]);
  const concurrency = { quick: 8, slow: 1 };
  const runner = createEffectRunner({
    ...{ log, queue, clocks, handlers, concurrency, worker, logger, random: Math.random },
    observe: () => undefined,
    pollMs: 50,
  });
  runner.start();
  return { postgres, runner, actors, log };
}

beforeAll(async () => {
  database = await createTestDatabase();
  nodes = await Promise.all([startNode('node-1'), startNode('node-2'), startNode('node-3')]);
});

afterAll(async () => {
  await Promise.all(nodes.map(({ runner }) => runner.close()));
  await Promise.all(nodes.map(({ postgres }) => postgres.close()));
  await database.drop();
});

describe('the weekly retrain', () => {
  it('starts once per site and slot, however many nodes run', async () => {
    const { log } = (nodes[0] ?? (await startNode('spare'))).postgres;
    const actors = createStreamActors({ log, clocks, newId: randomUUID });
    for (const systemId of SITES) {
      const origin = { actor: 'test', tenant: 'acme', systemId, correlationId: systemId };
      const register = { type: 'register', systemId, tenant: 'acme', settings: sampleSettings } as const;
      await actors.send(site, streamId('site', systemId), register, origin);
    }
    const nextSlots = async () => {
      const loaded = await Promise.all(
        SITES.map((systemId) => actors.load(site, streamId('site', systemId))),
      );
      return loaded.map(({ stage }) => stage.context.nextRetrain);
    };
    const planned = (slot: string) =>
      vi.waitFor(async () => expect(new Set(await nextSlots())).toEqual(new Set([slot])), PATIENCE);

    // A site whose last job is unfinished would rightly skip the slot.
    const ended = () =>
      vi.waitFor(async () => expect(await log.entries('unfinished-job', '', 100)).toEqual([]), PATIENCE);

    await planned('2026-10-19T06:00:00.000Z');
    siteNow += WEEK_MS;
    await planned('2026-10-26T06:00:00.000Z');
    await ended();
    siteNow += WEEK_MS;
    await planned('2026-11-02T06:00:00.000Z');

    const started = await Promise.all(
      SITES.flatMap((systemId) =>
        ['2026-10-19T06:00:00.000Z', '2026-10-26T06:00:00.000Z'].map((slot) =>
          log.lookup('weekly-slot', `${systemId}/${slot}`),
        ),
      ),
    );
    expect(new Set(started).size).toBe(SITES.length * 2);
    await vi.waitFor(async () => {
      const facts = await log.readFeed(0, 1000);
      expect(facts.filter(({ fact }) => fact.type === 'JobRequested')).toHaveLength(SITES.length * 2);
    }, PATIENCE);
  });
});
