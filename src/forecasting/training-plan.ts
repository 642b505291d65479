import type { Calendar } from './calendar/calendar.ts';
import { FIRST_ORIGIN } from './features/input-rows.ts';
import { HORIZON_HOURS } from './horizon.ts';
import { seasonsIn } from './models/season.ts';
import { CannotTrain } from './refusal.ts';
import { HOUR_MS, type HourlySeries } from './series.ts';

/** Where a job's window and its test days lie, as positions of the series. */
export interface TrainingPlan {
  /** First hour of the window; earlier hours only warm up the lags. */
  readonly windowStart: number;
  /** First hour of the first test day: the gate's fit sees nothing from here on. */
  readonly testStart: number;
  /** Hour after the last whole local day. */
  readonly testEnd: number;
  /** First hour of each test day. */
  readonly testDays: readonly number[];
  /** Those of them whose 48 hours lie before the end of the series: the origins that are scored. */
  readonly origins: readonly number[];
}

/** A window under this many days keeps a week for testing instead of two. */
const SHORT_WINDOW_DAYS = 45;

/** Days of the gate's fit that there must be beside its two weeks of lags. */
const LEAST_FIT_HOURS = 3 * 24;

/**
 * Splits a window into what the gate's fit sees and the last 14 whole local days (7 when the window is under 45
 * days) that it does not see.
 * @throws {CannotTrain} with code `window-too-short`
 */
export function planTraining(series: HourlySeries, warmupHours: number, calendar: Calendar): TrainingPlan {
  const end = series.load.length;
  const at = (position: number): number => series.start + position * HOUR_MS;
  const midnights = calendar
    .midnights(at(warmupHours), at(end) + HOUR_MS)
    .map((hour) => (hour - series.start) / HOUR_MS);
  const windowDays = (end - warmupHours) / 24;
  const days = windowDays < SHORT_WINDOW_DAYS ? 7 : 14;
  const testDays = midnights.slice(-days - 1, -1);
  const [testStart = 0] = testDays;
  const fitHours = testStart - Math.max(FIRST_ORIGIN, warmupHours) - HORIZON_HOURS;
  if (testDays.length < days || fitHours < LEAST_FIT_HOURS) {
    throw new CannotTrain(
      'window-too-short',
      `The window has ${Math.floor(windowDays)} days; beside ${days} test days and two weeks of history too few are left to learn from. ` +
        'Train on a longer window, or wait until the site has measured longer.',
    );
  }
  return {
    windowStart: warmupHours,
    testStart,
    testEnd: midnights.at(-1) ?? end,
    testDays,
    origins: testDays.filter((origin) => origin + HORIZON_HOURS <= end),
  };
}

/**
 * Origins to learn from beyond this number are thinned out evenly: neighbours say nearly the same. Both are primes,
 * so that the step never falls in with the hours of a day.
 */
const MOST_ORIGINS = { ofSeason: 701, ofLonger: 1409 } as const;

/** Origins whose 48 hours all lie in `from <= hour < until`, spread over all hours of the day. */
export function trainingOrigins(from: number, until: number): number[] {
  const first = Math.max(from, FIRST_ORIGIN);
  const count = until - HORIZON_HOURS - first + 1;
  const most = seasonsIn(count) > 1 ? MOST_ORIGINS.ofLonger : MOST_ORIGINS.ofSeason;
  if (count <= most) return Array.from({ length: Math.max(0, count) }, (_, i) => first + i);
  return Array.from({ length: most }, (_, i) => first + Math.floor((i * count) / most));
}

/** Loads of the 48 hours from each origin, [origins × 48]; NaN beyond the series' `until`. */
export function targetsOf(series: HourlySeries, origins: readonly number[], until: number): Float32Array {
  const targets = new Float32Array(origins.length * HORIZON_HOURS).fill(Number.NaN);
  origins.forEach((origin, i) => {
    const known = series.load.subarray(origin, Math.min(origin + HORIZON_HOURS, until));
    targets.set(known, i * HORIZON_HOURS);
  });
  return targets;
}
