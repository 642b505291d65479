import { describe, expect, it } from 'vitest';
import { createSiteCalendar } from '../calendar/site-calendar.ts';
import { cleanReadings } from '../cleaning/clean.ts';
import { hindcastInput } from '../features/hindcast.ts';
import { createInputRows } from '../features/input-rows.ts';
import { createLayout } from '../features/layout.ts';
import { viewOf } from '../models/member.ts';
import { profileModel } from '../models/profile.ts';
import { HOUR_MS } from '../series.ts';
import { simulateLoad } from '../simulation/simulate-load.ts';
import { trainingRowsOf } from '../train-members.ts';
import type { Algebra } from './algebra.ts';
import { numeric } from './numeric.ts';
import { createProgram } from './program.ts';

const zone = 'America/Sao_Paulo';
const calendar = createSiteCalendar({ zone, ibgeCode: null });
const from = Date.UTC(2026, 2, 2, 3);
const hours = 31 * 24 + 5;
const to = from + hours * HOUR_MS;
const { series } = cleanReadings(simulateLoad({ seed: 5, zone, from, hours }), { calendar, from, to });
const layout = createLayout({ temperature: series.temperature !== null, eventFlags: [] });
const { input } = trainingRowsOf(series, createInputRows(layout, calendar), 0, hours).view;

function define<T>(g: Algebra<T>, rows: T) {
  const view = viewOf(g, layout, rows);
  const past = viewOf(g, layout, hindcastInput(g, layout, rows));
  return { forecast: profileModel.forecast(g, view), hindcast: profileModel.forecast(g, past), rows };
}

describe('a program', () => {
  it('computes to the last bit what the same code computes on numbers, in batches of any size', () => {
    const program = createProgram(layout.width, define);
    for (const count of [1, 33, 97]) {
      const some = input.data.subarray(0, count * layout.width);
      const own = define(numeric, { shape: [count, layout.width], data: some });
      const { forecast, hindcast, rows } = program.run(some);
      expect(forecast).toEqual(own.forecast);
      expect(hindcast).toEqual(own.hindcast);
      expect(rows).toEqual(own.rows);
    }
  });

  it('works out once what is written twice', () => {
    let asked = 0;
    const counting: typeof numeric = {
      ...numeric,
      trees(x) {
        asked++;
        return { shape: [x.shape[0] ?? 0, 1], data: new Float32Array(x.shape[0] ?? 0) };
      },
    };
    const booster = { objective: { name: 'squared-error' }, columns: 2, baseScore: 0, trees: [] } as const;
    const program = createProgram(
      2,
      (g, x) => ({ twice: g.add(g.trees(g.abs(x), booster), g.trees(g.abs(x), booster)) }),
      counting,
    );
    program.run(Float32Array.of(1, 2, 3, 4));
    expect(asked).toBe(1);
  });
});
