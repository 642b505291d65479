import type { DayScore } from './scores.ts';

/** Days whose scores changed, for a store outside that has a copy of them. */
export interface ChangedDays {
  readonly days: readonly DayScore[];
  /** The place to say that these are copied; nobody reads anything into it. */
  readonly upTo: string;
}

/** How far others have a copy of the scores of days. */
export interface ScoreCopies {
  /** The next `limit` days that changed since what `target` has; null when it has all. A day comes once a change. */
  next(target: string, limit: number): Promise<ChangedDays | null>;
  copied(target: string, upTo: string): Promise<void>;
}
