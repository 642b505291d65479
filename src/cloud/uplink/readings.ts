import { HOUR_MS } from '../../forecasting/series.ts';
import type { Reading } from '../../ports/telemetry.ts';

/** Whether an hour, as ISO 8601, lies beyond the one in progress. */
export function isFuture(hour: string, now: Date): boolean {
  return Date.parse(hour) > Math.floor(now.getTime() / HOUR_MS) * HOUR_MS;
}

/** Hours of readings that lie beyond the hour in progress: nobody can have measured them. */
export function futureReadings(readings: readonly Reading[], now: Date): readonly string[] {
  return readings.map(({ hour }) => hour).filter((hour) => isFuture(hour, now));
}
