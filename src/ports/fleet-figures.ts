/** Sites of a class: those with a contracted demand, whose forecasts save money, and the others. */
export type SiteClass = 'contract' | 'no-contract';

/** How old the latest forecasts of the last day are, of the sites of a class that have a device; seconds of the site clock. */
export interface ForecastAges {
  readonly class: SiteClass;
  readonly sites: number;
  /** Sites whose device has not forecast for a day. */
  readonly without: number;
  /** Null where no site has a forecast. */
  readonly median: number | null;
  readonly p95: number | null;
  readonly oldest: number | null;
}

/** What all nodes of a cloud share, counted. */
export interface FleetFigures {
  /** Documents of a list by status; only statuses that occur. */
  readonly states: readonly { readonly list: string; readonly status: string; readonly count: number }[];
  /** Sites of all rollouts by where they stand; every place is there once there is a rollout. */
  readonly rolloutSites: readonly { readonly outcome: string; readonly count: number }[];
  /** Facts that a reader of the feed has yet to take: projections, and what passes the feed on. */
  readonly lags: readonly { readonly reader: string; readonly facts: number }[];
  /** Age of the oldest transaction that writes, as far as this user may see; 0 when there is none. */
  readonly oldestTransactionSeconds: number;
  readonly forecasts: readonly ForecastAges[];
}

/** Counts what is there now; `siteNow` is the site clock's instant. */
export type CountFleet = (siteNow: Date) => Promise<FleetFigures>;
