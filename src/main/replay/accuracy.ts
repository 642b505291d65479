import type { Calendar } from '../../forecasting/calendar/calendar.ts';
import { dateOf, weekdayOf } from '../../forecasting/calendar/day.ts';
import { MAPE_FLOOR } from '../../forecasting/metrics.ts';
import { HOUR_MS } from '../../forecasting/series.ts';
import type { DayScore } from '../../ports/scores.ts';

/** MAPE of one week of local-midnight forecasts, leads 1 to 24, all on the same hours; fractions. */
export interface WeekAccuracy {
  /** Monday, `YYYY-MM-DD`. */
  readonly week: string;
  readonly days: number;
  readonly hours: number;
  /** What the device forecast. */
  readonly device: number | null;
  /** The value of the same hour a week before. */
  readonly seasonalNaive: number | null;
  /** The first version that served, had nothing followed it; null before it could have. */
  readonly neverRetrained: number | null;
  /** Share of hours within the device's 90 % band. */
  readonly coverage: number | null;
  /** Versions that served, in the order in which they came. */
  readonly versions: readonly string[];
}

/** Gross load at an hour (epoch ms), kW; NaN where nothing was measured. */
export type LoadAt = (hour: number) => number;

/** Forecasts of the first version from each local midnight (epoch ms), by lead. */
export type FirstForecasts = ReadonlyMap<number, ArrayLike<number>>;

interface ScoredHour {
  readonly actual: number;
  readonly device: number;
  readonly naive: number;
  /** NaN where the first version could not forecast. */
  readonly first: number;
  readonly isWithin: boolean;
}

const WEEK_HOURS = 168;

function hoursOf(score: DayScore, loadAt: LoadAt, first: FirstForecasts): ScoredHour[] {
  const start = Date.parse(score.issuedAt);
  const others = first.get(start);
  return score.actualKw.flatMap((actual, i) => {
    const device = score.forecastKw[i] ?? Number.NaN;
    const naive = loadAt(start + (i - WEEK_HOURS) * HOUR_MS);
    if (actual === null || Number.isNaN(device) || Number.isNaN(naive)) return [];
    const isWithin = actual >= (score.lowerKw[i] ?? actual) && actual <= (score.upperKw[i] ?? actual);
    return [{ actual, device, naive, first: others?.[i] ?? Number.NaN, isWithin }];
  });
}

const share = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

const errorsOf = (hours: readonly ScoredHour[], forecast: 'device' | 'naive' | 'first'): number[] =>
  hours.map((hour) => Math.abs(hour[forecast] - hour.actual) / Math.abs(hour.actual));

/** The Monday of a local day. */
const mondayOf = (date: string): string => {
  const day = Date.parse(`${date}T00:00:00Z`) / (24 * HOUR_MS);
  return dateOf(day - weekdayOf(day));
};

/** Figures over some days. Hours near zero count in no percentage; the first version's are null where any is missing. */
function accuracyOf(scores: readonly DayScore[], hours: readonly ScoredHour[], week: string): WeekAccuracy {
  const first = errorsOf(hours, 'first');
  return {
    week,
    days: scores.length,
    hours: hours.length,
    device: share(errorsOf(hours, 'device')),
    seasonalNaive: share(errorsOf(hours, 'naive')),
    neverRetrained: first.some(Number.isNaN) ? null : share(first),
    coverage: share(hours.map(({ isWithin }) => Number(isWithin))),
    versions: [...new Set(scores.flatMap(({ version }) => version ?? []))],
  };
}

export interface Accuracy {
  readonly weeks: readonly WeekAccuracy[];
  /** All days on which a first version could be compared. */
  readonly all: WeekAccuracy;
}

/** How the device's forecasts did by week, beside what there would have been without it. */
export function accuracyByWeek(scores: readonly DayScore[], loadAt: LoadAt, first: FirstForecasts): Accuracy {
  const scored = scores.map((score) => ({ score, hours: hoursOf(score, loadAt, first) }));
  const level = share(scored.flatMap(({ hours }) => hours.map(({ actual }) => Math.abs(actual)))) ?? 0;
  const counted = scored.map(({ score, hours }) => ({
    score,
    hours: hours.filter(({ actual }) => Math.abs(actual) >= MAPE_FLOOR * level && actual !== 0),
  }));
  const figures = (some: typeof counted, week: string): WeekAccuracy =>
    accuracyOf(
      some.map(({ score }) => score),
      some.flatMap(({ hours }) => hours),
      week,
    );
  const compared = counted.filter(({ hours }) => hours.every(({ first: value }) => !Number.isNaN(value)));
  const byWeek = Map.groupBy(counted, ({ score }) => mondayOf(score.day));
  return {
    weeks: [...byWeek].map(([week, some]) => figures(some, week)),
    all: figures(compared, 'all'),
  };
}

/** Local day of an hour, `YYYY-MM-DD`. */
export const localDate = (hour: number, calendar: Calendar): string => dateOf(calendar.dayOf(hour));
