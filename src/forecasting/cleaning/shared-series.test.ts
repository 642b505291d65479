import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createSiteCalendar } from '../calendar/site-calendar.ts';
import { createLoadCsvParser } from '../csv/load-csv.ts';
import { HOUR_MS } from '../series.ts';
import { type CleanedData, cleanReadings } from './clean.ts';

/** Real series that stand beside a checkout where they are at hand; the tests pass without them. */
const DATA = new URL('../../../../shared/data/', import.meta.url);
const present = existsSync(new URL('zones.csv', DATA));
const zones = present
  ? readFileSync(new URL('zones.csv', DATA), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','))
  : [];

function cleanFile(series: string, zone: string, days: number): CleanedData {
  const parser = createLoadCsvParser();
  parser.push(readFileSync(new URL(`${series}.csv`, DATA), 'utf8'));
  const { readings } = parser.end();
  const to = (readings.at(-1)?.hour ?? 0) + HOUR_MS;
  const calendar = createSiteCalendar({ zone, ibgeCode: null });
  return cleanReadings(readings, { calendar, from: to - days * 24 * HOUR_MS, to });
}

/** What must be found in the whole of a series that is known to be faulty, with its hours. */
const KNOWN: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  feeder_wpd_stentaway: { 'zero-runs': 30 },
  site_polito_substation: { 'zero-runs': 19, spikes: 2 },
  ugly_cam_b59_spikes: { spikes: 8, 'flat-lines': 8 },
  ugly_cam_b109_shifts: { 'zero-runs': 145, 'level-shift': 4 },
};

describe.runIf(present)('real series', () => {
  it.each(zones)('%s in %s can be trained, and its faults are named', (series = '', zone = '') => {
    const whole = cleanFile(series, zone, 1095);
    const found = Object.fromEntries(whole.report.findings.map(({ code, hours }) => [code, hours]));
    expect(found).toMatchObject(KNOWN[series] ?? {});
    expect(whole.report.hours).toBeGreaterThan(13_000);
    expect(whole.report.missingHours / whole.report.hours).toBeLessThan(0.01);
    expect(whole.report.findings.every(({ message }) => message.length <= 300)).toBe(true);
    expect(cleanFile(series, zone, 90).report).toMatchObject({ hours: 2160 });
  });

  it('are all there', () => {
    const files = readdirSync(DATA).filter((file) => file.endsWith('.csv') && file !== 'zones.csv');
    expect(files.sort()).toEqual(zones.map(([series]) => `${series}.csv`).sort());
  });
});
