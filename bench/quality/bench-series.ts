import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import Holidays from 'date-holidays';
import { type Calendar, createCalendar } from '../../src/forecasting/calendar/calendar.ts';
import { createSiteCalendar } from '../../src/forecasting/calendar/site-calendar.ts';
import { listedDays } from '../../src/forecasting/calendar/special-days.ts';
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
}

const YEARS = Array.from({ length: 30 }, (_, i) => 2010 + i);

/** Holidays of a country: our own table for Brazil, the library's public holidays elsewhere. */
function calendarOf(zone: string, country: string): Calendar {
  if (country === 'BR' || country === '') return createSiteCalendar({ zone, ibgeCode: null });
  const known = new Holidays(country);
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

/** Rows `series,zone,country` of the folder's zones.csv by series. */
function zonesOf(folder: string): ReadonlyMap<string, readonly string[]> {
  const lines = readFileSync(join(folder, 'zones.csv'), 'utf8').trim().split(/\r?\n/).slice(1);
  return new Map(lines.map((line) => line.split(',')).map(([name = '', ...rest]) => [name, rest]));
}

/** All series of a folder of `timestamp_utc,load_kw[,temperature_c]` files with a zones.csv, by name. */
export async function readSeries(folder: string, only: readonly string[]): Promise<BenchSeries[]> {
  const zones = zonesOf(folder);
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.csv') && file !== 'zones.csv')
    .map((file) => basename(file, '.csv'))
    .filter((name) => only.length === 0 || only.includes(name))
    .sort();
  const series: BenchSeries[] = [];
  for (const name of names) {
    const { readings } = await readLoadCsv([readFileSync(join(folder, `${name}.csv`), 'utf8')]);
    const [zone = 'UTC', country = ''] = zones.get(name) ?? [];
    series.push({ name, calendar: calendarOf(zone, country), readings, ...gridOf(readings) });
  }
  return series;
}
