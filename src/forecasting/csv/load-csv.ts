import { readNumber, readStamp } from './cells.ts';
import { CsvError } from './errors.ts';
import { type Header, readHeader, type Separator, separatorOf } from './header.ts';
import { createHourCollector, type HourlyReadings, type RowValues } from './hours.ts';
import { LONGEST_ROW, refuseLongRow, splitRows } from './rows.ts';

/** Text that is given to the parser at once. */
const BLOCK = 1 << 16;

export interface LoadCsv extends HourlyReadings {
  /** Rows below the header. */
  readonly rows: number;
}

/** Reads a file of readings piece by piece; it never holds more than a block of text and one entry an hour. */
export interface LoadCsvParser {
  /** @throws {CsvError} as soon as a row is wrong */
  push(text: string): void;
  /** @throws {CsvError} */
  end(): LoadCsv;
}

function readValues(header: Header, cells: readonly string[], row: number, separator: Separator): RowValues {
  const values: RowValues = {};
  for (const { key, column, at } of header.values) {
    const value = readNumber((cells[at] ?? '').trim(), row, column, separator);
    if (value !== undefined) values[key] = value;
  }
  return values;
}

function refuseWidth(header: Header, cells: readonly string[], row: number): void {
  if (cells.length === header.width) return;
  throw new CsvError(
    'syntax',
    row,
    null,
    `The row has ${cells.length} cells and the header ${header.width}; a decimal comma splits a number in two.`,
  );
}

/**
 * Reads `timestamp_utc,load_kw[,temperature_c][,battery_kw][,pv_kw][,max15_kw][,price_brl_mwh]` in UTF-8: one row
 * an hour, or 30, 20, 15, 10, 5 or 1 minutes apart, which are averaged. Cells are separated by commas, or by
 * semicolons with decimal commas. Times are UTC with `Z` and ascend; an empty cell was not measured. Rows that
 * repeat the one before are merged.
 */
export function createLoadCsvParser(): LoadCsvParser {
  const hours = createHourCollector();
  let header: Header | null = null;
  let separator: Separator = ',';
  let begun = false;
  let rest = '';
  let row = 0;

  const readRow = (cells: readonly string[]): void => {
    row++;
    if (cells.length === 1 && cells[0]?.trim() === '' && header !== null) return;
    if (header === null) {
      header = readHeader(cells);
      return;
    }
    refuseWidth(header, cells, row);
    const instant = readStamp((cells[header.stamp] ?? '').trim(), row);
    hours.add(instant, readValues(header, cells, row, separator), row);
  };
  const readLines = (lines: string): void => {
    if (header === null) separator = separatorOf(lines.slice(0, lines.indexOf('\n') + 1) || lines);
    for (const cells of splitRows(lines, row + 1, separator)) readRow(cells);
  };
  const take = (text: string): void => {
    rest += begun || !text.startsWith('\uFEFF') ? text : text.slice(1);
    begun = true;
    const end = rest.lastIndexOf('\n') + 1;
    if (end > 0) readLines(rest.slice(0, end));
    rest = rest.slice(end);
    if (rest.length > LONGEST_ROW) refuseLongRow(row + 1);
  };

  return {
    push(text) {
      for (let at = 0; at < text.length; at += BLOCK) take(text.slice(at, at + BLOCK));
    },
    end() {
      if (rest !== '') readLines(rest);
      if (header === null) throw new CsvError('empty', null, null, 'The file is empty.');
      return { ...hours.finish(), rows: row - 1 };
    },
  };
}

/** Reads a whole file given as a stream of text. @throws {CsvError} */
export async function readLoadCsv(chunks: AsyncIterable<string> | Iterable<string>): Promise<LoadCsv> {
  const parser = createLoadCsvParser();
  for await (const chunk of chunks) parser.push(chunk);
  return parser.end();
}
