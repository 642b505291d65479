import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';
import type { DeviceStore, Sample } from '../../ports/device-store.ts';
import { inTransaction } from './transaction.ts';

const COLUMNS = [
  ['loadKw', 'load_kw'],
  ['batteryKw', 'battery_kw'],
  ['pvKw', 'pv_kw'],
  ['temperatureC', 'temperature_c'],
] as const;

const names = COLUMNS.map(([, column]) => column);
const SAVE = `INSERT INTO sample (at, minutes, ${names.join(', ')}) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (at, minutes) DO UPDATE SET
  ${names.map((column) => `${column} = coalesce(excluded.${column}, ${column})`).join(', ')}
  WHERE ${names.map((column) => `(excluded.${column} IS NOT NULL AND excluded.${column} IS NOT sample.${column})`).join(' OR ')}`;

const parameters = (sample: Sample): SQLInputValue[] => [
  Date.parse(sample.at),
  sample.minutes,
  ...COLUMNS.map(([field]) => sample[field] ?? null),
];

function sampleOf(row: Record<string, SQLOutputValue>): Sample {
  const values = COLUMNS.filter(([, column]) => row[column] !== null).map(
    ([field, column]) => [field, Number(row[column])] as const,
  );
  const at = `${new Date(Number(row['at'])).toISOString().slice(0, 19)}Z`;
  return { at, minutes: Number(row['minutes']) === 5 ? 5 : 15, ...Object.fromEntries(values) };
}

type Samples = Pick<DeviceStore, 'saveSamples' | 'samples'> & {
  readonly forgetSamples: (before: Date) => void;
};

/** Parts of hours, of which hours are made. */
export function createSamples(database: DatabaseSync): Samples {
  const save = database.prepare(SAVE);
  const select = database.prepare('SELECT * FROM sample WHERE at >= ? AND at < ? ORDER BY at, minutes');
  const forget = database.prepare('DELETE FROM sample WHERE at < ?');
  return {
    saveSamples: (samples) =>
      inTransaction(database, () =>
        samples.reduce((sum, sample) => sum + Number(save.run(...parameters(sample)).changes), 0),
      ),
    samples: (from, to) => select.all(from.getTime(), to.getTime()).map(sampleOf),
    forgetSamples(before) {
      forget.run(before.getTime());
    },
  };
}
