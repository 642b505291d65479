import type { DayScore } from '../../ports/scores.ts';

/** Scored days as the rules of alerts look at them. */

const DAY_MS = 86_400_000;
/** A day with fewer scored hours says too little. */
const LEAST_HOURS = 18;

export interface ScoredDay {
  readonly day: string;
  /** MAPE, or WAPE where the load runs below zero and percentages of hours mean nothing; null when unscored. */
  readonly error: number | null;
  readonly rmseKw: number | null;
  readonly meanKw: number | null;
  readonly suspectHours: number;
  /** Forecast and actual values of the hours that were measured, each with its local hour. */
  readonly hours: readonly { readonly hour: number; readonly errorKw: number; readonly actualKw: number }[];
}

/** The local day `days` after `day`, both `YYYY-MM-DD`. */
export const dayAfter = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

function measuredHours(score: DayScore, localHour: (instant: number) => number): ScoredDay['hours'] {
  const first = Date.parse(score.issuedAt);
  return score.actualKw.flatMap((actualKw, i) => {
    const forecast = score.forecastKw[i];
    if (actualKw === null || forecast === undefined) return [];
    const hour = localHour(first + i * 3_600_000);
    return [{ hour, errorKw: forecast - actualKw, actualKw }];
  });
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function scoredDay(
  day: string,
  score: DayScore | undefined,
  localHour: (instant: number) => number,
): ScoredDay {
  if (score === undefined || score.hours < LEAST_HOURS) {
    const suspectHours = score?.suspectHours ?? 0;
    return { day, error: null, rmseKw: null, meanKw: null, suspectHours, hours: [] };
  }
  const hours = measuredHours(score, localHour);
  const belowZero = hours.some(({ actualKw }) => actualKw < 0);
  return {
    day,
    error: belowZero ? score.wape : score.mape,
    rmseKw: score.rmse,
    meanKw: mean(hours.map(({ actualKw }) => Math.abs(actualKw))),
    suspectHours: score.suspectHours,
    hours,
  };
}

/** The `count` days that end with `last`, ascending; days without a score have null figures. */
export function scoredDays(
  scores: readonly DayScore[],
  last: string,
  count: number,
  localHour: (instant: number) => number,
): readonly ScoredDay[] {
  const byDay = new Map(scores.map((score) => [score.day, score]));
  return Array.from({ length: count }, (_, i) => {
    const day = dayAfter(last, i - count + 1);
    return scoredDay(day, byDay.get(day), localHour);
  });
}
