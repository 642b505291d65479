import { type FittedModel, type ModelView, viewOf } from '../models/member.ts';
import { type Algebra, scalar } from '../tensor/algebra.ts';
import type { Calibration } from './calibration.ts';
import { constantWeights, forecastsOf, type Models, weightedSum } from './combine.ts';
import { WATCHED_LOOKS } from './drift.ts';
import { guard } from './guard.ts';
import { forecastsByLook, lookBack, recentError } from './look-back.ts';
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

/** How far back a recipe looks: the guard one step, the band's width some more. */
function looksOf({ usualErrors, watched }: Recipe): number {
  if (watched !== null) return WATCHED_LOOKS;
  return usualErrors === null ? 0 : 1;
}

/** The recipe's outputs for rows of input. */
export function runRecipe<T>(g: Algebra<T>, recipe: Recipe, view: ModelView<T>): Outputs<T> {
  const { models, weights, usualErrors, watched, calibration, floor } = recipe;
  const back = lookBack(g, view, looksOf(recipe));
  const combined = weightedSum(g, forecastsOf(g, models, back.view), constantWeights(g, weights));
  const [forecast = combined, hindcast = combined] = forecastsByLook(g, back, combined);
  const [pastInput] = back.inputs;
  const point =
    usualErrors === null || pastInput === undefined
      ? forecast
      : guard(g, {
          ...{ view, forecast, hindcast },
          past: viewOf(g, view.layout, pastInput),
          usual: scalar(g, usualError(usualErrors, weights)),
        });
  return outputsOf(g, view, point, {
    calibration,
    recentError: watched === null ? null : recentError(g, watched, view, back),
    floor,
  });
}
