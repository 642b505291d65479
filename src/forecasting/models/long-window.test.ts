import { describe, expect, it } from 'vitest';
import { createGraphRunner } from '../../adapters/onnxruntime/graph-runner.ts';
import { createSiteCalendar } from '../calendar/site-calendar.ts';
import { cleanReadings } from '../cleaning/clean.ts';
import { createInputRows } from '../features/input-rows.ts';
import { createLayout } from '../features/layout.ts';
import { HISTORY_HOURS, HORIZON_HOURS } from '../horizon.ts';
import { createGraph } from '../onnx/graph.ts';
import { HOUR_MS } from '../series.ts';
import { simulateLoad } from '../simulation/simulate-load.ts';
import { graphAlgebra } from '../tensor/graph.ts';
import { numeric } from '../tensor/numeric.ts';
import { trainingRowsOf } from '../train-members.ts';
import { linear } from './linear.ts';
import { longWeeklyChange } from './long-window.ts';
import { type FittedModel, numericView, subsetOf, viewOf } from './member.ts';
import { weeklyChange } from './weekly-change.ts';

const zone = 'America/Sao_Paulo';
const calendar = createSiteCalendar({ zone, ibgeCode: null });
const layout = createLayout({ temperature: true, eventFlags: [] });
const inputs = createInputRows(layout, calendar);

/** The columns that a long window adds to the weekly change, of one row at one lead. */
function addedColumns(issueTime: number, temperature: Float64Array): (lead: number) => number[] {
  const load = new Array<number>(HISTORY_HOURS).fill(100);
  const row = inputs.row({ issueTime, load, temperature, temperatureForecast: null });
  const view = numericView(layout, row, 1);
  const before = weeklyChange.features(numeric, view).shape[2] ?? 0;
  const { data, shape } = longWeeklyChange.features(numeric, view);
  const width = shape[2] ?? 0;
  return (lead) => [...data.subarray((lead - 1) * width + before, lead * width)];
}

describe('what a long window adds', () => {
  // The night before the first of May, a Friday; the second is a Saturday.
  const issueTime = Date.UTC(2026, 3, 30, 3) + 24 * HOUR_MS;
  const hours = Array.from({ length: HISTORY_HOURS }, (_, i) => HISTORY_HOURS - i);

  it('tells a holiday where last week was none, and the weekday', () => {
    const columns = addedColumns(issueTime, new Float64Array(HISTORY_HOURS).fill(16));
    expect(columns(12)).toEqual([1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0]);
    expect(columns(36)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0]);
    const weekLater = addedColumns(issueTime + 7 * 24 * HOUR_MS, new Float64Array(HISTORY_HOURS).fill(16));
    expect(weekLater(12).slice(0, 3)).toEqual([0, 1, 0]);
  });

  it('tells cooling from heating, and nothing where a temperature is missing', () => {
    const warmer = Float64Array.from(hours, (back) => (back <= 24 ? 28 : 10));
    const [cooling, heating] = addedColumns(issueTime, warmer)(1).slice(-2);
    expect([cooling, heating]).toEqual([expect.closeTo(0.2, 6), expect.closeTo(-0.1, 6)]);
    const unknown = Float64Array.from(hours, (back) => (back <= 24 ? Number.NaN : 10));
    expect(addedColumns(issueTime, unknown)(1).slice(-2)).toEqual([0, 0]);
  });
});

describe('a model of a long window', () => {
  it('forecasts the same in its graph', async () => {
    const from = Date.UTC(2026, 2, 2, 3);
    const length = 200 * 24;
    const to = from + length * HOUR_MS;
    const { series } = cleanReadings(simulateLoad({ seed: 5, zone, from, hours: length }), {
      calendar,
      from,
      to,
    });
    const all = trainingRowsOf(series, inputs, 0, length);
    const rows = subsetOf(
      all,
      all.origins.flatMap((_, r) => (r % 5 === 0 ? [r] : [])),
    );
    const state = await linear.fit(rows, {
      ...{ seed: 1, base: null, earlier: null, onProgress: () => undefined },
      signal: new AbortController().signal,
      openGraph: createGraphRunner(),
    });
    expect(state.long).toBe(true);
    const model: FittedModel = linear.restore(state);
    const graph = createGraph({ name: 'model', producerName: 'lifo4-ml', producerVersion: '1' });
    const input = { value: graph.input('input', 'float32', ['N', layout.width]), shape: [-1, layout.width] };
    const g = graphAlgebra(graph);
    graph.output('forecast', model.forecast(g, viewOf(g, layout, input)).value, 'float32', ['N', 48]);
    const running = await createGraphRunner()(graph.encode());
    const few = subsetOf(rows, [0, 100, 200]);
    const { forecast } = await running.run({
      input: { data: few.view.input.data, shape: [few.count, layout.width] },
    });
    await running.close();
    const own = model.forecast(numeric, few.view).data;
    expect(forecast).toHaveLength(few.count * HORIZON_HOURS);
    own.forEach((value, i) => {
      expect(Math.abs((forecast?.[i] ?? Number.NaN) - value)).toBeLessThan(1e-4 * Math.abs(value));
    });
  });
});
