import type { HourReading } from '../../forecasting/cleaning/readings.ts';
import { HOUR_MS } from '../../forecasting/series.ts';
import { simulateLoad } from '../../forecasting/simulation/simulate-load.ts';
import type { TelemetryStore } from '../../ports/telemetry.ts';
import { readCsvFile } from '../csv-file.ts';
import { toReading } from '../readings.ts';
import { BadSetting } from '../settings/read.ts';

/** Days of simulated load that a new plant has measured already. */
const SIMULATED_DAYS = 200;
const BATCH = 2000;

/** The hours of a file. Throws {@link BadSetting} that names the file, and row and column where it cannot be used. */
export async function csvReadings(path: string): Promise<readonly HourReading[]> {
  try {
    return (await readCsvFile(path)).readings;
  } catch (error) {
    throw new BadSetting('--csv', `${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The simulated plant's hours up to, not including, the hour in progress. */
export function simulatedReadings(
  site: { readonly seed: number; readonly zone: string },
  now: Date,
): readonly HourReading[] {
  const to = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS;
  const hours = SIMULATED_DAYS * 24;
  return simulateLoad({ ...site, from: to - hours * HOUR_MS, hours });
}

/** Writes readings in batches; `onProgress` gets the share that is stored. */
export async function storeReadings(
  telemetry: TelemetryStore,
  systemId: string,
  readings: readonly HourReading[],
  onProgress: (share: number) => void,
): Promise<void> {
  for (let start = 0; start < readings.length; start += BATCH) {
    await telemetry.write(systemId, readings.slice(start, start + BATCH).map(toReading));
    onProgress(Math.min(1, (start + BATCH) / readings.length));
  }
}
