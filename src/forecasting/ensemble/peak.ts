import type { Lags } from '../features/lags.ts';
import { CALENDAR_AT } from '../features/layout.ts';
import { HISTORY_HOURS, HORIZON_HOURS } from '../horizon.ts';
import { type Algebra, scalar } from '../tensor/algebra.ts';
import type { Calibration } from './calibration.ts';

/** Below every load: what an hour outside the day counts as when its highest hour is looked for. */
const NOTHING = -3e38;

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

/** Local hour of the forecast hours and how many local midnights lie between them and lead 1, both [N, 48]. */
function localDays<T>(g: Algebra<T>, oneHot: T): { readonly hour: T; readonly day: T } {
  const hour = g.reshape(g.matmul(oneHot, g.constant(HOURS, [24, 1])), [HORIZON_HOURS]);
  const previous = g.take(
    hour,
    Array.from({ length: HORIZON_HOURS }, (_, i) => Math.max(0, i - 1)),
  );
  // A clock that is set back repeats an hour and never shows an earlier one, so only midnight goes down.
  const midnight = g.less(hour, previous);
  const upToHere = Array.from({ length: HORIZON_HOURS ** 2 }, (_, i) =>
    Number(Math.floor(i / HORIZON_HOURS) <= i % HORIZON_HOURS),
  );
  return { hour, day: g.matmul(midnight, g.constant(upToHere, [HORIZON_HOURS, HORIZON_HOURS])) };
}

/** Highest load of the local day in progress before the issue hour, [N, 1]; below everything at midnight. */
function observedMaximum<T>(g: Algebra<T>, lags: Lags<T>, hour: T): T {
  const today = g.take(
    lags.history,
    HOURS.map((back) => HISTORY_HOURS - 1 - back),
  );
  const elapsed = g.less(g.constant(HOURS, [1, 24]), g.take(hour, [0]));
  return g.largest(g.where(elapsed, today, scalar(g, NOTHING)), 1);
}

/**
 * Forecast plus each error path at that local hour, and minus it, [N, 48, 2 · paths]: the first day's errors, then
 * the second's. Errors of either sign are taken as equally likely: what few paths have in common is chance.
 */
function scenarios<T>(g: Algebra<T>, oneHot: T, day: T, centre: T, width: T, calibration: Calibration): T {
  const { paths, pathCount } = calibration;
  const dayTable = (first: number): T => {
    const width = 2 * pathCount;
    const table = Float32Array.from({ length: 24 * width }, (_, i) => {
      const [hour, path] = [Math.floor(i / width), i % width];
      const error = paths[(path % pathCount) * HORIZON_HOURS + first + hour] ?? 0;
      return path < pathCount ? error : -error;
    });
    return g.matmul(oneHot, g.constant(table, [24, width]));
  };
  const later = g.reshape(g.less(scalar(g, 0.5), day), [HORIZON_HOURS, 1]);
  const errors = g.where(later, dayTable(24), dayTable(0));
  const perHour = (x: T): T => g.reshape(x, [HORIZON_HOURS, 1]);
  return g.add(perHour(centre), g.mul(perHour(width), errors));
}

/** Weight of the hours at which the recent days of the same type were highest, beside the error paths. */
const RECENT_PEAKS = 0.2;

/** Days that are looked back on for it, and after how many of them a day counts for a third. */
const PEAK_DAYS = 21;
const PEAK_MEMORY_DAYS = 14;

/**
 * Loads and types of the same hours on earlier days, [N, 48, 21] each: from yesterday for the first local day
 * of the forecast, and from the day before for all later hours, so that a past day is the same at all its hours.
 */
function earlierDays<T>(g: Algebra<T>, lags: Lags<T>, later: T): { readonly load: T; readonly alike: T } {
  const positions = (nearest: (lead: number) => number): number[] =>
    Array.from({ length: HORIZON_HOURS * PEAK_DAYS }, (_, i) => {
      const lead = Math.floor(i / PEAK_DAYS);
      return HISTORY_HOURS + lead - 24 * (nearest(lead) + (i % PEAK_DAYS));
    });
  const first = positions((lead) => (lead < 24 ? 1 : 2));
  const second = positions(() => 2);
  const chosen = (values: T): T => {
    const shaped = (at: number[]): T => g.reshape(g.take(values, at), [HORIZON_HOURS, PEAK_DAYS]);
    return g.where(later, shaped(second), shaped(first));
  };
  const apart = g.abs(g.sub(chosen(lags.historyDayType), g.reshape(lags.dayType, [HORIZON_HOURS, 1])));
  return { load: chosen(lags.history), alike: g.less(apart, scalar(g, 0.5)) };
}

