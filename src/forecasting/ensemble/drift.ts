import { hindcastInput } from '../features/hindcast.ts';
import { HISTORY_HOURS, HORIZON_HOURS } from '../horizon.ts';
import { type FittedModel, type ModelView, viewOf } from '../models/member.ts';
import { type Algebra, mean, scalar, span } from '../tensor/algebra.ts';
import type { Models } from './combine.ts';

/**
 * How large errors are at present. The artifact runs one model as it would have run two, four and six days ago
 * and compares with what was measured since: all from its input row, so the band follows a site between
 * retrains on a device that keeps no state (docs/decisions/0025).
 */

/** Forecasts of 48 hours that are looked back on. One alone hardly tells anything: its hours err together. */
const LOOKS_BACK = 3;

/** How far the band follows: fully would chase chance. */
const FOLLOWED = 0.75;

/** Least and largest factor on the band. */
const BOUNDS = { least: 0.5, most: 2 } as const;

/**
 * The model that errors are watched by: the linear one, which costs next to nothing and errs when the others do;
 * without it the first there is. Null when there is none.
 */
export const watchedModel = (models: Models): FittedModel | null =>
  models.linear ?? Object.values(models)[0] ?? null;

/** Mean |error| of the watched model over the last six days, in units of the level, [N, 1]. */
export function recentError<T>(g: Algebra<T>, watched: FittedModel, view: ModelView<T>): T {
  const { layout, lags } = view;
  const inputs: T[] = [];
  for (let input = view.input; inputs.length < LOOKS_BACK; inputs.push(input))
    input = hindcastInput(g, layout, input);
  // As rows of one batch: N × 3 of them.
  const past = viewOf(g, layout, g.reshape(g.concat(inputs), [layout.width]));
  const forecast = g.reshape(watched.forecast(g, past), [LOOKS_BACK * HORIZON_HOURS]);
  const measured = g.concat(
    inputs.map((_, i) => {
      const end = HISTORY_HOURS - i * HORIZON_HOURS;
      return span(g, lags.history, end - HORIZON_HOURS, end);
    }),
  );
  return g.div(mean(g, g.abs(g.sub(measured, forecast))), lags.scale);
}

/** Factor on the band where errors are `ratio` times as large as they usually are. */
export function widening<T>(g: Algebra<T>, ratio: T): T {
  const followed = g.add(scalar(g, 1 - FOLLOWED), g.mul(ratio, scalar(g, FOLLOWED)));
  return g.min(g.max(followed, scalar(g, BOUNDS.least)), scalar(g, BOUNDS.most));
}
