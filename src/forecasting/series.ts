/** Milliseconds in an hour: every series here has one value an hour. */
export const HOUR_MS = 3_600_000;

/** What was said beforehand of the hours from `start` on: a temperature forecast, or the prices of a day. */
export interface IssuedValues {
  /** Epoch ms from which it was known. */
  readonly issuedAt: number;
  /** Epoch ms of the first hour that it speaks of; a whole hour. */
  readonly start: number;
  /** One value an hour; NaN where nothing was said. */
  readonly values: Float64Array;
}

/** All that was said beforehand, each list ascending by `issuedAt`. Nobody knew a value before it was issued. */
export interface Outlook {
  /** Forecasts of the ambient temperature, °C. */
  readonly temperature: readonly IssuedValues[];
  /** Energy prices (CCEE PLD of the site's submarket), R$/MWh: those of a day are known on the day before. */
  readonly price: readonly IssuedValues[];
}

export const noOutlook: Outlook = { temperature: [], price: [] };

/** Hourly values of one site, hour-beginning, UTC, one after the other; a value that was not measured is NaN. */
export interface HourlySeries {
  /** Epoch milliseconds of the first hour; a whole hour. */
  readonly start: number;
  /** Gross load in kW: meter plus battery and solar, for what is measured. */
  readonly load: Float64Array;
  /** Ambient temperature in °C, same length as `load`; null when the site has no sensor. */
  readonly temperature: Float64Array | null;
  /** What was added to the meter, kW, as measured; absent where the site has none. */
  readonly battery?: Float64Array;
  readonly pv?: Float64Array;
  /** Absent where nothing was supplied. */
  readonly outlook?: Outlook;
}
