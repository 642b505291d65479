/** A tenant's sites side by side: what runs, why something else should, how the forecasts do, what is wrong. */

/**
 * Why a site does not run what was last meant for it. `unanswered`: the device has not said what became of the offer;
 * `rejected`, `rolledback`, `expired`: how the last offer ended; `nothing-running`: no model was offered to this device
 * yet.
 */
export const SITE_DIFFERENCES = [
  'no-device',
  'unanswered',
  'rejected',
  'rolledback',
  'expired',
  'nothing-running',
] as const;
export type SiteDifference = (typeof SITE_DIFFERENCES)[number];

/** What people look for in a fleet; a site may be in several of these states at once, or in none. */
export const FLEET_STATES = ['differs', 'unanswered', 'stale-forecast', 'open-alert', 'paused'] as const;
export type FleetState = (typeof FLEET_STATES)[number];

/** `name` from the first; the others with what needs looking at first: worst, oldest, most, soonest. */
export const FLEET_ORDERS = ['name', 'mape', 'forecast-age', 'alerts', 'next-retrain'] as const;
export type FleetOrder = (typeof FLEET_ORDERS)[number];

export interface FleetQuery {
  readonly tenant: string;
  /** Only these sites; undefined means every site of the tenant. */
  readonly systemIds?: readonly string[] | undefined;
  /** Part of a site's id, its zone or its device's id, in any case. */
  readonly text?: string | undefined;
  /** Sites in at least one of these states. */
  readonly states?: readonly FleetState[] | undefined;
  /** Sites with one of these differences. */
  readonly differences?: readonly SiteDifference[] | undefined;
  readonly order: FleetOrder;
  /** The other way round; sites without a value stay last. */
  readonly reversed: boolean;
  /** The site clock's instant that ages are counted to. */
  readonly now: Date;
  readonly limit: number;
  /** Rows to leave out before the first; not with a cursor. */
  readonly offset: number;
  /** `nextCursor` of the page before, with the same order. */
  readonly cursor?: string | undefined;
}

/** Shares are fractions. Instants are ISO 8601 with `Z`. */
export interface FleetSite {
  readonly systemId: string;
  readonly zone: string;
  readonly deviceId: string | null;
  readonly runningVersion: string | null;
  readonly desiredVersion: string | null;
  readonly attemptedVersion: string | null;
  readonly difference: {
    readonly code: SiteDifference;
    /** The device's own words, where it gave any. */
    readonly reason: string | null;
    readonly since: string | null;
  } | null;
  readonly states: readonly FleetState[];
  /** When the latest forecast was issued, and how long ago, in seconds. */
  readonly forecastAt: string | null;
  readonly forecastAgeSeconds: number | null;
  /** Means of the daily MAPE over the 7 and 28 local days that end with `scoredUntil`. */
  readonly mape7: number | null;
  readonly mape28: number | null;
  readonly scoredUntil: string | null;
  /** Fourteen days that end with `scoredUntil`, the oldest first; empty before the first score. */
  readonly mapeTrend: readonly (number | null)[];
  readonly openAlerts: number;
  readonly acknowledgedAlerts: number;
  readonly retrainsPaused: string | null;
  readonly nextRetrain: string | null;
}

export interface FleetPage {
  readonly items: readonly FleetSite[];
  /** Sites that the query finds. */
  readonly total: number;
  /** Sites in each state among those that text and scope leave, whatever states are asked for. */
  readonly counts: Readonly<Record<FleetState | 'all', number>>;
  readonly nextCursor: string | null;
}

export interface FleetSites {
  /** Sites that are in service. Throws `InvalidCursor`. */
  list(query: FleetQuery): Promise<FleetPage>;
}
