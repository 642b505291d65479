import { type Lags, sameHours } from '../features/lags.ts';
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
function scenarios<T>(g: Algebra<T>, oneHot: T, later: T, centre: T, width: T, calibration: Calibration): T {
  const { paths, pathCount } = calibration;
  const columns = 2 * pathCount;
  const table = Float32Array.from({ length: HORIZON_HOURS * columns }, (_, i) => {
    const [hour, path] = [Math.floor(i / columns), i % columns];
    const error = paths[(path % pathCount) * HORIZON_HOURS + hour] ?? 0;
    return path < pathCount ? error : -error;
  });
  const second = g.mul(oneHot, later);
  const hourOfTwoDays = g.concat([g.sub(oneHot, second), second]);
  const errors = g.matmul(hourOfTwoDays, g.constant(table, [HORIZON_HOURS, columns]));
  const perHour = (x: T): T => g.reshape(x, [HORIZON_HOURS, 1]);
  return g.add(perHour(centre), g.mul(perHour(width), errors));
}

/** Weight of the hours at which the recent days of the same type were highest, beside the error paths. */
const RECENT_PEAKS = 0.2;

/** Days that are looked back on for it, and after how many of them a day counts for a third. */
const PEAK_DAYS = 21;
const PEAK_MEMORY_DAYS = 14;

/**
 * A value of the history at the same hour on earlier days, [N, 48, 21]: from yesterday for the first local day of
 * the forecast, and from the day before for all later hours, so that a past day is the same at all its hours.
 */
function onEarlierDays<T>(g: Algebra<T>, history: T, later: T): T {
  const from = (nearest: number): number[] => Array.from({ length: PEAK_DAYS }, (_, i) => nearest + i);
  // Counted from the end of the history, the day before yesterday of the second 24 hours is the newest.
  const nearest = sameHours(g, history, from(1), from(1));
  const next = sameHours(g, history, from(2), from(1));
  return g.where(later, next, nearest);
}

/** Which hours are of the forecast's first local day, its second and its third, 1 or 0, [N, 48, 3]. */
const hoursOfDays = <T>(g: Algebra<T>, day: T): T =>
  g.equal(g.reshape(day, [HORIZON_HOURS, 1]), g.constant([0, 1, 2], [1, 3]));

/** Share of the recent days of the same type that were highest at that hour, newer ones counting more, [N, 48, 1]. */
function recentPeaks<T>(g: Algebra<T>, lags: Lags<T>, days: T, later: T): T {
  const types = onEarlierDays(g, lags.historyDayType, later);
  const alike = g.equal(types, g.reshape(lags.dayType, [HORIZON_HOURS, 1]));
  const memory = Array.from({ length: PEAK_DAYS }, (_, i) => Math.exp(-i / PEAK_MEMORY_DAYS));
  const counted = g.mul(alike, g.constant(memory, [1, PEAK_DAYS]));
  const wins = g.wins(days, onEarlierDays(g, lags.history, later), { atLeast: null, counted });
  return g.div(wins, g.max(g.total(counted, 2), scalar(g, 1e-6)));
}

/**
 * Moves the chances of each day's hours towards the recent peaks; the day's total stays, so a day in progress keeps
 * the chance that what was observed is passed, and so does a day without a recent like. [N, 48, 1]
 */
function blended<T>(g: Algebra<T>, days: T, chance: T, recent: T): T {
  /** Total of a day at each of its hours. */
  const ofDay = (x: T): T => g.total(g.mul(days, g.total(g.mul(days, x), 1)), 2);
  const known = ofDay(recent);
  const share = g.mul(g.less(scalar(g, 1e-6), known), scalar(g, RECENT_PEAKS));
  const like = g.mul(g.div(recent, g.max(known, scalar(g, 1e-6))), ofDay(chance));
  return g.add(chance, g.mul(share, g.sub(like, chance)));
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
  const later = g.reshape(g.less(scalar(g, 0.5), day), [HORIZON_HOURS, 1]);
  const paths = scenarios(g, oneHot, later, bands.forecast, bands.width, bands.calibration);
  const atLeast = g.reshape(observedMaximum(g, lags, hour), [1, 1]);
  const days = hoursOfDays(g, day);
  const wins = g.wins(days, paths, { atLeast, counted: null });
  const own = g.mul(wins, scalar(g, 1 / (2 * bands.calibration.pathCount)));
  const total = blended(g, days, own, recentPeaks(g, lags, days, later));
  const chance = g.reshape(total, [HORIZON_HOURS]);
  const last = HORIZON_HOURS - 1;
  const unfinished = g.less(g.take(hour, [last]), scalar(g, 22.5));
  const trailing = g.mul(unfinished, g.less(g.sub(g.take(day, [last]), scalar(g, 0.5)), day));
  return g.where(trailing, scalar(g, Number.NaN), chance);
}
