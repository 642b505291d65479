/** A site's local day that is over and may be judged for alerts. */
export interface WatchedDay {
  readonly systemId: string;
  readonly tenant: string;
  readonly zone: string;
  /** `YYYY-MM-DD`. */
  readonly day: string;
}

/** Which sites' days were judged, so that each day is judged once, on whichever node. */
export interface WatchList {
  /** The last day of every registered site that ended some hours ago and was not judged; days before it are left. */
  due(siteNow: Date, limit: number): Promise<readonly WatchedDay[]>;
  judged(days: readonly WatchedDay[]): Promise<void>;
}
