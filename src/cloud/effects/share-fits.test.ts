import { afterEach, describe, expect, it, vi } from 'vitest';
import { CALLER, cloudOnMemory, SITE, SITE_NOW } from '../../../test/cloud/cloud-on-memory.ts';
import { sampleSettings } from '../../../test/sample-facts.ts';
import { createEffectRunner, type EffectRunner } from '../../actors/effect-runner.ts';
import { MODELS_APART } from '../../forecasting/fit-apart.ts';
import { HOUR_MS } from '../../forecasting/series.ts';
import { simulateLoad } from '../../forecasting/simulation/simulate-load.ts';
import { ArtifactMissing, checksumOf } from '../../ports/artifact-store.ts';
import type { FitOutcome } from '../../ports/fitted-models.ts';
import { type ModelFitRequest, TrainingRefused, type TrainingRequest } from '../../ports/trainer.ts';
import type { Sharing } from '../dependencies.ts';
import { createEffectHandlers } from '../effect-handlers.ts';
import { loadJob } from '../streams.ts';

const HOURS = 60 * 24;
const readings = simulateLoad({ seed: 1, zone: 'UTC', from: SITE_NOW - HOURS * HOUR_MS, hours: HOURS });

/** What a node does with a fit; every node's own. */
type Fit = (request: ModelFitRequest, signal: AbortSignal) => Promise<string>;

const open: EffectRunner[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((runner) => runner.close()));
});

/** A cloud whose nodes fit by the test's wishes; a training takes note of its request and is refused. */
async function cloudOfNodes(offers: Sharing['offers']) {
  const world = await cloudOnMemory();
  const files = new Map<string, Uint8Array>();
  const outcomes = new Map<string, FitOutcome>();
  const trained: TrainingRequest[] = [];
  const cloud = {
    ...world.cloud,
    telemetry: {
      ...world.cloud.telemetry,
      read: async () =>
        readings.map(({ hour, loadKw = 0 }) => ({ hour: new Date(hour).toISOString(), loadKw })),
    },
    artifacts: {
      ...world.cloud.artifacts,
      put: async (bytes: Uint8Array) => {
        const checksum = checksumOf(bytes);
        files.set(checksum, bytes);
        return { checksum, size: bytes.length };
      },
      get: async (checksum: string) => {
        const bytes = files.get(checksum);
        if (bytes === undefined) throw new ArtifactMissing(checksum);
        return bytes;
      },
    },
    trainer: {
      train: async (request: TrainingRequest) => {
        trained.push(request);
        throw new TrainingRefused('enough', 'the request was all that is wanted');
      },
      close: async () => undefined,
    },
  };
  const fitted: Sharing['fitted'] = {
    record: async (key, outcome) => void (outcomes.has(key) || outcomes.set(key, outcome)),
    find: async (keys) => new Map([...outcomes].filter(([key]) => keys.includes(key))),
    forget: async () => undefined,
  };

  /** Starts a node that trains one job or fits one model at a time. */
  function addNode(worker: string, fitOne: Fit): void {
    const fits: Sharing['fits'] = {
      fit: async (request, onProgress, signal) => {
        onProgress({ stage: 'fit', model: request.model, share: 0.5 });
        return Buffer.from(await fitOne(request, signal));
      },
      close: async () => undefined,
    };
    const sharing: Sharing = { fits, fitted, offers, atOnce: 1 };
    const runner = createEffectRunner({
      ...{ log: world.log, queue: world.queue, clocks: cloud.clocks, logger: cloud.logger, worker },
      handlers: createEffectHandlers({ ...cloud, sharing }),
      ...{ concurrency: { quick: 2, slow: 1 }, observe: () => undefined, pollMs: 10, random: () => 0 },
    });
    runner.start();
    open.push(runner);
  }

  async function retrain(): Promise<string> {
    await world.control.putSite(CALLER, SITE, sampleSettings);
    const wishes = { systemId: SITE, modelType: 'ensemble', members: 'all' } as const;
    const { jobId } = await world.control.requestRetrain(CALLER, {
      ...wishes,
      ...{ trainingWindowDays: 60, forceRedeploy: false },
    });
    return jobId;
  }
  const soon = (condition: () => void | Promise<void>) =>
    vi.waitFor(condition, { timeout: 10_000, interval: 10 });
  const training = (jobId: string) =>
    soon(async () => expect((await loadJob(cloud.actors, jobId)).stage.state).toBe('training'));
  return { ...world, files, trained, addNode, retrain, soon, training };
}

