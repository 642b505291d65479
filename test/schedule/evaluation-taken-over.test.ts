import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import pino from 'pino';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createEffectRunner } from '../../src/actors/effect-runner.ts';
import { createStreamActors, type StreamActors } from '../../src/actors/stream-actor.ts';
import { createProcessEvaluator } from '../../src/adapters/child-process/evaluator.ts';
import { openPostgres, type Postgres } from '../../src/adapters/postgres/open.ts';
import type { TrainingDependencies } from '../../src/cloud/dependencies.ts';
import { evaluateVersion } from '../../src/cloud/effects/evaluate-version.ts';
import { streamId } from '../../src/events/stream-id.ts';
import { noOutlook } from '../../src/forecasting/series.ts';
import { evaluation } from '../../src/machines/evaluation.ts';
import { site } from '../../src/machines/site.ts';
import { systemClocks } from '../../src/ports/clocks.ts';
import { tinyModel } from '../edge/tiny-model.ts';
import { sampleSettings } from '../sample-facts.ts';
import { memoryArtifacts } from '../services/memory-artifacts.ts';
import { createTestDatabase, type TestDatabase } from '../services/postgres.ts';

const HOUR_MS = 3_600_000;
const SITE = 'bess-456';
/** 00:00 of 12 January 2026 in São Paulo. */
const MIDNIGHT = Date.parse('2026-01-12T03:00:00Z');
const EVALUATION = streamId('evaluation', 'evaluation-1');
const origin = { actor: 'ana', tenant: 'acme', systemId: SITE, correlationId: 'evaluation-1' };
const logger = pino({ level: 'silent' });
const artifacts = memoryArtifacts();
const clocks = systemClocks();

let database: TestDatabase;
let postgres: Postgres;
let actors: StreamActors;

beforeAll(async () => {
  database = await createTestDatabase();
  postgres = await openPostgres({ connectionString: database.connectionString, logger });
  actors = createStreamActors({ log: postgres.log, clocks, newId: randomUUID });
  const register = { type: 'register', systemId: SITE, tenant: 'acme', settings: sampleSettings } as const;
  await actors.send(site, streamId('site', SITE), register, origin);
  await postgres.telemetry.write(
    SITE,
    Array.from({ length: 43 * 24 }, (_, i) => ({
      hour: new Date(MIDNIGHT + (i - 40 * 24) * HOUR_MS).toISOString(),
      loadKw: 200 + (i % 168),
    })),
  );
  const request = {
    ...({ evaluationId: 'evaluation-1', systemId: SITE, tenant: 'acme', modelType: 'ensemble' } as const),
    artifact: await artifacts.put(tinyModel({ version: '1.0.0' })),
    ...{ version: '1.0.0', startDate: '2026-01-12', endDate: '2026-01-13' },
  };
  await actors.send(evaluation, EVALUATION, { type: 'request', request }, origin);
});
afterAll(async () => {
  await postgres.close();
  await database.drop();
});

it('an evaluation whose node is killed in the middle of it is ended by another node, once', async () => {
  const victim = fork(new URL('./evaluating-process.ts', import.meta.url), [database.connectionString]);
  await once(victim, 'message');
  victim.kill('SIGKILL');
  await once(victim, 'exit');
  const { log, effects: queue, telemetry } = postgres;
  expect((await actors.load(evaluation, EVALUATION)).stage.state).toBe('requested');

  const evaluator = createProcessEvaluator({
    entry: new URL('../../src/main/evaluation-process.ts', import.meta.url),
    logger,
  });
  const node = { actors, artifacts, evaluator, telemetry, clocks, outlook: { read: async () => noOutlook } };
  const runner = createEffectRunner({
    ...{ log, queue, clocks, worker: 'another', logger, random: Math.random, observe: () => undefined },
    handlers: new Map([['evaluate-version', evaluateVersion(node as unknown as TrainingDependencies)]]),
    ...{ concurrency: { quick: 1, slow: 1 }, pollMs: 50 },
  });
  runner.start();
  try {
    const { stage, facts } = await vi.waitFor(
      async () => {
        const loaded = await actors.load(evaluation, EVALUATION);
        expect(loaded.stage.state).toBe('completed');
        return loaded;
      },
      { timeout: 12_000, interval: 50 },
    );
    expect(stage.context.result).toMatchObject({ origins: 2, mape: expect.closeTo(0, 5) });
    expect(facts.map(({ fact }) => fact.type)).toEqual(['EvaluationRequested', 'EvaluationCompleted']);
    expect((await queue.ofStream(EVALUATION)).map(({ state }) => state)).not.toContain('running');
  } finally {
    await runner.close();
    await evaluator.close();
  }
});
