import { describe, expect, it } from 'vitest';
import { createSiteCalendar } from '../calendar/site-calendar.ts';
import { createInputRows } from '../features/input-rows.ts';
import { createLayout } from '../features/layout.ts';
import { HORIZON_HOURS } from '../horizon.ts';
import { HOUR_MS, type HourlySeries } from '../series.ts';
import { simulateLoad } from '../simulation/simulate-load.ts';
import { trainingRowsOf } from '../train-members.ts';
import { seasonsOf } from './seasons.ts';

const zone = 'America/Sao_Paulo';
const inputs = createInputRows(
  createLayout({ temperature: false, eventFlags: [] }),
  createSiteCalendar({ zone, ibgeCode: null }),
);

function rowsOf(days: number) {
  const start = Date.UTC(2026, 9, 1, 3) - days * 24 * HOUR_MS;
  const readings = simulateLoad({ seed: 1, zone, from: start, hours: days * 24 });
  const load = Float64Array.from(readings, ({ loadKw }) => loadKw ?? Number.NaN);
  const series: HourlySeries = { start, load, temperature: null };
  return trainingRowsOf(series, inputs, 0, load.length);
}

describe('the seasons of training rows', () => {
  it('are one for a window of 90 days', () => {
    const rows = rowsOf(90);
    const { long, older, newest } = seasonsOf(rows);
    expect(long).toBe(false);
    expect(older).toEqual([]);
    expect(newest).toBe(rows);
  });

  it('hold every row of a year once, in order, each with the usual day of its own time', () => {
    const rows = rowsOf(365);
    const { long, older, newest, shape } = seasonsOf(rows);
    expect(long).toBe(true);
    expect(older).toHaveLength(3);
    const parts = [...older.map((season) => season.rows), newest];
    expect(parts.flatMap(({ origins }) => origins)).toEqual(rows.origins);
    const targets = parts.flatMap((part) => [...part.targets]);
    expect(targets).toHaveLength(rows.count * HORIZON_HOURS);
    expect(Float32Array.from(targets)).toEqual(rows.targets);
    // A working day at noon, in units of the level.
    expect(shape[0][12]).toBeGreaterThan(1.1);
  });
});
