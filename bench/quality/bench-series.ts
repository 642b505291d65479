import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import Holidays from 'date-holidays';
import { type Calendar, createCalendar } from '../../src/forecasting/calendar/calendar.ts';
import { createSiteCalendar } from '../../src/forecasting/calendar/site-calendar.ts';
import { listedDays, noSpecialDays } from '../../src/forecasting/calendar/special-days.ts';
import type { HourReading } from '../../src/forecasting/cleaning/readings.ts';
import { readLoadCsv } from '../../src/forecasting/csv/load-csv.ts';
import { HOUR_MS } from '../../src/forecasting/series.ts';

/** A series as it stands in its file, on a grid of hours. */
export interface BenchSeries {
  readonly name: string;
  readonly calendar: Calendar;
  readonly readings: readonly HourReading[];
  /** Epoch ms of the first hour. */
  readonly start: number;
  /** Load as measured, NaN where missing; not cleaned: what a forecast is compared with. */
  readonly load: Float64Array;
  /** For people: what was assumed of the place and done to the file. */
  readonly notes: readonly string[];
}

/** A file of the folder that cannot be used, and why. */
export interface RefusedSeries {
  readonly name: string;
  readonly reason: string;
}

interface Place {
  readonly zone: string;
  /** ISO 3166 code, or empty. */
  readonly country: string;
}

const YEARS = Array.from({ length: 40 }, (_, i) => 2000 + i);

/**
 * Holidays of a country: our own table for Brazil, the library's public holidays elsewhere, none where it knows
 * none. The country decides, not the zone.
 */
function calendarOf({ zone, country }: Place): Calendar {
  if (country === 'BR' || country === '') return createSiteCalendar({ zone, ibgeCode: null });
  const known = new Holidays();
  if (known.getCountries()[country] === undefined) return createCalendar({ zone, days: noSpecialDays });
  known.init(country);
  const days = YEARS.flatMap((year) => known.getHolidays(year))
    .filter(({ type }) => type === 'public')
    .map(({ date, name }) => ({ date: date.slice(0, 10), name, kind: 'national' as const }));
  return createCalendar({ zone, days: listedDays(days) });
}

function gridOf(readings: readonly HourReading[]): { readonly start: number; readonly load: Float64Array } {
  const start = readings[0]?.hour ?? 0;
  const last = readings.at(-1)?.hour ?? start;
  const load = new Float64Array((last - start) / HOUR_MS + 1).fill(Number.NaN);
  for (const { hour, loadKw } of readings) load[(hour - start) / HOUR_MS] = loadKw ?? Number.NaN;
  return { start, load };
}

/** Rows `series,zone,country` of the folder's zones.csv by series; none without that file. */
function placesOf(folder: string): ReadonlyMap<string, Place> {
  const file = join(folder, 'zones.csv');
  if (!existsSync(file)) return new Map();
  const lines = readFileSync(file, 'utf8').trim().split(/\r?\n/).slice(1);
  return new Map(
    lines
      .map((line) => line.split(',').map((cell) => cell.trim()))
      .map(([name = '', zone = '', country = '']) => [
        name,
        { zone: zone || 'UTC', country: country.toUpperCase() },
      ]),
  );
}

async function readOne(folder: string, name: string, place: Place | undefined): Promise<BenchSeries> {
  const { readings, notes } = await readLoadCsv(createReadStream(join(folder, `${name}.csv`), 'utf8'));
  const assumed = place === undefined ? ['It is not in zones.csv: taken as UTC, without holidays.'] : [];
  const calendar = calendarOf(place ?? { zone: 'UTC', country: '' });
  return { name, calendar, readings, ...gridOf(readings), notes: [...assumed, ...notes] };
}

/** Names of the series that a folder holds, in order. */
function namesOf(folder: string, only: readonly string[]): string[] {
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.csv') && file !== 'zones.csv')
    .map((file) => basename(file, '.csv'));
  const unknown = only.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new RangeError(`--series: ${folder} has no ${unknown.join(', ')}`);
  return names.filter((name) => only.length === 0 || only.includes(name)).sort();
}

/**
 * All series of a folder of `timestamp_utc,load_kw[,temperature_c]` files with a zones.csv, by name, beside those
 * that cannot be read.
 */
export async function readFolder(
  folder: string,
  only: readonly string[],
): Promise<{ readonly series: readonly BenchSeries[]; readonly refused: readonly RefusedSeries[] }> {
  if (folder === '' || !existsSync(folder)) {
    throw new RangeError(`--data must name a folder of load files, not "${folder}"`);
  }
  const places = placesOf(folder);
  const series: BenchSeries[] = [];
  const refused: RefusedSeries[] = [];
  for (const name of namesOf(folder, only)) {
    try {
      series.push(await readOne(folder, name, places.get(name)));
    } catch (error) {
      refused.push({ name, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return { series, refused };
}
