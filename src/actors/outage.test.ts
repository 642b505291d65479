import pino from 'pino';
import { expect, it, vi } from 'vitest';
import { sampleRequest } from '../../test/sample-facts.ts';
import { openMemory } from '../adapters/memory/open.ts';
import { trainingJob } from '../machines/training-job.ts';
import { Unavailable } from '../ports/unavailable.ts';
import type { EffectHandler, EffectOutcome } from './effect-handler.ts';
import { createEffectRunner } from './effect-runner.ts';
import { createStreamActors } from './stream-actor.ts';

it('waits for a service that is away, for longer than it has tries', async () => {
  const { log, effects } = openMemory();
  const clocks = { site: { now: () => new Date() }, machine: { now: () => new Date() } };
  let ids = 0;
  const actors = createStreamActors({ log, clocks, newId: () => `id-${++ids}` });
  const origin = { actor: 'ana', tenant: 'acme', systemId: 'bess-456', correlationId: 'job-1' };
  await actors.send(trainingJob, 'training-job-job-1', { type: 'request', request: sampleRequest }, origin);

  let asked = 0;
  const collect: EffectHandler = {
    maxAttempts: 1,
    async handle() {
      asked += 1;
      if (asked < 4) throw new Unavailable('the store (S3_ENDPOINT) is away');
      return { kind: 'done' };
    },
  };
  const outcomes: EffectOutcome[] = [];
  const lines: unknown[] = [];
  const runner = createEffectRunner({
    ...{ log, queue: effects, clocks, worker: 'w1', pollMs: 20, leaseMs: 2_000, random: () => 0 },
    handlers: new Map([['collect-data', collect]]),
    concurrency: { quick: 4, slow: 1 },
    logger: pino({ base: null }, { write: (line) => void lines.push(JSON.parse(line)) }),
    observe: (_type, outcome, _seconds, logger) => {
      outcomes.push(outcome);
      logger.info({ outcome }, 'effect ran');
    },
  });
  runner.start();
  await vi.waitFor(() => expect(outcomes).toContain('done'), { timeout: 10_000 });
  expect(outcomes).toEqual(['again', 'again', 'again', 'done']);
  const about = { effect: 'training-job-job-1@1#0', stream: 'training-job-job-1', correlation: 'job-1' };
  expect(lines).toMatchObject(Array.from({ length: 7 }, () => about));
  await runner.close();
});
