import { HOUR_MS } from '../../forecasting/series.ts';
import type { Reading } from '../../ports/telemetry.ts';

/** Hours of readings that lie beyond the hour in progress: nobody can have measured them. */
export function futureReadings(readings: readonly Reading[], now: Date): readonly string[] {
  const current = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS;
  return readings.map(({ hour }) => hour).filter((hour) => Date.parse(hour) > current);
}
