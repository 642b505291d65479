import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binMatrix } from './bins.ts';
import { featureImportance, predict } from './booster.ts';
import { createRandom } from './random.ts';
import { trainBooster, trainOnBins } from './train.ts';

/** A noisy wave of the first column; the second is noise and often missing. */
const wave = (rows: number, seed: number) => {
  const random = createRandom(seed);
  const values = Float32Array.from({ length: rows * 2 }, (_, i) =>
    i % 2 === 1 && random() < 0.3 ? Number.NaN : random() * 10,
  );
  const labels = Float32Array.from(
    { length: rows },
    (_, row) => 100 + 20 * Math.sin(values[2 * row] ?? 0) + random() * 4,
  );
  return { matrix: { data: values, rows, columns: 2 }, target: labels };
};

const lossOf = (
  booster: ReturnType<typeof trainBooster>,
  { matrix: m, target: t }: ReturnType<typeof wave>,
) =>
  Math.sqrt(
    predict(booster, m.data, m.rows, m.columns).reduce((sum, p, i) => sum + (p - (t[i] ?? 0)) ** 2, 0) /
      m.rows,
  );

describe('training', () => {
  it('gives the same booster for the same seed and another for another', () => {
    const sample = wave(400, 1);
    const booster = (seed: number) =>
      trainBooster(sample.matrix, sample.target, { rounds: 8, subsample: 0.7, colsampleByTree: 0.6, seed });
    expect(booster(5)).toEqual(booster(5));
    expect(booster(5)).not.toEqual(booster(6));
  });

  it('gives the same booster on a matrix that is shared by several', () => {
    const sample = wave(300, 2);
    const binned = binMatrix(sample.matrix);
    trainOnBins(binned, sample.target, { rounds: 3, objective: { name: 'absolute-error' } });
    expect(trainOnBins(binned, sample.target, { rounds: 5 })).toEqual(
      trainBooster(sample.matrix, sample.target, { rounds: 5 }),
    );
  });

  it('ends at the round of least evaluation loss', () => {
    const [fit, held] = [wave(150, 3), wave(150, 4)];
    const losses: number[] = [];
    const booster = trainBooster(
      fit.matrix,
      fit.target,
      { rounds: 500, earlyStoppingRounds: 10 },
      {
        evaluation: held,
        onRound: ({ evaluationLoss }) => losses.push(evaluationLoss ?? Number.NaN),
      },
    );
    expect(losses.length).toBeLessThan(500);
    expect(losses.length).toBe(booster.trees.length + 10);
    expect(Math.min(...losses)).toBe(losses[booster.trees.length - 1]);
    expect(lossOf(booster, held)).toBeCloseTo(Math.min(...losses), 3);
  });

  it('lowers the training loss from round to round, sampled rows or not', () => {
    const sample = wave(500, 5);
    for (const subsample of [1, 0.6]) {
      const losses: number[] = [];
      trainBooster(
        sample.matrix,
        sample.target,
        { rounds: 20, subsample },
        {
          onRound: ({ trainingLoss }) => losses.push(trainingLoss),
        },
      );
      expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) / 3);
    }
  });

  it('reports the training loss of the booster it returns, rows left out of a tree included', () => {
    const sample = wave(300, 6);
    let last = 0;
    const booster = trainBooster(
      sample.matrix,
      sample.target,
      { rounds: 12, subsample: 0.5, seed: 9 },
      {
        onRound: ({ trainingLoss }) => {
          last = trainingLoss;
        },
      },
    );
    expect(lossOf(booster, sample)).toBeCloseTo(last, 4);
  });

  it('covers the share of rows that its quantile names', () => {
    const sample = wave(2000, 7);
    const booster = trainBooster(sample.matrix, sample.target, {
      objective: { name: 'quantile-error', alpha: 0.9 },
      rounds: 60,
      learningRate: 0.2,
      maxDepth: 3,
    });
    const predictions = predict(booster, sample.matrix.data, 2000, 2);
    const below = sample.target.filter((value, i) => value <= (predictions[i] ?? 0)).length;
    expect(below / 2000).toBeGreaterThan(0.87);
    expect(below / 2000).toBeLessThan(0.93);
  });

  it('gives the gain to the column that explains the target', () => {
    const sample = wave(500, 8);
    const booster = trainBooster(sample.matrix, sample.target, { rounds: 10, maxDepth: 3 });
    const [first = 0, second = 0] = featureImportance(booster);
    expect(first + second).toBeCloseTo(1);
    expect(first).toBeGreaterThan(0.95);
  });

  it('learns where missing values belong', () => {
    const values = Float32Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? Number.NaN : i % 7));
    const labels = Float32Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 50 : 10));
    const booster = trainBooster({ data: values, rows: 200, columns: 1 }, labels, {
      rounds: 1,
      learningRate: 1,
      lambda: 0,
    });
    expect([...predict(booster, Float32Array.of(Number.NaN, 3), 2, 1)]).toEqual([50, 10]);
  });

  it('stops when its signal is aborted', () => {
    const sample = wave(100, 9);
    const controller = new AbortController();
    expect(() =>
      trainBooster(
        sample.matrix,
        sample.target,
        { rounds: 1000 },
        {
          signal: controller.signal,
          onRound: ({ round }) => {
            if (round === 3) controller.abort(new Error('enough'));
          },
        },
      ),
    ).toThrow('enough');
  });

  it('predicts finite values within the range of a squared-error target, whatever the data', () => {
    const value = fc.oneof(
      fc.float({ min: -1e6, max: 1e6, noNaN: true }),
      fc.constant(Number.NaN),
      fc.integer({ min: 0, max: 3 }),
    );
    const row = fc.tuple(value, value, value, fc.float({ min: -1000, max: 1000, noNaN: true }));
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 60 }), fc.nat(1000), (rows, seed) => {
        const features = Float32Array.from(rows.flatMap(([a, b, c]) => [c, a, b]));
        const labels = Float32Array.from(rows, ([, , , y]) => y);
        const fitted = trainBooster({ data: features, rows: rows.length, columns: 3 }, labels, {
          rounds: 5,
          maxBin: 8,
          subsample: 0.8,
          seed,
          learningRate: 1,
          lambda: 0,
          minChildWeight: 0,
        });
        expect(predict(fitted, features, rows.length, 3).every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

describe('bad input', () => {
  it.each([
    [
      'an infinite feature',
      { data: Float32Array.of(1, Number.POSITIVE_INFINITY) },
      'feature 0 of row 1 is Infinity',
    ],
    ['a target that is no number', { target: Float32Array.of(1, Number.NaN) }, 'the target of row 1 is NaN'],
    ['too few targets', { target: Float32Array.of(1) }, '2 rows need as many targets, not 1'],
    ['a negative weight', { weights: Float32Array.of(1, -1) }, 'the weight of row 1 is -1'],
    ['no rows', { data: new Float32Array(0), rows: 0, target: new Float32Array(0) }, 'at least one row'],
    ['data of another size', { data: new Float32Array(3) }, 'a 2 × 1 matrix holds 2 values, not 3'],
    [
      'a share above 1',
      { parameters: { subsample: 1.5 } },
      'subsample must be a number from 0.000001 to 1, not 1.5',
    ],
    ['half a round', { parameters: { rounds: 2.5 } }, 'rounds must be a whole number'],
    [
      'a quantile of 1',
      { parameters: { objective: { name: 'quantile-error', alpha: 1 } as const } },
      'between 0 and 1',
    ],
  ])('refuses %s', (_, given, message) => {
    const input = {
      data: Float32Array.of(1, 2),
      rows: 2,
      target: Float32Array.of(1, 2),
      weights: Float32Array.of(1, 1),
      parameters: {},
      ...given,
    };
    expect(() =>
      trainBooster({ data: input.data, rows: input.rows, columns: 1 }, input.target, input.parameters, {
        weights: input.weights.slice(0, input.rows),
      }),
    ).toThrow(message);
  });

  it('refuses features of another width', () => {
    const sample = wave(20, 10);
    const booster = trainBooster(sample.matrix, sample.target, { rounds: 1 });
    expect(() => predict(booster, new Float32Array(6), 2, 3)).toThrow('trained on 2 columns, not 3');
  });
});
