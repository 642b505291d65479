import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { sampleDataSet, sampleRequest } from '../../test/sample-facts.ts';
import { openMemory } from '../adapters/memory/open.ts';
import { trainingJob } from '../machines/training-job.ts';
import type { EffectHandler, EffectOutcome } from './effect-handler.ts';
import { createEffectRunner, type EffectRunner } from './effect-runner.ts';
import { createStreamActors, type Origin } from './stream-actor.ts';

const logger = pino({ level: 'silent' });
const stream = 'training-job-job-1';
const origin: Origin = { actor: 'ana', tenant: 'acme', systemId: 'bess-456', correlationId: 'job-1' };
const request = { type: 'request', request: sampleRequest } as const;

const closing: EffectRunner[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((runner) => runner.close()));
});

function world() {
  const memory = openMemory();
  const clocks = { site: { now: () => new Date() }, machine: { now: () => new Date() } };
  let ids = 0;
  const newId = () => `id-${++ids}`;
  const actors = createStreamActors({ log: memory.log, clocks, newId });
  const outcomes: EffectOutcome[] = [];
  function run(
    handlers: Readonly<Record<string, EffectHandler>>,
    worker = 'w1',
    leaseMs = 2_000,
  ): EffectRunner {
    const runner = createEffectRunner({
      log: memory.log,
      queue: memory.effects,
      clocks,
      handlers: new Map(Object.entries(handlers)),
      concurrency: { quick: 4, slow: 1 },
      worker,
      logger,
      random: () => 0,
      observe: (_type, outcome) => outcomes.push(outcome),
      leaseMs,
      pollMs: 20,
    });
    closing.push(runner);
    runner.start();
    return runner;
  }
  const state = async () => (await actors.load(trainingJob, stream)).stage.state;
  return { ...memory, actors, outcomes, run, state };
}

/** A handler that waits until it is interrupted. */
const endless: EffectHandler = {
  handle: async (_effect, { signal }) => {
    await sleep(600_000, undefined, { signal });
    return { kind: 'done' };
  },
};

describe('stream actors', () => {
  it('append the facts with their effects, and stamp who, what and when', async () => {
    const { actors, log, effects } = world();
    await actors.send(trainingJob, stream, request, origin);
    const [fact] = await log.readStream(stream);
    expect(fact).toMatchObject({
      version: 1,
      fact: { type: 'JobRequested' },
      metadata: { ...origin, machine: `training-job@${trainingJob.version}`, schema: 1 },
    });
    expect(await effects.ofStream(stream)).toMatchObject([{ key: `${stream}@1#0`, type: 'collect-data' }]);
  });

  it('decide again when they lose a race', async () => {
    const { actors, state } = world();
    await actors.send(trainingJob, stream, request, origin);
    const cancels = await Promise.allSettled(
      Array.from({ length: 5 }, () =>
        actors.send(trainingJob, stream, { type: 'cancel', reason: 'x' }, origin),
      ),
    );
    expect(cancels.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await state()).toBe('cancelled');
  });
});

