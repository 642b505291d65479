import { CsvError, shown } from './errors.ts';
import type { Separator } from './header.ts';

const STAMP =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(Z|z|[+-]\d{2}:?\d{2})?$/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
/** Larger than any grid; what is beyond was no kW. */
const LARGEST = 1e9;

const COLUMN = 'timestamp_utc';

function refuseStamp(cell: string, row: number, why: string): never {
  throw new CsvError('timestamp', row, COLUMN, `${shown(cell)} ${why}`);
}

function refuseZone(cell: string, row: number, zone: string | undefined, utc: number): never {
  if (zone === undefined) {
    refuseStamp(
      cell,
      row,
      'has no time zone. If it is UTC, append Z; if it is local time, convert it to UTC first, ' +
        'because local clocks skip and repeat hours.',
    );
  }
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  const instant = new Date(utc - (zone.startsWith('-') ? -minutes : minutes) * 60_000);
  const written = `${instant.toISOString().slice(0, 19)}Z`;
  return refuseStamp(cell, row, `is not in UTC; write it as ${written}.`);
}

/**
 * Epoch ms of a stamp in UTC.
 * @throws {CsvError} timestamp
 */
export function readStamp(cell: string, row: number): number {
  const parts = STAMP.exec(cell);
  if (parts === null) refuseStamp(cell, row, 'is no time; write it as 2026-01-05T06:00:00Z.');
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const zone = parts[7];
  const instant = Date.UTC(year, month - 1, day, hour, minute, second);
  const at = new Date(instant);
  const sameDay = at.getUTCMonth() === month - 1 && at.getUTCDate() === day && at.getUTCHours() === hour;
  const exists = sameDay && at.getUTCFullYear() === year && minute < 60 && second < 60;
  if (!exists) refuseStamp(cell, row, 'does not exist in the calendar.');
  if (zone?.toUpperCase() !== 'Z') refuseZone(cell, row, zone, instant);
  return instant;
}

const DECIMAL_COMMA = /^[+-]?(\d{1,3}(\.\d{3})+|\d*),\d+$/;

/** A decimal comma, and points for thousands before it, as a spreadsheet in Brazil writes them: made a point. */
const withPoint = (cell: string): string =>
  DECIMAL_COMMA.test(cell) ? cell.replaceAll('.', '').replace(',', '.') : cell;

/**
 * A number, or undefined for an empty cell. Decimals have a point; a comma too where cells are separated by
 * semicolons.
 * @throws {CsvError} number
 */
export function readNumber(
  cell: string,
  row: number,
  column: string,
  separator: Separator,
): number | undefined {
  if (cell === '') return undefined;
  const text = separator === ';' ? withPoint(cell) : cell;
  if (!NUMBER.test(text)) {
    const hint = /^[\d.]*,\d+$/.test(cell)
      ? 'write decimals with a point and no separators for thousands.'
      : 'leave the cell empty where nothing was measured.';
    throw new CsvError('number', row, column, `${shown(cell)} is no number; ${hint}`);
  }
  const value = Number(text);
  if (Math.abs(value) <= LARGEST) return value;
  throw new CsvError(
    'number',
    row,
    column,
    `${shown(cell)} is beyond any site; loads are in kW, temperatures in °C, prices in R$/MWh.`,
  );
}
