import { CsvError as SyntaxFault } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { CsvError } from './errors.ts';
import type { Separator } from './header.ts';

/** No row of readings is longer. */
export const LONGEST_ROW = 1000;

export const refuseLongRow = (row: number): never => {
  throw new CsvError(
    'syntax',
    row,
    null,
    `The row is longer than ${LONGEST_ROW} characters; this is no file of readings.`,
  );
};

function splitQuoted(lines: string, row: number, delimiter: Separator): string[][] {
  try {
    return parse(lines, {
      delimiter,
      relaxColumnCount: true,
      relaxQuotes: true,
      maxRecordSize: LONGEST_ROW,
    });
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    const at = row + Number(error['lines'] ?? 1) - 1;
    if (error.code === 'CSV_MAX_RECORD_SIZE') return refuseLongRow(at);
    throw new CsvError('syntax', at, null, 'The row has an open quote; this is no file of readings.');
  }
}

/**
 * Splits whole lines into rows of cells; `row` is the number of the first. Without quotes, which readings hardly
 * ever have, a line is its cells: ten times quicker than to look for them, which a large file is glad of.
 * @throws {CsvError} syntax
 */
export function splitRows(lines: string, row: number, separator: Separator): string[][] {
  if (lines.includes('"')) return splitQuoted(lines, row, separator);
  const texts = (lines.endsWith('\n') ? lines.slice(0, -1) : lines).split('\n');
  return texts.map((text, i) => {
    if (text.length > LONGEST_ROW) refuseLongRow(row + i);
    return (text.endsWith('\r') ? text.slice(0, -1) : text).split(separator);
  });
}
