import { type Lags, nearestAlike } from '../features/lags.ts';
import { type Algebra, scalar } from '../tensor/algebra.ts';

/** Below this share of the last week's mean load an hour counts as standing still. */
const STILL = 0.01;

const highest = <T>(g: Algebra<T>, loads: readonly T[]): T =>
  loads.map((load) => g.abs(load)).reduce((a, b) => g.max(a, b));

/** The load below which an hour stands still, [N, 1] in kW. */
export const stillLoad = <T>(g: Algebra<T>, { scale }: Lags<T>): T => g.mul(scale, scalar(g, STILL));

/**
 * 1 for forecast hours at which nothing ran on the three nearest days of the same type, and for a working day
 * neither one nor two weeks before, otherwise 0. [N, 48]
 */
export function stillHours<T>(g: Algebra<T>, lags: Lags<T>): T {
  const weeks = highest(g, [lags.week[0], lags.week[1]]);
  const working = g.less(lags.dayType, scalar(g, 0.5));
  const lately = g.max(highest(g, nearestAlike(g, lags)), g.mul(weeks, working));
  return g.less(lately, stillLoad(g, lags));
}

/**
 * Takes the forecast of hours that stand still to the nearly nothing of the nearest day alike: models are fitted to
 * working hours as well and leave a little load everywhere, while a closed plant has none. [N, 48] in kW.
 */
export const standStill = <T>(g: Algebra<T>, lags: Lags<T>, forecast: T): T =>
  g.where(stillHours(g, lags), nearestAlike(g, lags)[0], forecast);
