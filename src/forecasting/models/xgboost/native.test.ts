import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Matrix, predict } from './booster.ts';
import { fromXgboostJson } from './model-json-reader.ts';
import type { BoosterParameters, Objective } from './parameters.ts';
import { trainBooster } from './train.ts';

interface FixtureParameters {
  readonly objective: string;
  readonly quantile_alpha?: number;
  readonly max_depth: number;
  readonly eta: number;
  readonly reg_lambda?: number;
  readonly reg_alpha?: number;
  readonly gamma?: number;
  readonly min_child_weight?: number;
  readonly max_leaves?: number;
}

/** Models that the real library trained, with their data and predictions. */
const fixture = JSON.parse(readFileSync(new URL('./fixtures/models.json', import.meta.url), 'utf8')) as {
  readonly rows: number;
  readonly columns: number;
  readonly features: readonly (number | null)[];
  readonly target: readonly number[];
  readonly weights: readonly number[];
  readonly models: readonly {
    readonly name: string;
    readonly parameters: FixtureParameters;
    readonly weighted: boolean;
    readonly model: unknown;
    readonly predictions: readonly number[];
  }[];
};
const data = Float32Array.from(fixture.features, (value) => value ?? Number.NaN);
const matrix: Matrix = { data, rows: fixture.rows, columns: fixture.columns };
const target = Float32Array.from(fixture.target);

const objectiveOf = ({ objective, quantile_alpha = 0.5 }: FixtureParameters): Objective => {
  if (objective === 'reg:squarederror') return { name: 'squared-error' };
  if (objective === 'reg:absoluteerror') return { name: 'absolute-error' };
  return { name: 'quantile-error', alpha: quantile_alpha };
};

const parametersOf = (given: FixtureParameters): Partial<BoosterParameters> => ({
  objective: objectiveOf(given),
  rounds: 6,
  maxDepth: given.max_depth,
  learningRate: given.eta,
  lambda: given.reg_lambda ?? 1,
  alpha: given.reg_alpha ?? 0,
  gamma: given.gamma ?? 0,
  minChildWeight: given.min_child_weight ?? 1,
  maxLeaves: given.max_leaves ?? 0,
});

const largestRelativeError = (values: ArrayLike<number>, expected: ArrayLike<number>): number =>
  Math.max(
    ...Array.from(values, (value, i) => Math.abs(value - (expected[i] ?? Number.NaN)) / Math.abs(value)),
  );

describe.each(fixture.models)(
  'beside the real library, $name',
  ({ parameters, weighted, model, predictions }) => {
    const options = weighted ? { weights: Float32Array.from(fixture.weights) } : {};

    it('predicts what the real model predicts once loaded', () => {
      const booster = fromXgboostJson(JSON.stringify(model));
      expect(
        largestRelativeError(predict(booster, data, matrix.rows, matrix.columns), predictions),
      ).toBeLessThan(1e-6);
    });

    it('grows the same trees from the same data', () => {
      const own = trainBooster(matrix, target, parametersOf(parameters), options);
      const theirs = fromXgboostJson(JSON.stringify(model));
      expect(own.trees.map((tree) => tree.left)).toEqual(theirs.trees.map((tree) => tree.left));
      expect(own.trees.map((tree) => tree.feature)).toEqual(theirs.trees.map((tree) => tree.feature));
      expect(largestRelativeError(predict(own, data, matrix.rows, matrix.columns), predictions)).toBeLessThan(
        1e-5,
      );
    });
  },
);
