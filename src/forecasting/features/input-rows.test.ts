import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSiteCalendar } from '../calendar/site-calendar.ts';
import { HISTORY_HOURS, HORIZON_HOURS } from '../horizon.ts';
import { HOUR_MS, type HourlySeries } from '../series.ts';
import { createInputRows, FIRST_ORIGIN } from './input-rows.ts';
import {
  blockOf,
  CALENDAR_AT,
  createLayout,
  type FeatureLayout,
  parseLayout,
  UnknownLayout,
} from './layout.ts';

const calendar = createSiteCalendar({ zone: 'America/Sao_Paulo', ibgeCode: null });
const layout = createLayout({ temperature: true, eventFlags: ['maintenance'] });
const start = Date.UTC(2026, 0, 1, 3);

const seriesOf = (hours: number): HourlySeries => ({
  start,
  load: Float64Array.from({ length: hours }, (_, i) => 500 + 100 * Math.sin(i / 4) + (i % 168)),
  temperature: Float64Array.from({ length: hours }, (_, i) => 20 + 5 * Math.sin(i / 24)),
});

const perturbed = (series: HourlySeries, from: number, by: number): HourlySeries => ({
  ...series,
  load: series.load.map((value, i) => (i >= from ? value + by : value)),
  temperature: series.temperature?.map((value, i) => (i >= from ? value + by : value)) ?? null,
});

/** Whether any feature of an origin moves when values at and after the issue time do. */
function leaks(
  rowOf: (series: HourlySeries, origin: number) => Float32Array,
  origin: number,
  by: number,
): boolean {
  const series = seriesOf(1200);
  const before = rowOf(series, origin);
  const after = rowOf(perturbed(series, origin, by), origin);
  return before.some((value, i) => !Object.is(value, after[i]));
}

const columnsOf = (row: Float32Array, used: FeatureLayout, lead: number): Float32Array => {
  const block = blockOf(used, 'calendar');
  const width = used.calendarColumns.length;
  const first = (block?.offset ?? 0) + (lead - 1) * width;
  return row.subarray(first, first + width);
};

