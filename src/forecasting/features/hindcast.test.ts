import { describe, expect, it } from 'vitest';
import { createSiteCalendar } from '../calendar/site-calendar.ts';
import { HORIZON_HOURS } from '../horizon.ts';
import { HOUR_MS, type HourlySeries, noOutlook } from '../series.ts';
import { numeric, tensorOf } from '../tensor/numeric.ts';
import { createEventFlags } from './event-flags.ts';
import { hindcastInput } from './hindcast.ts';
import { createInputRows } from './input-rows.ts';
import { blockOf, CALENDAR_AT, createLayout, type LayoutBlock } from './layout.ts';

const calendar = createSiteCalendar({ zone: 'America/Sao_Paulo', ibgeCode: null });
const labels = ['audit', 'kiln'];
const layout = createLayout({ temperature: true, price: true, eventFlags: labels });
const flags = createEventFlags(
  [
    { label: 'kiln', hours: [9, 10, 11], weekdays: [0, 3] },
    { label: 'audit', hours: [3], dates: ['2026-03-10', '2026-03-19'] },
  ],
  calendar,
);
const rows = createInputRows(layout, calendar, flags);
const start = Date.UTC(2026, 1, 2, 3);
const price = Array.from({ length: 50 }, (_, day) => ({
  issuedAt: start + (day * 24 - 4) * HOUR_MS,
  start: start + day * 24 * HOUR_MS,
  values: Float64Array.from({ length: 24 }, (_, hour) => day * 100 + hour),
}));
const series: HourlySeries = {
  start,
  load: Float64Array.from({ length: 1200 }, (_, i) => 500 + 100 * Math.sin(i / 4) + (i % 168)),
  temperature: Float64Array.from({ length: 1200 }, (_, i) => 20 + 5 * Math.sin(i / 24)),
  outlook: { ...noOutlook, price },
};

const ORIGIN = 40 * 24;
const row = rows.rows(series, [ORIGIN]);
const hindcast = hindcastInput(numeric, layout, tensorOf(row, [1, layout.width])).data;
const truth = rows.rows(series, [ORIGIN - HORIZON_HOURS]);

const blockIn = (of: Float32Array, name: LayoutBlock['name']): number[] => {
  const { offset = 0, shape = [] } = blockOf(layout, name) ?? {};
  return [...of.subarray(offset, offset + shape.reduce((n, d) => n * d, 1))];
};

describe('the row of 48 hours earlier, made from the row itself', () => {
  it('has the event flags that held then, and those before', () => {
    const width = layout.calendarColumns.length;
    const events = (of: Float32Array): number[] =>
      blockIn(of, 'calendar').filter((_, i) => i % width >= CALENDAR_AT.events);
    expect(events(hindcast)).toEqual(events(truth));
    expect(events(truth)).toContain(1);
    const known = (of: Float32Array): number[] =>
      blockIn(of, 'history_event_flags').slice(HORIZON_HOURS * labels.length);
    expect(known(hindcast)).toEqual(known(truth));
  });

  it('has hour, weekday and history as they were', () => {
    const width = layout.calendarColumns.length;
    const clock = (of: Float32Array): number[] =>
      blockIn(of, 'calendar').filter((_, i) => i % width < CALENDAR_AT.holiday);
    expect(clock(hindcast)).toEqual(clock(truth));
    expect(blockIn(hindcast, 'history').slice(HORIZON_HOURS)).toEqual(
      blockIn(truth, 'history').slice(HORIZON_HOURS),
    );
  });

  it('has the prices of a day, and no forecast of the temperature', () => {
    expect(blockIn(hindcast, 'price_history').slice(HORIZON_HOURS)).toEqual(
      blockIn(truth, 'price_history').slice(HORIZON_HOURS),
    );
    expect(blockIn(hindcast, 'price_forecast').slice(0, 24)).toEqual(
      blockIn(truth, 'price_forecast').slice(0, 24),
    );
    expect(blockIn(hindcast, 'price_forecast').slice(24).every(Number.isNaN)).toBe(true);
    expect(blockIn(hindcast, 'temperature_forecast').every(Number.isNaN)).toBe(true);
  });
});