/** The models that a training was given, with what they learnt or why they did not. */
const givenTo = (request: TrainingRequest | undefined) =>
  Object.fromEntries(
    (request?.fitted ?? []).map((one) => [
      one.model,
      'state' in one ? Buffer.from(one.state).toString() : one.reason,
    ]),
  );

const interrupted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

describe('models of one job', () => {
  it('are fitted by several nodes, each once, and all given to the training', async () => {
    const { addNode, retrain, soon, trained } = await cloudOfNodes('always');
    const done: string[] = [];
    const both = Promise.withResolvers<void>();
    const nodes = new Set<string>();
    const fitOf =
      (node: string): Fit =>
      async ({ model }) => {
        done.push(model);
        nodes.add(node);
        if (nodes.size === 2) both.resolve();
        await both.promise;
        return `${model} learnt`;
      };
    addNode('w1', fitOf('w1'));
    addNode('w2', fitOf('w2'));
    await retrain();
    await soon(() => expect(trained).toHaveLength(1));
    expect(done.sort()).toEqual([...MODELS_APART].sort());
    expect(givenTo(trained[0])).toEqual(
      Object.fromEntries(MODELS_APART.map((model) => [model, `${model} learnt`])),
    );
  });

  it('drop out alone when they cannot be fitted, or end their process again and again', async () => {
    const { addNode, retrain, soon, trained } = await cloudOfNodes('always');
    const tries: string[] = [];
    addNode('w1', async ({ model }) => {
      tries.push(model);
      if (model === 'arima') throw new TrainingRefused('model-not-fitted', 'too few hours');
      if (model === 'lstm') throw new Error('its process ended with signal SIGSEGV');
      return 'learnt';
    });
    await retrain();
    await soon(() => expect(trained).toHaveLength(1));
    expect(givenTo(trained[0])).toEqual({
      ...{ prophet: 'learnt', xgboost: 'learnt', arima: 'too few hours' },
      lstm: 'its process ended with signal SIGSEGV',
    });
    expect(tries.filter((model) => model === 'lstm')).toHaveLength(3);
    expect(tries.filter((model) => model === 'arima')).toHaveLength(1);
  });

  it('are left to the training when no other node wants one', async () => {
    const { addNode, retrain, soon, trained } = await cloudOfNodes('idle');
    const fits = vi.fn<Fit>();
    addNode('w1', fits);
    await retrain();
    await soon(() => expect(trained).toHaveLength(1));
    expect(givenTo(trained[0])).toEqual({});
    expect(fits).not.toHaveBeenCalled();
  });

  it('are left to the training when what one learnt is lost', async () => {
    const { addNode, retrain, soon, trained, files } = await cloudOfNodes('always');
    addNode('w1', async ({ model }) => {
      for (const [checksum, bytes] of files) if (bytes.length < 100) files.delete(checksum);
      return model;
    });
    await retrain();
    await soon(() => expect(trained).toHaveLength(1));
    expect(givenTo(trained[0])).toEqual({});
  });

  it('stop on every node when their job is cancelled', async () => {
    const { addNode, retrain, soon, control, queue, training } = await cloudOfNodes('always');
    const begun: string[] = [];
    const stopped: string[] = [];
    const fit: Fit = ({ model }, signal) => {
      begun.push(model);
      signal.addEventListener('abort', () => stopped.push(model));
      return interrupted(signal);
    };
    addNode('w1', fit);
    addNode('w2', fit);
    const jobId = await retrain();
    await training(jobId);
    await soon(() => expect(begun).toHaveLength(2));
    await control.cancelJob(CALLER, jobId, 'not needed');
    await soon(async () => expect(await queue.ofStream(`training-job-${jobId}`)).toEqual([]));
    expect(stopped.sort()).toEqual(begun.sort());
  });
});
