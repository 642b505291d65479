import type { Reading, TelemetryStore } from '../ports/telemetry.ts';

/** Readings of another unit, told when they come in: they are kept, since a person may have to correct them. */

const DAY_MS = 86_400_000;
/** What is known before the readings, and how much of it says what is usual. */
const KNOWN_MS = 14 * DAY_MS;
const LEAST_HOURS = 48;
/** No plant's load grows by this factor; a meter that reports watts is a thousand times too high. */
const FACTOR = 100;

const magnitudes = (readings: readonly Reading[]): readonly number[] =>
  readings.flatMap(({ loadKw }) => (loadKw === undefined ? [] : [Math.abs(loadKw)]));

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/**
 * Hours whose load is more than a hundred times the usual one of the two weeks before; none where too little is known.
 * They are scored as missing and open the alert `wrong-unit`, and a training refuses them.
 */
export async function suspectReadings(
  telemetry: Pick<TelemetryStore, 'read'>,
  systemId: string,
  readings: readonly Reading[],
): Promise<readonly string[]> {
  const first = readings.map(({ hour }) => Date.parse(hour)).reduce((a, b) => Math.min(a, b), Infinity);
  if (!Number.isFinite(first)) return [];
  const known = magnitudes(await telemetry.read(systemId, new Date(first - KNOWN_MS), new Date(first)));
  const usual = median(known);
  if (known.length < LEAST_HOURS || usual === 0) return [];
  return readings.filter(({ loadKw = 0 }) => Math.abs(loadKw) > FACTOR * usual).map(({ hour }) => hour);
}
