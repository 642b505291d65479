import { CsvError, shown } from './errors.ts';

/** Columns that a file may have, and where their values go. */
const COLUMNS = {
  timestamp_utc: 'stamp',
  load_kw: 'loadKw',
  temperature_c: 'temperatureC',
  battery_kw: 'batteryKw',
  pv_kw: 'pvKw',
} as const;

type ColumnName = keyof typeof COLUMNS;
export type ValueKey = Exclude<(typeof COLUMNS)[ColumnName], 'stamp'>;

/** Position of each column in a row. */
export interface Header {
  readonly stamp: number;
  readonly values: readonly { readonly key: ValueKey; readonly column: string; readonly at: number }[];
  readonly width: number;
}

const EXPECTED = 'timestamp_utc,load_kw and, if measured, temperature_c, battery_kw, pv_kw';

function refuse(message: string): never {
  throw new CsvError('header', 1, null, `${message} The first row must name the columns: ${EXPECTED}.`);
}

function isColumn(name: string): name is ColumnName {
  return Object.hasOwn(COLUMNS, name);
}

/**
 * Reads the first row. Columns may come in any order; their names must be exact.
 * @throws {CsvError} header
 */
export function readHeader(cells: readonly string[]): Header {
  const names = cells.map((cell) => cell.trim().toLowerCase());
  if (names.length === 1 && names[0]?.includes(';')) {
    refuse(
      'The columns are separated by semicolons; separate them by commas and write decimals with a point.',
    );
  }
  const unknown = names.find((name) => !isColumn(name));
  if (unknown !== undefined) refuse(`${shown(unknown)} is no column known here.`);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) refuse(`The column ${twice} appears twice.`);
  for (const needed of ['timestamp_utc', 'load_kw']) {
    if (!names.includes(needed)) refuse(`The column ${needed} is missing.`);
  }
  const values = names.flatMap((column, at) => {
    const key = isColumn(column) ? COLUMNS[column] : 'stamp';
    return key === 'stamp' ? [] : [{ key, column, at }];
  });
  return { stamp: names.indexOf('timestamp_utc'), values, width: names.length };
}
