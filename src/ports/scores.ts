/** How forecasts did once the hours were measured: what alerts and charts look at. */

/** What was forecast: what the device sent, or one member of what it runs. */
export type ScoredModel = string;

/** The score of what devices sent, whichever model it was. */
export const DEVICE_FORECAST: ScoredModel = 'device';

/** The figures of one local day as it was forecast at its first hour, leads 1 to 24. Shares are fractions, power in kW. */
export interface DayFigures {
  readonly systemId: string;
  readonly model: ScoredModel;
  /** Local day, `YYYY-MM-DD`. */
  readonly day: string;
  readonly issuedAt: string;
  readonly modelType: string;
  /** Null where no model served. */
  readonly version: string | null;
  /** Hours scored, and those of them near zero that count in no percentage. */
  readonly hours: number;
  readonly excludedHours: number;
  /** Hours that were measured a hundred times too high: another unit. */
  readonly suspectHours: number;
  readonly mape: number | null;
  readonly wape: number | null;
  readonly rmse: number | null;
  readonly coverage: number | null;
}

/** A day's figures with what they were made of, by lead time from 1 on. */
export interface DayScore extends DayFigures {
  readonly forecastKw: readonly number[];
  readonly lowerKw: readonly number[];
  readonly upperKw: readonly number[];
  /** Null where none was measured, or none that can be believed. */
  readonly actualKw: readonly (number | null)[];
}

/** How the forecasts made at midnight did in one hour of the week. */
export interface ErrorHour {
  /** Monday is 0. */
  readonly weekday: number;
  /** Local hour, 0 to 23. */
  readonly hour: number;
  /** Absolute error as a share of the load, null where that is nothing. */
  readonly error: number | null;
  /** kW. */
  readonly meanAbsoluteError: number;
  /** Mean of forecast less actual, kW. */
  readonly bias: number;
  readonly hours: number;
}

/** Local days, both included, `YYYY-MM-DD`. */
export interface DaySpan {
  readonly from: string;
  readonly to: string;
}

/** One measured hour against all that was forecast for it under one version. */
export interface HourScore {
  readonly hour: string;
  readonly modelType: string;
  readonly version: string | null;
  readonly actualKw: number;
  /** Forecast less actual, by lead time. */
  readonly errors: readonly { readonly lead: number; readonly errorKw: number }[];
}

/** What one round of scoring did. */
export interface ScoringRound {
  /** Changes of readings and forecasts that were taken up; as many as were asked for means that more wait. */
  readonly ranges: number;
  /** Rows of hours and days that were written. */
  readonly hours: number;
  readonly days: number;
}

export interface ScoreStore {
  /**
   * Scores what arrived or was corrected since, at most `maxRanges` changes; null while another node does. The same
   * hours scored again give the same scores.
   */
  scoreArrivals(maxRanges: number): Promise<ScoringRound | null>;
  /** Changes that wait to be scored. */
  waiting(): Promise<number>;
  /** Days of these sites with `from <= day <= to` (local days), by site and day. */
  days(query: {
    readonly systemIds: readonly string[];
    readonly model?: ScoredModel;
    readonly from: string;
    readonly to: string;
  }): Promise<readonly DayScore[]>;
  /** Figures of all models on these days of a site, by day and model. */
  figures(systemId: string, span: DaySpan): Promise<readonly DayFigures[]>;
  /** What the device served on these days, by weekday and hour of the zone. */
  errorHours(systemId: string, span: DaySpan, zone: string): Promise<readonly ErrorHour[]>;
  /** Hours with `from <= hour < to`, ascending. */
  hours(systemId: string, from: Date, to: Date): Promise<readonly HourScore[]>;
  /**
   * Forgets forecasts, and scores by hour, from before `before`; scores of days stay. At most `limit` of each;
   * returns how many forecasts went.
   */
  prune(before: Date, limit: number): Promise<number>;
}
