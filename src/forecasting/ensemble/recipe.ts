import { type ModelView, viewOf } from '../models/member.ts';
import { type Algebra, scalar } from '../tensor/algebra.ts';
import type { Calibration } from './calibration.ts';
import { carryErrors } from './carried-errors.ts';
import { constantWeights, forecastsOf, type Models, weightedSum } from './combine.ts';
import { LOOK_WEIGHTS, recentError } from './drift.ts';
import { guard } from './guard.ts';
import { rowsByLook } from './look-back.ts';
import { type Outputs, outputsOf } from './outputs.ts';
import { standStill } from './standstill.ts';
import { type UsualErrors, usualError } from './usual-errors.ts';
import type { Weights } from './weights.ts';

/** All that an artifact computes from its input. */
export interface Recipe {
  readonly models: Models;
  /** Of the models in `models`; sum 1. */
  readonly weights: Weights;
  /** Mean |error| in training by model, in units of the level. */
  readonly usualErrors: UsualErrors;
  /** Whether the forecast falls back towards a naive one while the models do much worse than usual. */
  readonly guarded: boolean;
  readonly calibration: Calibration;
  /** Least load that can be, in kW; null when it may be negative. */
  readonly floor: number | null;
}

/** The recipe's outputs for rows of input. */
export function runRecipe<T>(g: Algebra<T>, recipe: Recipe, view: ModelView<T>): Outputs<T> {
  const { models, weights, usualErrors, guarded, calibration, floor } = recipe;
  const rows = rowsByLook(g, view, LOOK_WEIGHTS.length);
  const combined = (row: T): T =>
    weightedSum(g, forecastsOf(g, models, viewOf(g, view.layout, row)), constantWeights(g, weights));
  const [ahead, ...hindcasts] = g.each(rows, combined) as [T, ...T[]];
  const [hindcast = ahead] = hindcasts;
  const usual = scalar(g, usualError(usualErrors, weights));
  const forecast = carryErrors(g, { view, forecast: ahead, hindcast, usual });
  const past = viewOf(g, view.layout, rows[1] ?? view.input);
  const safe = guarded ? guard(g, { view, past, forecast, hindcast, usual }) : forecast;
  const point = standStill(g, view.lags, safe);
  return outputsOf(g, view, point, { calibration, recentError: recentError(g, view, hindcasts), floor });
}
