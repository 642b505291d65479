import { CALENDAR_AT } from '../features/layout.ts';
import { HORIZON_HOURS, QUANTILE_LEVELS } from '../horizon.ts';
import type { ModelView } from '../models/member.ts';
import { type Algebra, scalar } from '../tensor/algebra.ts';
import type { Calibration } from './calibration.ts';
import { widening } from './drift.ts';
import { peakProbability } from './peak.ts';
import { stillHours, stillLoad } from './standstill.ts';

/** The five outputs of an artifact; [N, 48] in kW, probabilities, and [N, 48, 19] in kW. */
export interface Outputs<T> {
  readonly forecast: T;
  readonly lower: T;
  readonly upper: T;
  readonly peakProbability: T;
  readonly quantiles: T;
}

/** What a forecast is surrounded by. */
export interface Surroundings<T> {
  readonly calibration: Calibration;
  /** How large errors have been of late, in units of the level, [N, 1]; null keeps the band as it was learnt. */
  readonly recentError: T | null;
  /** Least load that can be, in kW; null when it may be negative. */
  readonly floor: number | null;
}

/** Typical error of each forecast hour in kW, [N, 48]. */
function errorWidth<T>(g: Algebra<T>, view: ModelView<T>, surroundings: Surroundings<T>): T {
  const { calibration, recentError } = surroundings;
  const hours = Array.from({ length: 24 }, (_, hour) => CALENDAR_AT.hour + hour);
  const factor = g.matmul(g.take(view.lags.calendar, hours), g.constant(calibration.hourFactor, [24, 1]));
  const byLead = g.mul(
    g.reshape(factor, [HORIZON_HOURS]),
    g.constant(calibration.leadSpread, [HORIZON_HOURS]),
  );
  const width = g.mul(byLead, view.lags.scale);
  if (recentError === null || calibration.usualError === null) return width;
  return g.mul(width, widening(g, g.mul(recentError, scalar(g, 1 / calibration.usualError))));
}

/** Typical errors with those of hours that stand still no larger than the load that still counts as none. */
function narrowedWhereStill<T>(g: Algebra<T>, { lags }: ModelView<T>, width: T): T {
  return g.where(stillHours(g, lags), g.min(width, stillLoad(g, lags)), width);
}

/** Band, quantiles and peak probability around a forecast. */
export function outputsOf<T>(
  g: Algebra<T>,
  view: ModelView<T>,
  point: T,
  surroundings: Surroundings<T>,
): Outputs<T> {
  const { calibration, floor } = surroundings;
  const atLeast = (x: T): T => (floor === null ? x : g.max(x, scalar(g, floor)));
  const width = narrowedWhereStill(g, view, errorWidth(g, view, surroundings));
  const forecast = atLeast(point);
  const errors = g.mul(
    g.reshape(width, [HORIZON_HOURS, 1]),
    g.constant(calibration.quantiles, [1, QUANTILE_LEVELS.length]),
  );
  const quantiles = atLeast(g.add(g.reshape(forecast, [HORIZON_HOURS, 1]), errors));
  const column = (i: number): T => g.reshape(g.take(quantiles, [i]), [HORIZON_HOURS]);
  return {
    forecast,
    lower: column(0),
    upper: column(QUANTILE_LEVELS.length - 1),
    peakProbability: peakProbability(g, view.lags, { forecast, width, calibration }),
    quantiles,
  };
}