describe('effect runner', () => {
  it('appends the answer with the completion', async () => {
    const { actors, run, state, effects } = world();
    await actors.send(trainingJob, stream, request, origin);
    run({
      'collect-data': {
        async handle(effect) {
          const loaded = await actors.load(trainingJob, stream);
          const command = { type: 'record-data', dataSet: sampleDataSet } as const;
          const append = actors.prepare(trainingJob, loaded, command, { ...origin, causationId: effect.key });
          return { kind: 'commit', appends: append === null ? [] : [append] };
        },
      },
      'train-models': endless,
    });
    await vi.waitFor(async () => expect(await state()).toBe('training'));
    await vi.waitFor(async () =>
      expect(await effects.ofStream(stream)).toMatchObject([{ type: 'train-models', state: 'running' }]),
    );
  });

  it('retries a failure, then gives up as the handler says', async () => {
    const { actors, run, state, outcomes } = world();
    await actors.send(trainingJob, stream, request, origin);
    run({
      'collect-data': {
        maxAttempts: 2,
        handle: () => Promise.reject(new Error('no telemetry')),
        async giveUp(_effect, error) {
          const command = { type: 'fail', code: 'x', reason: error.message } as const;
          const append = actors.prepare(trainingJob, await actors.load(trainingJob, stream), command, origin);
          return { kind: 'commit', appends: append === null ? [] : [append] };
        },
      },
    });
    await vi.waitFor(async () => expect(await state()).toBe('failed'), { timeout: 5_000 });
    expect(outcomes).toEqual(['retried', 'given-up']);
  });

  it('dead-letters what has no last resort, and runs it again when it is re-driven', async () => {
    const { actors, run, effects, outcomes } = world();
    await actors.send(trainingJob, stream, request, origin);
    let broken = true;
    run({
      'collect-data': {
        maxAttempts: 1,
        handle: async () => {
          if (broken) throw new Error('bucket is down');
          return { kind: 'done' };
        },
      },
    });
    await vi.waitFor(() => expect(outcomes).toEqual(['buried']));
    expect(await effects.dead(10)).toMatchObject([{ key: `${stream}@1#0`, error: 'bucket is down' }]);
    broken = false;
    expect(await effects.redrive({ type: 'collect-data' })).toBe(1);
    await vi.waitFor(() => expect(outcomes).toEqual(['buried', 'done']));
  });

  it('does not try again what does not fit its schema', async () => {
    const { actors, run, state, outcomes } = world();
    await actors.send(trainingJob, stream, request, origin);
    const fail = async (reason: string) => {
      const command = { type: 'fail', code: 'x', reason } as const;
      const append = actors.prepare(trainingJob, await actors.load(trainingJob, stream), command, origin);
      return { kind: 'commit', appends: append === null ? [] : [append] } as const;
    };
    run({
      'collect-data': {
        handle: () => fail('x'.repeat(5000)),
        giveUp: () => fail('too long'),
      },
    });
    await vi.waitFor(async () => expect(await state()).toBe('failed'));
    expect(outcomes).toEqual(['given-up']);
  });

  it('dead-letters what cannot even be given up, instead of running it for ever', async () => {
    const { actors, run, effects, outcomes } = world();
    await actors.send(trainingJob, stream, request, origin);
    run({
      'collect-data': {
        maxAttempts: 1,
        handle: () => Promise.reject(new Error('no telemetry')),
        async giveUp() {
          const command = { type: 'fail', code: 'x', reason: 'x'.repeat(5000) } as const;
          const append = actors.prepare(trainingJob, await actors.load(trainingJob, stream), command, origin);
          return { kind: 'commit', appends: append === null ? [] : [append] };
        },
      },
    });
    await vi.waitFor(() => expect(outcomes).toEqual(['buried']));
    expect(await effects.dead(10)).toMatchObject([{ type: 'collect-data' }]);
  });

  it('ends when giving up finds that the stream has moved on', async () => {
    const { actors, run, effects, outcomes } = world();
    await actors.send(trainingJob, stream, request, origin);
    await actors.send(trainingJob, stream, { type: 'cancel', reason: 'x' }, origin);
    run({
      'stop-work': { handle: async () => ({ kind: 'done' }) },
      'collect-data': {
        maxAttempts: 1,
        handle: () => Promise.reject(new Error('no telemetry')),
        async giveUp() {
          const command = { type: 'fail', code: 'x', reason: 'x' } as const;
          const append = actors.prepare(trainingJob, await actors.load(trainingJob, stream), command, origin);
          return { kind: 'commit', appends: append === null ? [] : [append] };
        },
      },
    });
    await vi.waitFor(() => expect(outcomes).toHaveLength(2));
    expect(outcomes).not.toContain('buried');
    expect(await effects.ofStream(stream)).toEqual([]);
  });

  it('does nothing when the stream has moved on', async () => {
    const { actors, run, outcomes, effects } = world();
    await actors.send(trainingJob, stream, request, origin);
    await actors.send(trainingJob, stream, { type: 'cancel', reason: 'x' }, origin);
    run({
      'stop-work': { handle: async () => ({ kind: 'done' }) },
      'collect-data': {
        async handle() {
          const command = { type: 'record-data', dataSet: sampleDataSet } as const;
          actors.prepare(trainingJob, await actors.load(trainingJob, stream), command, origin);
          return { kind: 'done' };
        },
      },
    });
    await vi.waitFor(() => expect(outcomes).toEqual(['done', 'done']));
    expect(await effects.ofStream(stream)).toEqual([]);
  });

  it('interrupts cancelled work', async () => {
    const { actors, run, effects, outcomes } = world();
    await actors.send(trainingJob, stream, request, origin);
    run({ 'collect-data': endless }, 'w1', 300);
    await vi.waitFor(async () =>
      expect(await effects.ofStream(stream)).toMatchObject([{ state: 'running' }]),
    );
    await effects.cancel(stream, 'collect-data');
    await vi.waitFor(() => expect(outcomes).toEqual(['cancelled']));
    expect(await effects.ofStream(stream)).toEqual([]);
  });

  it('gives running work back when it stops, for another node to take', async () => {
    const { actors, run, outcomes, effects } = world();
    await actors.send(trainingJob, stream, request, origin);
    const first = run({ 'collect-data': endless });
    await vi.waitFor(async () =>
      expect(await effects.ofStream(stream)).toMatchObject([{ state: 'running' }]),
    );
    await first.close();
    expect(outcomes).toEqual(['released']);
    run({ 'collect-data': { handle: async () => ({ kind: 'done' }) } }, 'w2');
    await vi.waitFor(() => expect(outcomes).toEqual(['released', 'done']));
  });

  it('shows progress while work runs, and repeats what asks to be repeated', async () => {
    const { actors, run, effects, outcomes } = world();
    await actors.send(trainingJob, stream, request, origin);
    let calls = 0;
    run({
      'collect-data': {
        handle: async (_effect, { progress, signal }) => {
          calls += 1;
          progress({ share: 0.5 });
          if (calls < 3) return { kind: 'again', afterMs: 1 };
          await sleep(600_000, undefined, { signal });
          return { kind: 'done' };
        },
      },
    });
    await vi.waitFor(async () =>
      expect(await effects.ofStream(stream)).toMatchObject([{ progress: { share: 0.5 }, state: 'running' }]),
    );
    expect(outcomes).toEqual(['again', 'again']);
  });
});
