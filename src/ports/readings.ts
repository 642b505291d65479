import { InvalidReading, type Reading } from './telemetry.ts';

/** The measured values of a reading, in the order in which stores keep them. */
export const READING_VALUES = [
  ...(['loadKw', 'batteryKw', 'pvKw', 'temperatureC', 'max15Kw', 'priceBrlMwh'] as const),
] as const;

export type ReadingValue = (typeof READING_VALUES)[number];

const HOUR = /^\d{4}-\d{2}-\d{2}T\d{2}:00(:00(\.0+)?)?Z$/;

/** Throws {@link InvalidReading} for the first reading that no store may keep. */
export function checkReadings(systemId: string, readings: readonly Reading[]): void {
  for (const reading of readings) {
    if (!HOUR.test(reading.hour) || Number.isNaN(Date.parse(reading.hour))) {
      const problem = 'the hour must be the beginning of an hour in UTC, such as 2026-01-05T06:00:00Z';
      throw new InvalidReading(systemId, reading.hour, problem);
    }
    const bad = READING_VALUES.find((name) => reading[name] !== undefined && !Number.isFinite(reading[name]));
    if (bad !== undefined) throw new InvalidReading(systemId, reading.hour, `${bad} must be a finite number`);
  }
}

/** The values that a reading carries. */
function valuesOf(reading: Reading): Partial<Record<ReadingValue, number>> {
  const carried = READING_VALUES.flatMap((name) => {
    const value = reading[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(carried);
}

/** One reading an hour, ascending: of two for one hour the later wins, value by value. */
export function mergeByHour(readings: readonly Reading[]): readonly Reading[] {
  const byHour = new Map<number, Reading>();
  for (const reading of readings) {
    const hour = Date.parse(reading.hour);
    byHour.set(hour, {
      ...byHour.get(hour),
      ...valuesOf(reading),
      hour: new Date(hour).toISOString(),
    });
  }
  return [...byHour].sort(([a], [b]) => a - b).map(([, reading]) => reading);
}
