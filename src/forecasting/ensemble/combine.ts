import type { FeatureLayout } from '../features/layout.ts';
import { type FittedModel, type MemberName, type ModelView, viewOf } from '../models/member.ts';
import { type Algebra, scalar } from '../tensor/algebra.ts';
import type { Tensor } from '../tensor/numeric.ts';
import { createProgram } from '../tensor/program.ts';
import type { Weights } from './weights.ts';

/** Trained models by name. */
export type Models = Readonly<Partial<Record<MemberName, FittedModel>>>;

/** A value by model: forecasts [N, 48], or weights that broadcast with them. */
export type ByModel<T> = Readonly<Partial<Record<MemberName, T>>>;

const entriesOf = <V>(byModel: Readonly<Partial<Record<MemberName, V>>>): [MemberName, V][] =>
  Object.entries(byModel) as [MemberName, V][];

/** What each model forecasts, [N, 48]. */
export function forecastsOf<T>(g: Algebra<T>, models: Models, view: ModelView<T>): ByModel<T> {
  return Object.fromEntries(entriesOf(models).map(([name, model]) => [name, model.forecast(g, view)]));
}

/** What each model forecasts for rows of input [N × F]; what several models derive is derived once. */
export const forecastRows = (models: Models, layout: FeatureLayout, input: Float32Array): ByModel<Tensor> =>
  createProgram(layout.width, (g, row) => forecastsOf(g, models, viewOf(g, layout, row))).run(input);

/** Weights as constants of a graph. */
export function constantWeights<T>(g: Algebra<T>, weights: Weights): ByModel<T> {
  return Object.fromEntries(entriesOf(weights).map(([name, weight]) => [name, scalar(g, weight)]));
}

/** Σ weight · forecast, [N, 48]. Throws `RangeError` when no forecast has a weight. */
export function weightedSum<T>(g: Algebra<T>, forecasts: ByModel<T>, weights: ByModel<T>): T {
  let sum: T | null = null;
  for (const [name, forecast] of entriesOf(forecasts)) {
    const weight = weights[name];
    if (weight === undefined) continue;
    const term = g.mul(forecast, weight);
    sum = sum === null ? term : g.add(sum, term);
  }
  if (sum === null) throw new RangeError('no model carries a weight');
  return sum;
}
