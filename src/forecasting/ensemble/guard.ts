import { HISTORY_HOURS, HORIZON_HOURS } from '../horizon.ts';
import type { FittedModel, ModelView } from '../models/member.ts';
import { naive24, naive168 } from '../models/naive.ts';
import { profileModel } from '../models/profile.ts';
import { type Algebra, mean, scalar, span } from '../tensor/algebra.ts';
import { rescaledForecast } from './level-break.ts';

/** Forecasts without any training, which nothing that was learnt wrong can spoil. */
const FALLBACKS: readonly FittedModel[] = [naive24, naive168, profileModel];

/** Error of the hindcast over that of the best fallback: where the fallback starts, and where it takes over. */
const RATIO = { from: 1.2, full: 2 } as const;

/** Error of the hindcast over the usual one: below, the models are not in trouble, only beaten by chance. */
const ALARM = { from: 1.5, full: 3 } as const;

/** The same for the forecast that is rescaled after a break: it must explain what nothing else does. */
const BREAK_RATIO = { from: 2, full: 4 } as const;
const BREAK_ALARM = { from: 3, full: 6 } as const;

/** 0 up to `from`, 1 beyond `full`, straight in between. */
function ramp<T>(g: Algebra<T>, x: T, { from, full }: { readonly from: number; readonly full: number }): T {
  const share = g.mul(g.sub(x, scalar(g, from)), scalar(g, 1 / (full - from)));
  return g.min(g.max(share, scalar(g, 0)), scalar(g, 1));
}

/** Mean |error| of a forecast of the last 48 hours over the newest `hours` of them, [N, 1]. */
function recentError<T>(g: Algebra<T>, view: ModelView<T>, hindcast: T, hours = HORIZON_HOURS): T {
  const measured = span(g, view.lags.history, HISTORY_HOURS - hours, HISTORY_HOURS);
  return mean(g, g.abs(g.sub(measured, span(g, hindcast, HORIZON_HOURS - hours, HORIZON_HOURS))));
}

interface Fallback<T> {
  readonly error: T;
  readonly forecast: T;
}

/** The fallback with the least error over the last 48 hours, row by row. */
function bestFallback<T>(g: Algebra<T>, view: ModelView<T>, past: ModelView<T>): Fallback<T> {
  const [first, ...others] = FALLBACKS.map((model) => ({
    error: recentError(g, view, model.forecast(g, past)),
    forecast: model.forecast(g, view),
  })) as [Fallback<T>, ...Fallback<T>[]];
  return others.reduce((best, other) => {
    const better = g.less(other.error, best.error);
    return {
      error: g.where(better, other.error, best.error),
      forecast: g.where(better, other.forecast, best.forecast),
    };
  }, first);
}

/** What the guard weighs up; forecasts are [N, 48] in kW. */
export interface Guarded<T> {
  readonly view: ModelView<T>;
  /** The view of 48 hours earlier. */
  readonly past: ModelView<T>;
  readonly forecast: T;
  /** What the same models would have forecast 48 hours earlier. */
  readonly hindcast: T;
  /** Mean |error| of those models in training, in units of the level; broadcasts with [N, 1]. */
  readonly usual: T;
}

/** Moves a forecast towards another by a share from 0 to 1. */
const towards = <T>(g: Algebra<T>, forecast: T, other: T, share: T): T =>
  g.add(forecast, g.mul(share, g.sub(other, forecast)));

/** Half a day: what a rescaled level is judged by. */
const BREAK_HOURS = 12;

/** Moves a forecast to the rescaled one where neither it nor a fallback foresaw the last hours, and that did. */
function afterBreak<T>(g: Algebra<T>, guarded: Guarded<T>, forecast: T): T {
  const { view, past, hindcast, usual } = guarded;
  const { scale, history } = view.lags;
  const own = recentError(g, view, hindcast, BREAK_HOURS);
  const others = FALLBACKS.map((model) => recentError(g, view, model.forecast(g, past), BREAK_HOURS));
  const best = others.reduce((least, error) => g.min(least, error), own);
  const rescaled = rescaledForecast(g, history, scale);
  const least = g.mul(scale, scalar(g, 1e-3));
  const ratio = ramp(g, g.div(best, g.max(rescaled.error, least)), BREAK_RATIO);
  const alarm = ramp(g, g.div(own, g.max(g.mul(usual, scale), least)), BREAK_ALARM);
  return towards(g, forecast, rescaled.forecast, g.mul(ratio, alarm));
}

/**
 * Moves a forecast towards the fallback that was best over the last 48 hours, as far as the forecast's own
 * hindcast of those hours was both worse than the fallback's and unusually bad: a level that collapsed or jumped
 * makes every fitted model fail at once (docs/decisions/0013). Right after such a break, when no fallback can
 * know it yet, the load of two weeks ago is rescaled instead.
 */
export function guard<T>(g: Algebra<T>, guarded: Guarded<T>): T {
  const { view, past, forecast, hindcast, usual } = guarded;
  const own = recentError(g, view, hindcast);
  const best = bestFallback(g, view, past);
  const least = g.mul(view.lags.scale, scalar(g, 1e-3));
  const ratio = g.div(own, g.max(best.error, least));
  const alarm = g.div(own, g.max(g.mul(usual, view.lags.scale), least));
  const share = g.mul(ramp(g, ratio, RATIO), ramp(g, alarm, ALARM));
  return afterBreak(g, guarded, towards(g, forecast, best.forecast, share));
}