/** Which of `values` [N, 48, k] is the highest of those `within` a day, [N, 48, k]; equal ones share. */
function winners<T>(g: Algebra<T>, within: T, values: T): T {
  const load = g.where(within, values, scalar(g, NOTHING));
  const bar = g.largest(load, 1);
  const wins = g.where(g.less(load, bar), scalar(g, 0), within);
  return g.div(wins, g.max(g.sum(wins, 1), scalar(g, 1)));
}

/** Hours of local day `index` of the forecast, 0 or 1 at [N, 48, 1]. */
const hoursOfDay = <T>(g: Algebra<T>, day: T, index: number): T =>
  g.reshape(g.less(g.abs(g.sub(day, scalar(g, index))), scalar(g, 0.5)), [HORIZON_HOURS, 1]);

/** Share of the recent days of the same type that were highest at that hour, newer ones counting more, [N, 48, 1]. */
function recentPeaks<T>(g: Algebra<T>, lags: Lags<T>, day: T, within: readonly T[]): T {
  const later = g.reshape(g.less(scalar(g, 0.5), day), [HORIZON_HOURS, 1]);
  const { load, alike } = earlierDays(g, lags, later);
  const memory = Array.from({ length: PEAK_DAYS }, (_, i) => Math.exp(-i / PEAK_MEMORY_DAYS));
  const counted = g.mul(alike, g.constant(memory, [1, PEAK_DAYS]));
  const wins = within.map((hours) => winners(g, hours, load)).reduce((sum, more) => g.add(sum, more));
  return g.div(g.sum(g.mul(wins, counted), 2), g.max(g.sum(counted, 2), scalar(g, 1e-6)));
}

/**
 * Moves the chances of a day's hours towards the recent peaks; the day's total stays, so a day in progress keeps
 * the chance that what was observed is passed, and so does a day without a recent like. [N, 48, 1]
 */
function blended<T>(g: Algebra<T>, within: T, chance: T, recent: T): T {
  const own = g.mul(within, chance);
  const usual = g.mul(within, recent);
  const known = g.sum(usual, 1);
  const share = g.mul(g.less(scalar(g, 1e-6), known), scalar(g, RECENT_PEAKS));
  const like = g.mul(g.div(usual, g.max(known, scalar(g, 1e-6))), g.sum(own, 1));
  return g.add(own, g.mul(share, g.sub(like, own)));
}

/**
 * Chance that an hour is its local day's highest, [N, 48]: four fifths the share of joint error paths in which it
 * is, one fifth how often it was on the recent days of that type (docs/decisions/0026). Sums to 1 over each whole
 * local day; over the day in progress to the chance that what was observed so far is still passed; NaN on a
 * trailing partial day.
 */
export function peakProbability<T>(
  g: Algebra<T>,
  lags: Lags<T>,
  bands: { readonly forecast: T; readonly width: T; readonly calibration: Calibration },
): T {
  const oneHot = g.take(
    lags.calendar,
    HOURS.map((hour) => CALENDAR_AT.hour + hour),
  );
  const { hour, day } = localDays(g, oneHot);
  const paths = scenarios(g, oneHot, day, bands.forecast, bands.width, bands.calibration);
  const observed = g.reshape(observedMaximum(g, lags, hour), [1, 1]);
  const days = [0, 1, 2].map((index) => hoursOfDay(g, day, index));
  const recent = recentPeaks(g, lags, day, days);
  const perPath = scalar(g, 1 / (2 * bands.calibration.pathCount));
  const total = days
    .map((within, index) => {
      const wins = g.wins(within, paths, index === 0 ? observed : null);
      return blended(g, within, g.mul(wins, perPath), recent);
    })
    .reduce((sum, more) => g.add(sum, more));
  const chance = g.reshape(total, [HORIZON_HOURS]);
  const last = HORIZON_HOURS - 1;
  const unfinished = g.less(g.take(hour, [last]), scalar(g, 22.5));
  const trailing = g.mul(unfinished, g.less(g.sub(g.take(day, [last]), scalar(g, 0.5)), day));
  return g.where(trailing, scalar(g, Number.NaN), chance);
}
