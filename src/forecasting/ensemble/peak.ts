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

/** Forecast plus each error path at that local hour, [N, 48, paths]: the first day's errors, then the second's. */
function scenarios<T>(g: Algebra<T>, oneHot: T, day: T, centre: T, width: T, calibration: Calibration): T {
  const { paths, pathCount } = calibration;
  const dayTable = (first: number): T => {
    const table = new Float32Array(24 * pathCount);
    for (let i = 0; i < table.length; i++) {
      const [hour, path] = [Math.floor(i / pathCount), i % pathCount];
      table[i] = paths[path * HORIZON_HOURS + first + hour] ?? 0;
    }
    return g.matmul(oneHot, g.constant(table, [24, pathCount]));
  };
  const later = g.reshape(g.less(scalar(g, 0.5), day), [HORIZON_HOURS, 1]);
  const errors = g.where(later, dayTable(24), dayTable(0));
  const perHour = (x: T): T => g.reshape(x, [HORIZON_HOURS, 1]);
  return g.add(perHour(centre), g.mul(perHour(width), errors));
}

/**
 * Chance that an hour is its local day's highest, [N, 48]: the share of joint error paths in which it is. Sums
 * to 1 over each whole local day; over the day in progress to the chance that what was observed so far is still
 * passed; NaN on a trailing partial day.
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
  const one = scalar(g, 1);
  const share = [0, 1, 2].map((index) => {
    const within = g.reshape(g.less(g.abs(g.sub(day, scalar(g, index))), scalar(g, 0.5)), [HORIZON_HOURS, 1]);
    const load = g.where(within, paths, scalar(g, NOTHING));
    const highest = g.largest(load, 1);
    const bar = index === 0 ? g.max(highest, observed) : highest;
    const wins = g.where(g.less(load, bar), scalar(g, 0), within);
    // Hours that share the highest load share the path.
    return g.div(wins, g.max(g.sum(wins, 1), one));
  });
  const [first, second, third] = share as [T, T, T];
  const total = g.sum(g.add(g.add(first, second), third), 2);
  const chance = g.mul(g.reshape(total, [HORIZON_HOURS]), scalar(g, 1 / bands.calibration.pathCount));
  const last = HORIZON_HOURS - 1;
  const unfinished = g.less(g.take(hour, [last]), scalar(g, 22.5));
  const trailing = g.mul(unfinished, g.less(g.sub(g.take(day, [last]), scalar(g, 0.5)), day));
  return g.where(trailing, scalar(g, Number.NaN), chance);
}
