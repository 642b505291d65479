import { HISTORY_HOURS, HORIZON_HOURS } from '../horizon.ts';
import type { ModelView } from '../models/member.ts';
import { type Algebra, mean, scalar, span } from '../tensor/algebra.ts';

/**
 * How large errors are at present. The artifact runs its models as it would have run them two and four days ago
 * and compares with what was measured since: all from its input row, so the band follows a site between retrains
 * on a device that keeps no state (docs/decisions/0025, 0043).
 */

/** Forecasts of 48 hours that are looked back on, and how much each counts, the newest first. */
export const LOOK_WEIGHTS: readonly number[] = [2 / 3, 1 / 3];

/** How far the band follows: fully would chase chance. */
const FOLLOWED = 0.75;

/** Least and largest factor on the band. */
const BOUNDS = { least: 0.5, most: 2 } as const;

/** Mean |error| of the forecasts [N, 48] that end with the history, 48 hours before its end, …, in units of the level, [N, 1]. */
export function recentError<T>(g: Algebra<T>, { lags }: ModelView<T>, hindcasts: readonly T[]): T {
  const errors = hindcasts.map((hindcast, i) => {
    const end = HISTORY_HOURS - i * HORIZON_HOURS;
    const error = mean(g, g.abs(g.sub(span(g, lags.history, end - HORIZON_HOURS, end), hindcast)));
    return g.mul(error, scalar(g, LOOK_WEIGHTS[i] ?? 0));
  });
  return g.div(
    errors.reduce((sum, more) => g.add(sum, more)),
    lags.scale,
  );
}

/** Factor on the band where errors are `ratio` times as large as they usually are. */
export function widening<T>(g: Algebra<T>, ratio: T): T {
  const followed = g.add(scalar(g, 1 - FOLLOWED), g.mul(ratio, scalar(g, FOLLOWED)));
  return g.min(g.max(followed, scalar(g, BOUNDS.least)), scalar(g, BOUNDS.most));
}
