export type CsvErrorCode =
  | 'empty'
  | 'header'
  | 'syntax'
  | 'timestamp'
  | 'number'
  | 'order'
  | 'conflict'
  | 'wrong-cadence'
  | 'too-large';

/** A file of readings that cannot be read: the row (the header is row 1), the column, and what to write instead. */
export class CsvError extends Error {
  override readonly name = 'CsvError';
  readonly code: CsvErrorCode;
  /** Null when the fault is the file's as a whole. */
  readonly row: number | null;
  readonly column: string | null;

  constructor(code: CsvErrorCode, row: number | null, column: string | null, message: string) {
    const place = [row === null ? null : `row ${row}`, column === null ? null : `column ${column}`];
    const where = place.filter((part) => part !== null).join(', ');
    super(where === '' ? message : `${where}: ${message}`);
    this.code = code;
    this.row = row;
    this.column = column;
  }
}

/** A cell as an error shows it: short, whatever was in the file. */
export function shown(cell: string): string {
  return JSON.stringify(cell.length > 40 ? `${cell.slice(0, 40)}…` : cell);
}
