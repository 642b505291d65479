import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { Problem } from '../problem/problem.ts';

/** Hourly values as text/csv: a header line, one line an hour, an empty cell where there is no value. */

/** Largest table, in bytes, and its most rows (over 20 years of hours). */
export const MAX_CSV_BYTES = 20 * 1024 * 1024;
const MAX_ROWS = 200_000;

/** The column that every table has. */
const TIME = 'timestamp_utc';
const INSTANT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?Z$/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/;

const badTable = (detail: string): Problem => new Problem(400, 'invalid-csv', detail);

const tooLarge = (): Problem =>
  new Problem(
    413,
    'body-too-large',
    'The table is too large: send it in parts of at most 20 MB and 200,000 rows.',
  );

/** Columns of values, each with the least and the most that a cell may hold. */
export type TableColumns<Name extends string> = Readonly<Record<Name, readonly [number, number]>>;

/** Takes the lines of a table. */
export interface TableRows<Name extends string> {
  /** A line, numbered from 1; its hour as it was written, in UTC. Empty cells are absent. */
  add(row: number, hour: string, values: Readonly<Partial<Record<Name, number>>>): void;
  /** A line that could not be read. */
  refuse(row: number, field: string, detail: string): void;
}

const checkHeader =
  (known: readonly string[]) =>
  (names: readonly string[]): string[] => {
    const columns = names.map((name) => name.trim().toLowerCase());
    const unknown = columns.filter((name) => !known.includes(name));
    if (unknown.length > 0) {
      throw badTable(
        `Unknown columns ${unknown.slice(0, 5).join(', ').slice(0, 200)}: the columns are ${known.join(', ')}.`,
      );
    }
    if (new Set(columns).size !== columns.length)
      throw badTable('A column stands twice in the header: name each once.');
    if (!columns.includes(TIME) || columns.length < 2) {
      throw badTable('The header needs timestamp_utc and at least one column of values.');
    }
    return columns;
  };

function numberOf(text: string, [least, most]: readonly [number, number]): number | string {
  const value = NUMBER.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(value))
    return 'is not a finite number with a decimal point: leave the cell empty where there is no value';
  return value < least || value > most ? `lies outside ${least} to ${most}` : value;
}

type Line = Readonly<Record<string, string>>;

/** Hands a line on, or the reason why it is none. */
function takeLine<Name extends string>(
  rows: TableRows<Name>,
  columns: TableColumns<Name>,
  row: number,
  line: Line,
): void {
  const hour = line[TIME] ?? '';
  if (!INSTANT.test(hour)) {
    rows.refuse(row, `/${TIME}`, 'has no timestamp in UTC: write it like 2026-01-05T06:00:00Z');
    return;
  }
  const values: Partial<Record<Name, number>> = {};
  for (const name of Object.keys(columns) as Name[]) {
    const text = line[name] ?? '';
    if (text === '') continue;
    const value = numberOf(text, columns[name]);
    if (typeof value === 'string') {
      rows.refuse(row, `/${name}`, value);
      return;
    }
    values[name] = value;
  }
  rows.add(row, hour.replace(' ', 'T'), values);
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

function csvProblem(error: unknown): unknown {
  if (!(error instanceof CsvError)) return error;
  const line = typeof error['lines'] === 'number' ? ` at line ${error['lines']}` : '';
  return badTable(
    `The table cannot be read${line}: check quotes, separators (commas) and the number of cells.`,
  );
}

/** Reads a table line by line. Rejects with a 400 or 413 problem when it is no such table. */
export async function readTable<Name extends string>(
  source: Readable,
  columns: TableColumns<Name>,
  rows: TableRows<Name>,
): Promise<void> {
  const header = checkHeader([TIME, ...Object.keys(columns)]);
  const options = { bom: true, trim: true, skip_empty_lines: true, max_record_size: 2_000, columns: header };
  let row = 0;
  try {
    await pipeline(bounded(source), parse(options), async (lines: AsyncIterable<Line>) => {
      for await (const line of lines) {
        row += 1;
        if (row > MAX_ROWS) throw tooLarge();
        takeLine(rows, columns, row, line);
      }
    });
  } catch (error) {
    // What is still coming is thrown away, so that the caller can read the refusal.
    source.resume();
    throw csvProblem(error);
  }
  if (row === 0) throw badTable('The table has no rows: send a header line and one line an hour.');
}
