/** One hour of a site as measured, hour-beginning. kW; battery positive when discharging. */
export interface Reading {
  /** Hour-beginning, UTC, ISO 8601 with `Z`. */
  readonly hour: string;
  /** Meter, net load. */
  readonly loadKw?: number;
  readonly batteryKw?: number;
  readonly pvKw?: number;
  readonly temperatureC?: number;
  /** Highest 15-minute demand within the hour. */
  readonly max15Kw?: number;
  /** Energy price of the hour, R$/MWh, as it was published on the day before. */
  readonly priceBrlMwh?: number;
}

/** A reading that no store may keep: its hour is not the beginning of an hour, or a value is not a finite number. */
export class InvalidReading extends Error {
  override readonly name = 'InvalidReading';
  readonly systemId: string;
  readonly hour: string;

  constructor(systemId: string, hour: string, problem: string) {
    super(`reading of ${systemId} at ${hour}: ${problem}`);
    this.systemId = systemId;
    this.hour = hour;
  }
}

/**
 * What a write did: `written` hours were given, `changed` of them are new or now hold other values. A repeated
 * reading overwrites only the columns it carries.
 */
export interface WriteSummary {
  readonly written: number;
  readonly changed: number;
}

/** Why a source of telemetry cannot be used; codes of a failed job. */
export type TelemetryFailure =
  | 'telemetry-login-refused'
  | 'telemetry-bucket-missing'
  | 'telemetry-field-unfit'
  | 'telemetry-unit-wrong';

/** The source answers, but not with what its settings promise. The message begins with the setting to change. */
export class TelemetryUnfit extends Error {
  override readonly name = 'TelemetryUnfit';
  readonly code: TelemetryFailure;

  constructor(code: TelemetryFailure, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

export interface TelemetryStore {
  /** All of the readings or none. Of two for one hour the later wins, column by column. Throws {@link InvalidReading}. */
  write(systemId: string, readings: readonly Reading[]): Promise<WriteSummary>;
  /** Readings with `from <= hour < to`, ascending by hour. Missing hours are absent. */
  read(systemId: string, from: Date, to: Date): Promise<readonly Reading[]>;
  /**
   * Those of the readings that carry a price, and perhaps nothing else of them; absent where prices come from a
   * source of their own.
   */
  priced?(systemId: string, from: Date, to: Date): Promise<readonly Reading[]>;
  /** First and last hour that exist, or null. */
  extent(systemId: string): Promise<{ readonly first: string; readonly last: string } | null>;
  /** What may be wrong when a site that should have readings has none; only of sources that are set up elsewhere. */
  whyEmpty?(systemId: string): Promise<string>;
}

/** One forecast as a device made it: 48 hours from `issuedAt`. */
export interface StoredForecast {
  readonly systemId: string;
  readonly issuedAt: string;
  /** Null when the device had no usable model and fell back to last week's values. */
  readonly version: string | null;
  readonly modelType: string;
  readonly deviceId: string;
  readonly hours: readonly ForecastHour[];
}

export interface ForecastHour {
  readonly hour: string;
  readonly loadKw: number;
  readonly lowerKw: number;
  readonly upperKw: number;
  /** Null on a trailing partial day. */
  readonly peakProbability: number | null;
  /** Chance that the hour's demand passes its contract with its tolerance; absent where none is in force. */
  readonly exceedanceProbability?: number;
  /** What that demand is: the highest 15 minutes, or the mean of the hour where the quarters are not measured. */
  readonly exceedanceBasis?: 'max15' | 'hourly-mean';
}

export interface ForecastStore {
  save(forecast: StoredForecast): Promise<void>;
  latest(systemId: string): Promise<StoredForecast | null>;
}
