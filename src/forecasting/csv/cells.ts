import { CsvError, shown } from './errors.ts';

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
  const [, year, month, day, hour, minute, second, zone] = parts;
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second ?? '00'}`;
  const instant = Date.parse(`${iso}Z`);
  const exists = !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(iso);
  if (!exists) refuseStamp(cell, row, 'does not exist in the calendar.');
  if (zone?.toUpperCase() !== 'Z') refuseZone(cell, row, zone, instant);
  return instant;
}

/**
 * A number with a decimal point, or undefined for an empty cell.
 * @throws {CsvError} number
 */
export function readNumber(cell: string, row: number, column: string): number | undefined {
  if (cell === '') return undefined;
  if (!NUMBER.test(cell)) {
    const hint = /^[\d.]*,\d+$/.test(cell)
      ? 'write decimals with a point and no separators for thousands.'
      : 'leave the cell empty where nothing was measured.';
    throw new CsvError('number', row, column, `${shown(cell)} is no number; ${hint}`);
  }
  const value = Number(cell);
  if (Math.abs(value) <= LARGEST) return value;
  throw new CsvError('number', row, column, `${shown(cell)} is beyond any plant; loads are in kW.`);
}
