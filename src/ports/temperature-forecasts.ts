import type { IssuedValues } from '../forecasting/series.ts';

/** °C by the hour, as it was supplied: `issuedAt` is when it came in. */
export type TemperatureForecast = IssuedValues;

/** Forecasts of a site's ambient temperature. */
export interface TemperatureForecasts {
  /**
   * Keeps what came in at `issuedAt`, or a moment later where another came in at that instant; answers that moment,
   * epoch ms. Null where it says what the newest one said: nothing is kept then.
   */
  save(systemId: string, forecast: TemperatureForecast): Promise<number | null>;
  /** The newest one, or null. */
  latest(systemId: string): Promise<TemperatureForecast | null>;
  /** What came in before `to` about hours from `from` on, ascending by `issuedAt`. */
  read(systemId: string, from: Date, to: Date): Promise<readonly TemperatureForecast[]>;
}
