/** Milliseconds in an hour: every series here has one value an hour. */
export const HOUR_MS = 3_600_000;

/** Hourly values of one site, hour-beginning, UTC, one after the other; a missing value is NaN. */
export interface HourlySeries {
  /** Epoch milliseconds of the first hour; a whole hour. */
  readonly start: number;
  /** Gross load in kW. */
  readonly load: Float64Array;
  /** Ambient temperature in °C, same length as `load`; null when the site has no sensor. */
  readonly temperature: Float64Array | null;
}
