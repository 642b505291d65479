import { HISTORY_HOURS, HORIZON_HOURS } from '../horizon.ts';
import type { ModelView } from '../models/member.ts';
import { type Algebra, scalar, span } from '../tensor/algebra.ts';

const DAY_HOURS = 24;

/** Share of yesterday's error at an hour that is expected again: on nine loads 0.10 to 0.20 would have been best. */
const CARRIED = 0.15;

/** An error beyond so many usual ones is an outage or a broken level, which says nothing of the next days. */
const CAPPED_AT = 3;

/** What yesterday's errors are taken from; forecasts are [N, 48] in kW. */
export interface Forecasts<T> {
  readonly view: ModelView<T>;
  readonly forecast: T;
  /** What the same models would have forecast 48 hours earlier. */
  readonly hindcast: T;
  /** Mean |error| of those models in training, in units of the level; broadcasts with [N, 1]. */
  readonly usual: T;
}

/**
 * Adds to a forecast a share of what the same models missed over the last 24 hours, hour by hour and each with its
 * neighbours: weather and orders outlast a day, and models that were fitted to 90 days do not know of them yet
 * (docs/decisions/0043). [N, 48] in kW.
 */
export function carryErrors<T>(g: Algebra<T>, { view, forecast, hindcast, usual }: Forecasts<T>): T {
  const measured = span(g, view.lags.history, HISTORY_HOURS - DAY_HOURS, HISTORY_HOURS);
  const missed = g.sub(measured, span(g, hindcast, HORIZON_HOURS - DAY_HOURS, HORIZON_HOURS));
  const most = g.mul(g.mul(usual, view.lags.scale), scalar(g, CAPPED_AT));
  const capped = g.max(g.min(missed, most), g.mul(most, scalar(g, -1)));
  const shifted = (by: number): T =>
    g.take(
      capped,
      Array.from({ length: HORIZON_HOURS }, (_, lead) => (lead + by + DAY_HOURS) % DAY_HOURS),
    );
  const near = g.add(g.add(shifted(-1), shifted(0)), shifted(1));
  return g.add(forecast, g.mul(near, scalar(g, CARRIED / 3)));
}
