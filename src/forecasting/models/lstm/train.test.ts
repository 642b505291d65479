import { describe, expect, it } from 'vitest';
import { createGraphRunner } from '../../../adapters/onnxruntime/graph-runner.ts';
import { createRandom } from '../xgboost/random.ts';
import type { NetworkRows } from './batch.ts';
import { initialParameters, type NetworkSize } from './network.ts';
import { trainNetwork } from './train.ts';

const openGraph = createGraphRunner();
const size: NetworkSize = { steps: 5, width: 3, units: 4, references: 2 };

describe('training the network', () => {
  /** What is to be learnt: the last step's first value, in every hour. */
  function learnable(count: number): NetworkRows {
    const random = createRandom(3);
    const values = (length: number) => Float32Array.from({ length }, () => 2 * random() - 1);
    const sequences = values(count * size.steps * size.width);
    const last = (row: number): number => (row * size.steps + size.steps - 1) * size.width;
    const targets = Float32Array.from(
      { length: count * 48 },
      (_, i) => sequences[last(Math.floor(i / 48))] ?? 0,
    );
    return { count, sequences, references: values(count * 48 * size.references), targets };
  }

  const task = (seed: number, signal = new AbortController().signal) => {
    const losses: number[] = [];
    const rows = learnable(200);
    const positions = Array.from({ length: 200 }, (_, i) => i);
    return {
      losses,
      training: {
        size,
        rows,
        start: initialParameters(size, createRandom(1)),
        learn: positions.slice(0, 150),
        validate: positions.slice(150),
        schedule: { epochs: 30, learningRate: 2e-2, patience: 30 },
        seed,
        openGraph,
        signal,
        onEpoch: (_: number, loss: number) => losses.push(loss),
      },
    };
  };

  it('learns, and with the same seed the same arrays', async () => {
    const { losses, training } = task(1);
    const first = await trainNetwork(training);
    expect(losses.at(-1)).toBeLessThan(0.5 * (losses[0] ?? 0));
    expect(await trainNetwork(task(1).training)).toEqual(first);
    expect(await trainNetwork(task(2).training)).not.toEqual(first);
  });

  it('gives back what it began with when nothing was better', async () => {
    const { training } = task(1);
    const targets = training.rows.targets.map((y, i) => (i < 150 * 48 ? y : 0));
    const rows = { ...training.rows, targets };
    expect(
      await trainNetwork({ ...training, rows, schedule: { ...training.schedule, patience: 1 } }),
    ).toEqual(training.start);
  });

  it('stops when told to', async () => {
    const { training } = task(1, AbortSignal.abort(new Error('stop')));
    await expect(trainNetwork(training)).rejects.toThrow('stop');
  });
});
