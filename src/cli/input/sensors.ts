import { METADATA } from '../../forecasting/artifact.ts';
import type { HourReading } from '../../forecasting/cleaning/readings.ts';
import { parseLayout } from '../../forecasting/features/layout.ts';
import type { Progress } from '../output/progress.ts';

/** What some files of readings have beside the load, and what a model that knows it reads. */
const SENSORS = [
  { name: 'temperature', column: 'temperature_c', key: 'temperatureC', block: 'temperature_history' },
  { name: 'price', column: 'price_brl_mwh', key: 'priceBrlMwh', block: 'price_history' },
] as const;

/** Tells where a model (its file's `metadata`) was trained without what is measured, or the other way round. */
export function tellSensors(
  metadata: Readonly<Record<string, string>>,
  readings: readonly HourReading[],
  progress: Progress,
): void {
  const { blocks } = parseLayout(metadata[METADATA.layout]);
  for (const { name, column, key, block } of SENSORS) {
    const trained = blocks.some((one) => one.name === block);
    const measured = readings.some((reading) => reading[key] !== undefined);
    if (measured && !trained) {
      progress.note(`the model was trained without ${name}: ${column} is not used; train again to use it`);
    } else if (trained && !measured) {
      progress.note(`the model was trained with ${name}, and the file has no ${column}: it does without`);
    }
  }
}
