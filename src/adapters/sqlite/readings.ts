import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';
import type { DeviceStore } from '../../ports/device-store.ts';
import type { Reading } from '../../ports/telemetry.ts';
import { inTransaction } from './transaction.ts';

const COLUMNS = [
  ['loadKw', 'load_kw'],
  ['batteryKw', 'battery_kw'],
  ['pvKw', 'pv_kw'],
  ['temperatureC', 'temperature_c'],
  ['max15Kw', 'max15_kw'],
] as const;

function readingOf(row: Record<string, SQLOutputValue>): Reading {
  const values = COLUMNS.filter(([, column]) => row[column] !== null).map(
    ([field, column]) => [field, Number(row[column])] as const,
  );
  const hour = `${new Date(Number(row['hour'])).toISOString().slice(0, 19)}Z`;
  return { hour, ...Object.fromEntries(values) };
}

const parameters = (reading: Reading): SQLInputValue[] => [
  Date.parse(reading.hour),
  ...COLUMNS.map(([field]) => reading[field] ?? null),
];

const names = COLUMNS.map(([, column]) => column);
const INSERT = `INSERT INTO reading (hour, ${names.join(', ')}, reported) VALUES (?, ?, ?, ?, ?, ?`;
const differs = (column: string) =>
  `(excluded.${column} IS NOT NULL AND excluded.${column} IS NOT reading.${column})`;
const missing = (column: string) => `(reading.${column} IS NULL AND excluded.${column} IS NOT NULL)`;

/** What was measured here overwrites the columns it carries. */
const SAVE = `${INSERT}, 0) ON CONFLICT (hour) DO UPDATE SET reported = 0,
  ${names.map((column) => `${column} = coalesce(excluded.${column}, ${column})`).join(', ')}
  WHERE ${names.map(differs).join(' OR ')}`;
/** What the cloud knows fills the columns that are missing here. */
const FILL = `${INSERT}, 1) ON CONFLICT (hour) DO UPDATE SET
  ${names.map((column) => `${column} = coalesce(${column}, excluded.${column})`).join(', ')}
  WHERE ${names.map(missing).join(' OR ')}`;
const MARK = `UPDATE reading SET reported = 1 WHERE hour = ?
  ${names.map((column) => `AND ${column} IS ?`).join(' ')}`;

export type Readings = Pick<
  DeviceStore,
  'saveReadings' | 'fillReadings' | 'readings' | 'unreportedReadings' | 'markReported' | 'forgetReadings'
>;

/** Hourly readings of the site. */
export function createReadings(database: DatabaseSync): Readings {
  const save = database.prepare(SAVE);
  const fill = database.prepare(FILL);
  const mark = database.prepare(MARK);
  const select = database.prepare('SELECT * FROM reading WHERE hour >= ? AND hour < ? ORDER BY hour');
  const unreported = database.prepare('SELECT * FROM reading WHERE reported = 0 ORDER BY hour LIMIT ?');
  const countLost = database.prepare('SELECT count(*) AS n FROM reading WHERE hour < ? AND reported = 0');
  const forget = database.prepare('DELETE FROM reading WHERE hour < ?');

  const each = (statement: typeof save, readings: readonly Reading[]): number =>
    inTransaction(database, () =>
      readings.reduce((sum, reading) => sum + Number(statement.run(...parameters(reading)).changes), 0),
    );

  return {
    saveReadings: (readings) => each(save, readings),
    fillReadings: (readings) => each(fill, readings),
    readings: (from, to) => select.all(from.getTime(), to.getTime()).map(readingOf),
    unreportedReadings: (limit) => unreported.all(limit).map(readingOf),
    markReported: (readings) => {
      each(mark, readings);
    },
    forgetReadings(before) {
      const lost = Number(countLost.get(before.getTime())?.['n']);
      forget.run(before.getTime());
      return lost;
    },
  };
}
