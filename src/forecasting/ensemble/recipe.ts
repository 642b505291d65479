import { hindcastInput } from '../features/hindcast.ts';
import { type FittedModel, type ModelView, viewOf } from '../models/member.ts';
import { type Algebra, scalar } from '../tensor/algebra.ts';
import type { Calibration } from './calibration.ts';
import { constantWeights, forecastsOf, type Models, weightedSum } from './combine.ts';
import { recentError } from './drift.ts';
import { guard } from './guard.ts';
import { type Outputs, outputsOf } from './outputs.ts';
import { type UsualErrors, usualError } from './usual-errors.ts';
import type { Weights } from './weights.ts';

/** All that an artifact computes from its input. */
export interface Recipe {
  readonly models: Models;
  /** Of the models in `models`; sum 1. */
  readonly weights: Weights;
  /**
   * Mean |error| in training by model, in units of the level: the forecast falls back towards a naive one while
   * the models do much worse. Null leaves the forecast unguarded.
   */
  readonly usualErrors: UsualErrors | null;
  readonly calibration: Calibration;
  /** The model by whose recent errors the band is widened or narrowed; null leaves the band as it was learnt. */
  readonly watched: FittedModel | null;
  /** Least load that can be, in kW; null when it may be negative. */
  readonly floor: number | null;
}

/** The recipe's outputs for rows of input. */
export function runRecipe<T>(g: Algebra<T>, recipe: Recipe, view: ModelView<T>): Outputs<T> {
  const weights = constantWeights(g, recipe.weights);
  const combined = weightedSum(g, forecastsOf(g, recipe.models, view), weights);
  const point = recipe.usualErrors === null ? combined : guardedForecast(g, recipe, view, combined);
  const { watched, calibration, floor } = recipe;
  return outputsOf(g, view, point, {
    calibration,
    recentError: watched === null ? null : recentError(g, watched, view),
    floor,
  });
}

function guardedForecast<T>(g: Algebra<T>, recipe: Recipe, view: ModelView<T>, forecast: T): T {
  const past = viewOf(g, view.layout, hindcastInput(g, view.layout, view.input));
  const hindcast = weightedSum(g, forecastsOf(g, recipe.models, past), constantWeights(g, recipe.weights));
  const usual = usualError(recipe.usualErrors ?? {}, recipe.weights);
  return guard(g, { view, past, forecast, hindcast, usual: scalar(g, usual) });
}
