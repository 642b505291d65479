import { HISTORY_HOURS, HORIZON_HOURS } from '../horizon.ts';
import { type Algebra, mean, scalar, span } from '../tensor/algebra.ts';

/**
 * A forecast for the days right after a break of the level, when no forecast that was made before it can know:
 * the load of two weeks ago, scaled to the last 24 hours. It is trusted only as far as the first half of those
 * hours foretold the second, which a level that broke for good does and a day off does not.
 */
export interface RescaledForecast<T> {
  /** [N, 48] in kW. */
  readonly forecast: T;
  /** Mean |error| over the last 12 hours when scaled by the 12 hours before them, [N, 1] in kW. */
  readonly error: T;
}

/** Two weeks: the weekdays match, and the level of then is not yet that of after the break. */
const BACK = 336;

/** Largest factor by which a level is taken to have changed. */
const MOST = 10;

/** `scale` is the row's level, [N, 1]. */
export function rescaledForecast<T>(g: Algebra<T>, history: T, scale: T): RescaledForecast<T> {
  const hours = (from: number, to: number): T => span(g, history, HISTORY_HOURS + from, HISTORY_HOURS + to);
  const factor = (from: number, to: number): T => {
    const then = g.max(mean(g, hours(from - BACK, to - BACK)), g.mul(scale, scalar(g, 1e-3)));
    const ratio = g.div(mean(g, hours(from, to)), then);
    return g.min(g.max(ratio, scalar(g, 0)), scalar(g, MOST));
  };
  const foretold = g.mul(hours(-12 - BACK, -BACK), factor(-24, -12));
  return {
    forecast: g.mul(hours(-BACK, HORIZON_HOURS - BACK), factor(-24, 0)),
    error: mean(g, g.abs(g.sub(hours(-12, 0), foretold))),
  };
}
