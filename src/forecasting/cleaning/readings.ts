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
  /** Highest 15-minute mean of the meter within the hour, kW. */
  readonly max15Kw?: number | undefined;
  /** Energy price of the hour, R$/MWh, as the market published it on the day before. */
  readonly priceBrlMwh?: number | undefined;
}
