import { HISTORY_HOURS, HORIZON_HOURS } from '../horizon.ts';
import type { FittedModel, ModelView } from '../models/member.ts';
import { naive24, naive168 } from '../models/naive.ts';
import { profileModel } from '../models/profile.ts';
import { type Algebra, scalar, span } from '../tensor/algebra.ts';

/** Forecasts without any training, which nothing that was learnt wrong can spoil. */
const FALLBACKS: readonly FittedModel[] = [naive24, naive168, profileModel];

/** Error of the hindcast over that of the best fallback, from which the fallback starts and fully takes over. */
const FROM_RATIO = 1.5;
const FULL_RATIO = 3;

/** Mean |error| of a forecast of the last 48 hours, [N, 1]. */
function recentError<T>(g: Algebra<T>, view: ModelView<T>, hindcast: T): T {
  const measured = span(g, view.lags.history, HISTORY_HOURS - HORIZON_HOURS, HISTORY_HOURS);
  return g.mul(g.sum(g.abs(g.sub(measured, hindcast)), 1), scalar(g, 1 / HORIZON_HOURS));
}

/**
 * Moves a forecast towards the fallback that was best over the last 48 hours, as far as the forecast's own
 * hindcast of those hours was worse: a level that collapsed or jumped makes every fitted model fail at once
 * (docs/decisions/0013). `past` is the view of 48 hours earlier; forecasts are [N, 48].
 */
export function guard<T>(g: Algebra<T>, view: ModelView<T>, past: ModelView<T>, forecast: T, hindcast: T): T {
  const own = recentError(g, view, hindcast);
  let best: { readonly error: T; readonly forecast: T } | null = null as { error: T; forecast: T } | null;
  for (const fallback of FALLBACKS) {
    const error = recentError(g, view, fallback.forecast(g, past));
    const ahead = fallback.forecast(g, view);
    const better: T | null = best === null ? null : g.less(error, best.error);
    best =
      best === null || better === null
        ? { error, forecast: ahead }
        : { error: g.where(better, error, best.error), forecast: g.where(better, ahead, best.forecast) };
  }
  if (best === null) return forecast;
  const least = g.mul(view.lags.scale, scalar(g, 1e-3));
  const ratio = g.div(own, g.max(best.error, least));
  const excess = g.mul(g.sub(ratio, scalar(g, FROM_RATIO)), scalar(g, 1 / (FULL_RATIO - FROM_RATIO)));
  const share = g.min(g.max(excess, scalar(g, 0)), scalar(g, 1));
  return g.add(forecast, g.mul(share, g.sub(best.forecast, forecast)));
}
