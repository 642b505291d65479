import { CsvError, shown } from './errors.ts';

/** Columns that a file may have, and where their values go. */
const COLUMNS = {
  timestamp_utc: 'stamp',
  load_kw: 'loadKw',
  temperature_c: 'temperatureC',
  battery_kw: 'batteryKw',
  pv_kw: 'pvKw',
  max15_kw: 'max15Kw',
  price_brl_mwh: 'priceBrlMwh',
} as const;

type ColumnName = keyof typeof COLUMNS;
export type ValueKey = Exclude<(typeof COLUMNS)[ColumnName], 'stamp'>;

/** How a file separates its cells: a spreadsheet in Brazil writes semicolons, and decimals with a comma. */
export type Separator = ',' | ';';

export const separatorOf = (firstRow: string): Separator =>
  firstRow.includes(';') && !firstRow.includes(',') ? ';' : ',';

/** Position of each column in a row. */
export interface Header {
  readonly stamp: number;
  readonly values: readonly { readonly key: ValueKey; readonly column: string; readonly at: number }[];
  readonly width: number;
}

const EXPECTED =
  'timestamp_utc,load_kw and, if known, temperature_c, battery_kw, pv_kw, max15_kw, price_brl_mwh';

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
