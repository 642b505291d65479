/**
 * One hour of a site as measured. A value that is absent was not measured; one that is no finite number is a
 * fault, and is counted as such.
 */
export interface HourReading {
  /** Epoch ms of the hour's start. */
  readonly hour: number;
  /** Meter: net load in kW. */
  readonly loadKw?: number | undefined;
  /** kW, positive when discharging. */
  readonly batteryKw?: number | undefined;
  readonly pvKw?: number | undefined;
  readonly temperatureC?: number | undefined;
}
