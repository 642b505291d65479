import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import type { Reading } from '../../ports/telemetry.ts';
import { Problem } from '../problem/problem.ts';
import { MAX_KW, MAX_PRICE } from '../schemas/telemetry.ts';
import type { ReadingCheck } from './reading-check.ts';

/** Readings as text/csv: a header line, one line an hour, an empty cell where nothing was measured. */

/** Largest table, in bytes, and its most rows (over 20 years of hours). */
export const MAX_CSV_BYTES = 20 * 1024 * 1024;
const MAX_ROWS = 200_000;

const FIELDS = {
  load_kw: 'loadKw',
  battery_kw: 'batteryKw',
  pv_kw: 'pvKw',
  temperature_c: 'temperatureC',
  max15_kw: 'max15Kw',
  price_brl_mwh: 'priceBrlMwh',
} as const;
type Column = keyof typeof FIELDS;
const COLUMNS: readonly string[] = ['timestamp_utc', ...Object.keys(FIELDS)];

const INSTANT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?Z$/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/;

const badTable = (detail: string): Problem => new Problem(400, 'invalid-csv', detail);

const tooLarge = (): Problem =>
  new Problem(
    413,
    'body-too-large',
    'The table is too large: send it in parts of at most 20 MB and 200,000 rows.',
  );

function checkHeader(names: readonly string[]): string[] {
  const columns = names.map((name) => name.trim().toLowerCase());
  const unknown = columns.filter((name) => !COLUMNS.includes(name));
  if (unknown.length > 0) {
    throw badTable(
      `Unknown columns ${unknown.slice(0, 5).join(', ').slice(0, 200)}: the columns are ${COLUMNS.join(', ')}.`,
    );
  }
  if (new Set(columns).size !== columns.length)
    throw badTable('A column stands twice in the header: name each once.');
  if (!columns.includes('timestamp_utc') || columns.length < 2) {
    throw badTable('The header needs timestamp_utc and at least one column of values.');
  }
  return columns;
}

function limits(column: Column): readonly [number, number] {
  if (column === 'temperature_c') return [-60, 80];
  return column === 'price_brl_mwh' ? [-MAX_PRICE, MAX_PRICE] : [-MAX_KW, MAX_KW];
}

function numberOf(column: Column, text: string): number | string {
  const value = NUMBER.test(text) ? Number(text) : Number.NaN;
  const [least, most] = limits(column);
  if (Number.isNaN(value))
    return 'is not a finite number with a decimal point: leave the cell empty if nothing was measured';
  return value < least || value > most ? `lies outside ${least} to ${most}` : value;
}

type Record = Readonly<{ [Name in Column | 'timestamp_utc']?: string }>;

const isColumn = (name: string): name is Column => name in FIELDS;

/** Adds one line to the check, or the reasons why it is none. */
function addRecord(check: ReadingCheck, row: number, record: Record): void {
  const hour = record.timestamp_utc ?? '';
  if (!INSTANT.test(hour)) {
    check.refuse(row, '/timestamp_utc', 'has no timestamp in UTC: write it like 2026-01-05T06:00:00Z');
    return;
  }
  const values: { -readonly [Field in keyof Reading]?: Reading[Field] } = {};
  for (const [name, text] of Object.entries(record)) {
    if (!isColumn(name) || text === '') continue;
    const value = numberOf(name, text);
    if (typeof value === 'string') {
      check.refuse(row, `/${name}`, value);
      return;
    }
    values[FIELDS[name]] = value;
  }
  check.add(row, { hour: hour.replace(' ', 'T'), ...values });
}

/** Stops reading at the limit; the connection stays, so that the refusal can be read. */
async function* bounded(source: Readable): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of source.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length;
    if (bytes > MAX_CSV_BYTES) throw tooLarge();
    yield chunk;
  }
}

const parser = () =>
  parse({ bom: true, trim: true, skip_empty_lines: true, max_record_size: 2_000, columns: checkHeader });

function csvProblem(error: unknown): unknown {
  if (!(error instanceof CsvError)) return error;
  const line = typeof error['lines'] === 'number' ? ` at line ${error['lines']}` : '';
  return badTable(
    `The table cannot be read${line}: check quotes, separators (commas) and the number of cells.`,
  );
}

/** Reads a table into the check. Rejects with a 400 or 413 problem when it is no such table. */
export async function readCsv(source: Readable, check: ReadingCheck): Promise<void> {
  let row = 0;
  try {
    await pipeline(bounded(source), parser(), async (records: AsyncIterable<Record>) => {
      for await (const record of records) {
        row += 1;
        if (row > MAX_ROWS) throw tooLarge();
        addRecord(check, row, record);
      }
    });
  } catch (error) {
    // What is still coming is thrown away, so that the caller can read the refusal.
    source.resume();
    throw csvProblem(error);
  }
  if (row === 0) throw badTable('The table has no rows: send a header line and one line an hour.');
}
