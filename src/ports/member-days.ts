import type { ModelDay } from '../forecasting/replay-day.ts';

/** A local day that is over, as a device's model served it at its first hour. */
export interface ServedDay {
  readonly systemId: string;
  /** `YYYY-MM-DD`. */
  readonly day: string;
  /** The day's first hour, UTC. */
  readonly issuedAt: string;
  readonly version: string;
  /** The model that served; the version's other models are to be compared with it. */
  readonly modelType: string;
}

/** Which days still want what the other models of their version would have forecast. */
export interface MemberDays {
  /**
   * Days of the last week that ended some hours ago, oldest first: this caller's for a while of machine time, and
   * another's when they are not saved by then. A day is given out three times at most.
   */
  claim(siteNow: Date, limit: number): Promise<readonly ServedDay[]>;
  /** Keeps what the models would have said, to be scored, and is done with the day. Repeated, it replaces. */
  save(served: ServedDay, days: readonly ModelDay[]): Promise<void>;
}
