import { describe, expect, it } from 'vitest';
import { createSiteCalendar } from '../calendar/site-calendar.ts';
import { hindcastInput } from '../features/hindcast.ts';
import { createInputRows } from '../features/input-rows.ts';
import { createLayout } from '../features/layout.ts';
import { HISTORY_HOURS, HORIZON_HOURS } from '../horizon.ts';
import { type ModelView, viewOf } from '../models/member.ts';
import { naive168 } from '../models/naive.ts';
import { recentErrors } from '../residuals.ts';
import { HOUR_MS } from '../series.ts';
import { createNoise } from '../simulation/noise.ts';
import { type Algebra, scalar } from '../tensor/algebra.ts';
import { numeric, type Tensor, tensorOf } from '../tensor/numeric.ts';
import { createProgram } from '../tensor/program.ts';
import { carryErrors } from './carried-errors.ts';
import { recentError } from './drift.ts';

const layout = createLayout({ temperature: false, eventFlags: [] });
const inputs = createInputRows(layout, createSiteCalendar({ zone: 'America/Sao_Paulo', ibgeCode: null }));
/** Midnight of a Monday in São Paulo. */
const midnight = Date.UTC(2026, 4, 11, 3);

/** Rows of consecutive hours from midnight on; `load` of the hour counted from midnight. */
function rowsOf(load: (hour: number) => number, count = 1): Float32Array {
  const rows = new Float32Array(count * layout.width);
  for (let r = 0; r < count; r++) {
    const history = Float64Array.from({ length: HISTORY_HOURS }, (_, i) => load(r + i - HISTORY_HOURS));
    const issueTime = midnight + r * HOUR_MS;
    const row = inputs.row({ issueTime, load: history, temperature: null, temperatureForecast: null });
    rows.set(row, r * layout.width);
  }
  return rows;
}

const viewsOf = <T>(g: Algebra<T>, row: T): { view: ModelView<T>; past: ModelView<T> } => ({
  view: viewOf(g, layout, row),
  past: viewOf(g, layout, hindcastInput(g, layout, row)),
});

/** Last week's load, with yesterday's errors carried over; the usual error is 30 of 500 kW. */
function carried<T>(g: Algebra<T>, row: T): T {
  const { view, past } = viewsOf(g, row);
  const [forecast, hindcast] = [naive168.forecast(g, view), naive168.forecast(g, past)];
  return carryErrors(g, { view, forecast, hindcast, usual: scalar(g, 0.06) });
}

const oneRow = (load: (hour: number) => number): Tensor => tensorOf(rowsOf(load), [1, layout.width]);

const random = createNoise(3);

/** Around 0, the same for the same hour. */
const noise = (i: number): number => random.normal(1, i);

describe('errors carried over from yesterday', () => {
  const level = (): number => 500;

  it('add a share of what was missed at the hour and its neighbours', () => {
    const raised = (i: number): number => (i >= -24 && i < -18 ? 530 : 500);
    const { data } = carried(numeric, oneRow(raised));
    expect(data[2]).toBeCloseTo(500 + 0.15 * 30, 3);
    expect(data[26]).toBeCloseTo(500 + 0.15 * 30, 3);
    expect(data[6]).toBeCloseTo(500 + 0.05 * 30, 3);
    expect(data[12]).toBeCloseTo(500, 3);
  });

  it('leave alone what was foretold, and follow no outage further than three usual errors', () => {
    expect([...carried(numeric, oneRow(level)).data]).toEqual(Array(HORIZON_HOURS).fill(500));
    const outage = (i: number): number => (i >= -24 && i < -18 ? 0 : 500);
    const { data } = carried(numeric, oneRow(outage));
    const scale = (500 * 162) / 168;
    expect(data[2]).toBeCloseTo(500 - 0.15 * 3 * 0.06 * scale, 2);
  });

  it('are the same to the last bit in a program', () => {
    const rows = rowsOf((i) => 500 + 20 * noise(i), 40);
    const program = createProgram<'carried'>(layout.width, (g, row) => ({ carried: carried(g, row) }));
    expect(program.run(rows).carried).toEqual(carried(numeric, tensorOf(rows, [40, layout.width])));
  });

  it('bring a forecast nearer where days resemble the day before', () => {
    // A third of a day's deviation from its usual load is left on the next.
    const deviation = (day: number): number =>
      [0, 1, 2, 3, 4].reduce((sum, back) => sum + 20 * noise(day - back) * 0.6 ** back, 0);
    const load = (i: number): number => 500 + deviation(Math.floor(i / 24));
    const usual = (): number => 500;
    let [plain, better] = [0, 0];
    for (let day = 0; day < 40; day++) {
      const view = viewOf(
        numeric,
        layout,
        oneRow((i) => load(i + 24 * day)),
      );
      const flat = tensorOf(Float32Array.from({ length: HORIZON_HOURS }, usual), [1, HORIZON_HOURS]);
      const usualError = tensorOf(Float32Array.of(0.06), [1]);
      const { data } = carryErrors(numeric, { view, forecast: flat, hindcast: flat, usual: usualError });
      for (let i = 0; i < HORIZON_HOURS; i++) {
        plain += Math.abs(load(24 * day + i) - 500);
        better += Math.abs(load(24 * day + i) - (data[i] ?? Number.NaN));
      }
    }
    expect(better / plain).toBeLessThan(0.97);
  });
});

describe('the recent error', () => {
  /** Off by `newest` kW in the last two days and by `older` in the two before. */
  const errorOf = (newest: number, older: number): number => {
    const view = viewOf(
      numeric,
      layout,
      oneRow((i) => (i < -96 ? 500 : i < -48 ? 500 + older : 500 + newest)),
    );
    const flat = tensorOf(new Float32Array(HORIZON_HOURS).fill(500), [1, HORIZON_HOURS]);
    const scale = view.lags.scale.data[0] ?? Number.NaN;
    return (recentError(numeric, view, [flat, flat]).data[0] ?? Number.NaN) * scale;
  };

  it('counts the last two days twice as much as the two before', () => {
    expect(errorOf(30, 0)).toBeCloseTo(20, 3);
    expect(errorOf(0, 30)).toBeCloseTo(10, 3);
    expect(errorOf(-30, 30)).toBeCloseTo(30, 3);
  });

  it('is in the backtest what the artifact sees, once there is a row of two days before', () => {
    const count = 60;
    const load = (i: number): number => 500 + 20 * noise(i) + (i > 20 ? 30 * noise(3 * i) : 0);
    const rows = rowsOf(load, count);
    const { view, past } = viewsOf(numeric, tensorOf(rows, [count, layout.width]));
    const origins = Array.from({ length: count }, (_, r) => HISTORY_HOURS + r);
    const test = {
      view,
      origins,
      testDays: [HISTORY_HOURS],
      targets: new Float32Array(count * HORIZON_HOURS),
    };
    const seen = recentErrors(test, naive168.forecast(numeric, past));
    const older = viewOf(numeric, layout, hindcastInput(numeric, layout, past.input));
    const hindcasts = [past, older].map((one) => naive168.forecast(numeric, one));
    const own = recentError(numeric, view, hindcasts).data;
    for (let r = HORIZON_HOURS; r < count; r++) expect(seen[r]).toBeCloseTo(own[r] ?? Number.NaN, 5);
  });
});
