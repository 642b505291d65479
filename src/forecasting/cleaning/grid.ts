import { HOUR_MS } from '../series.ts';
import type { HourReading } from './readings.ts';

/** Beyond any plant: a reading of this size, kW or °C, is a fault of the meter or of the transfer. */
const ABSURD = 1e9;
/** Air temperatures outside of this were not measured in the shade, or at all. */
const COLDEST = -60;
const HOTTEST = 65;

/** Readings laid on consecutive hours; NaN where a value is missing. */
export interface Grid {
  /** Epoch ms of the first hour. */
  readonly start: number;
  /** Gross load: meter plus battery and solar, for what is measured. kW. */
  readonly load: Float64Array;
  readonly temperature: Float64Array;
  /** Parts of the load as measured, kW. */
  readonly battery: Float64Array;
  readonly pv: Float64Array;
  /** Values that were no number or absurd. */
  readonly faulty: number;
  /** Hours that came more than once, and those of them with another value the second time (the last one counts). */
  readonly duplicates: number;
  readonly conflicts: number;
  /** Hours whose meter was read but not the battery or the solar beside it. */
  readonly incomplete: number;
  readonly hasSolar: boolean;
}

type Column = 'loadKw' | 'batteryKw' | 'pvKw' | 'temperatureC';

const COLUMNS: readonly Column[] = ['loadKw', 'batteryKw', 'pvKw', 'temperatureC'];

function usable(column: Column, value: number): boolean {
  if (column === 'temperatureC') return value >= COLDEST && value <= HOTTEST;
  return Math.abs(value) <= ABSURD;
}

/** Adds a component to the load from its first measured hour on; before, it did not exist. Returns hours lost. */
function addComponent(load: Float64Array, component: Float64Array): number {
  const first = component.findIndex(Number.isFinite);
  if (first < 0) return 0;
  let lost = 0;
  for (let i = first; i < load.length; i++) {
    const added = component[i] ?? Number.NaN;
    if (Number.isNaN(added) && !Number.isNaN(load[i] ?? Number.NaN)) lost++;
    load[i] = (load[i] ?? Number.NaN) + added;
  }
  return lost;
}

interface Sheet {
  readonly columns: Record<Column, Float64Array>;
  readonly seen: Uint8Array;
  faulty: number;
  duplicates: number;
  conflicts: number;
}

/** Writes one value; true when another one was there. */
function writeValue(sheet: Sheet, column: Column, position: number, value: number): boolean {
  if (!usable(column, value)) {
    sheet.faulty++;
    return false;
  }
  const before = sheet.columns[column][position] ?? Number.NaN;
  sheet.columns[column][position] = value;
  return !Number.isNaN(before) && before !== value;
}

function writeReading(sheet: Sheet, position: number, reading: HourReading): void {
  const changed = COLUMNS.filter((column) => {
    const value = reading[column];
    return value !== undefined && writeValue(sheet, column, position, value);
  });
  if (sheet.seen[position] === 1) sheet.duplicates++;
  if (changed.length > 0) sheet.conflicts++;
  sheet.seen[position] = 1;
}

/** Lays the readings with `from <= hour < to` on consecutive hours; both are whole hours, epoch ms. */
export function layOnGrid(readings: readonly HourReading[], from: number, to: number): Grid {
  const hours = Math.max(0, Math.round((to - from) / HOUR_MS));
  const empty = (): Float64Array => new Float64Array(hours).fill(Number.NaN);
  const columns = { loadKw: empty(), batteryKw: empty(), pvKw: empty(), temperatureC: empty() };
  const sheet: Sheet = { columns, seen: new Uint8Array(hours), faulty: 0, duplicates: 0, conflicts: 0 };
  for (const reading of readings) {
    const position = (reading.hour - from) / HOUR_MS;
    if (position >= 0 && position < hours) writeReading(sheet, Math.floor(position), reading);
  }
  const load = columns.loadKw;
  const incomplete = addComponent(load, columns.batteryKw) + addComponent(load, columns.pvKw);
  return {
    start: from,
    load,
    temperature: columns.temperatureC,
    battery: columns.batteryKw,
    pv: columns.pvKw,
    faulty: sheet.faulty,
    duplicates: sheet.duplicates,
    conflicts: sheet.conflicts,
    incomplete,
    hasSolar: columns.pvKw.some(Number.isFinite),
  };
}