describe('input rows', () => {
  const rows = createInputRows(layout, calendar, (label, hour) => label === 'maintenance' && hour === start);

  it('move no feature when a value at or after the issue time changes', () => {
    const arbitrary = fc.tuple(
      fc.integer({ min: FIRST_ORIGIN, max: 1100 }),
      fc.double({ min: 1, max: 1e6, noNaN: true }),
    );
    fc.assert(
      fc.property(arbitrary, ([origin, by]) => !leaks((series, at) => rows.rows(series, [at]), origin, by)),
      { numRuns: 60 },
    );
  });

  it('are caught by the same property when they look one hour ahead', () => {
    const planted = (series: HourlySeries, origin: number): Float32Array => rows.rows(series, [origin + 1]);
    expect(leaks(planted, 800, 5)).toBe(true);
  });

  it('are the same from a series as from what a device knows', () => {
    const series = seriesOf(1200);
    const issueTime = start + 900 * HOUR_MS;
    const row = rows.row({
      issueTime,
      load: series.load.subarray(900 - HISTORY_HOURS, 900),
      temperature: series.temperature?.subarray(900 - HISTORY_HOURS, 900) ?? null,
      temperatureForecast: null,
    });
    expect(rows.rows(series, [900])).toEqual(row);
    expect(row.length).toBe(layout.width);
  });

  it('say hour, weekday, holidays beside and event flags in local time', () => {
    const series = seriesOf(1200);
    // 2026-01-31 00:00 in São Paulo, a Saturday.
    const row = rows.rows(series, [720]);
    const first = columnsOf(row, layout, 1);
    expect(first[CALENDAR_AT.hour]).toBe(1);
    expect(first[CALENDAR_AT.weekday + 5]).toBe(1);
    expect(first[CALENDAR_AT.workingDay]).toBe(0);
    const carnival = rows.rows(series, [720 + 15 * 24]);
    // 2026-02-15 is the Sunday before Carnival Monday, which is lead 25.
    expect(columnsOf(carnival, layout, 1)[CALENDAR_AT.neighbours + 1]).toBe(1);
    expect(columnsOf(carnival, layout, 25)[CALENDAR_AT.holiday]).toBe(1);
    const flagged = rows.row({
      issueTime: start,
      load: new Float64Array(HISTORY_HOURS).fill(1),
      temperature: null,
      temperatureForecast: null,
    });
    expect(columnsOf(flagged, layout, 1).at(-1)).toBe(1);
    expect(columnsOf(flagged, layout, 2).at(-1)).toBe(0);
  });

  it.each([
    ['America/Sao_Paulo', '2018-11-03T12:00Z', [9, 22, 23, 1, 2]],
    ['America/Sao_Paulo', '2019-02-16T12:00Z', [10, 22, 23, 23, 0]],
    ['America/Cuiaba', '2018-11-03T12:00Z', [8, 22, 23, 1, 2]],
    ['America/Manaus', '2018-11-03T12:00Z', [8, 22, 23, 0, 1]],
    ['America/Rio_Branco', '2013-11-09T12:00Z', [8, 22, 23, 23, 0]],
    ['America/Noronha', '2018-11-03T12:00Z', [10, 22, 23, 0, 1]],
  ])('tell the local hours of %s from %s, clock changes included', (zone, from, expected) => {
    const local = createInputRows(layout, createSiteCalendar({ zone, ibgeCode: null }));
    const row = local.row({
      issueTime: Date.parse(from),
      load: new Float64Array(HISTORY_HOURS).fill(1),
      temperature: null,
      temperatureForecast: null,
    });
    const hours = Array.from({ length: HORIZON_HOURS }, (_, i) =>
      columnsOf(row, layout, i + 1)
        .subarray(CALENDAR_AT.hour, CALENDAR_AT.hour + 24)
        .indexOf(1),
    );
    const at = hours.indexOf(22);
    expect([hours[0], ...hours.slice(at, at + 4)]).toEqual(expected);
  });

  it('go by the new zone alone when a site is given another one', () => {
    const series = seriesOf(1200);
    const moved = createSiteCalendar({ zone: 'America/Noronha', ibgeCode: null });
    const [before, after] = [calendar, moved].map((of) => createInputRows(layout, of).rows(series, [1000]));
    const history = blockOf(layout, 'history');
    expect(after?.subarray(0, history?.shape[0])).toEqual(before?.subarray(0, history?.shape[0]));
    expect(columnsOf(after as Float32Array, layout, 1)).toEqual(columnsOf(before as Float32Array, layout, 2));
  });

  it('mark a silent sensor as missing and refuse a history with a hole', () => {
    const known = {
      issueTime: start,
      load: new Float64Array(HISTORY_HOURS).fill(7),
      temperature: null,
      temperatureForecast: null,
    };
    const block = blockOf(layout, 'temperature_history');
    expect(rows.row(known)[block?.offset ?? 0]).toBeNaN();
    expect(() => rows.row({ ...known, load: new Float64Array(700) })).toThrow(
      /720 hours of history, not 700/,
    );
    expect(() => rows.row({ ...known, load: known.load.with(3, Number.NaN) })).toThrow(/hour 3/);
  });
});

describe('a layout', () => {
  it('survives its own JSON and nothing else', () => {
    expect(parseLayout(JSON.stringify(layout))).toEqual(layout);
    const other = { ...layout, width: layout.width + 1 };
    for (const bad of [
      undefined,
      '{',
      '{}',
      JSON.stringify({ ...layout, version: 9 }),
      JSON.stringify(other),
    ]) {
      expect(() => parseLayout(bad)).toThrow(UnknownLayout);
    }
  });

  it('places its blocks one after the other', () => {
    let next = 0;
    for (const { offset, shape } of layout.blocks) {
      expect(offset).toBe(next);
      next += shape.reduce((n, d) => n * d, 1);
    }
    expect(next).toBe(layout.width);
    expect(layout.calendarColumns.length * HORIZON_HOURS).toBe(48 * 38);
  });
});
