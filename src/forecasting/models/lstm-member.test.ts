import { describe, expect, it } from 'vitest';
import { createGraphRunner } from '../../adapters/onnxruntime/graph-runner.ts';
import { createSiteCalendar } from '../calendar/site-calendar.ts';
import { cleanReadings } from '../cleaning/clean.ts';
import { createInputRows } from '../features/input-rows.ts';
import { createLayout } from '../features/layout.ts';
import { createGraph } from '../onnx/graph.ts';
import { HOUR_MS } from '../series.ts';
import { simulateLoad } from '../simulation/simulate-load.ts';
import { graphAlgebra } from '../tensor/graph.ts';
import { numeric } from '../tensor/numeric.ts';
import { trainingRowsOf } from '../train-members.ts';
import { linear } from './linear.ts';
import { initialParameters } from './lstm/network.ts';
import { REFERENCES, STEP_WIDTH, STEPS } from './lstm/sequences.ts';
import { type LstmState, lstm } from './lstm-member.ts';
import { type FittedModel, viewOf } from './member.ts';
import { createRandom } from './xgboost/random.ts';

const zone = 'America/Sao_Paulo';
const calendar = createSiteCalendar({ zone, ibgeCode: null });
const from = Date.UTC(2026, 2, 2, 3);
const hours = 34 * 24;
const to = from + hours * HOUR_MS;
const { series } = cleanReadings(simulateLoad({ seed: 5, zone, from, hours }), { calendar, from, to });
const layout = createLayout({ temperature: series.temperature !== null, eventFlags: [] });
const rows = trainingRowsOf(series, createInputRows(layout, calendar), 0, hours);
const openGraph = createGraphRunner();

const options = {
  seed: 1,
  onProgress: () => {},
  signal: new AbortController().signal,
  base: null,
  earlier: null,
  openGraph,
};

/** A network whose every array holds something, as an earlier fit may have left it. */
async function earlierState(): Promise<LstmState> {
  const random = createRandom(8);
  const size = { steps: STEPS, width: STEP_WIDTH, units: 24, references: REFERENCES };
  const { head, headBias, ...others } = initialParameters(size, random);
  const small = (values: Float32Array): Float32Array => values.map(() => 0.2 * (random() - 0.5));
  const base = await linear.fit(rows, options);
  const parameters = { ...others, head: small(head), headBias: small(headBias) };
  return { base, parameters, units: { change: 0.1, residual: 0.05 } };
}

describe('the LSTM member', () => {
  it('forecasts no worse than the linear member on the rows that say when to stop', async () => {
    const base = await linear.fit(rows, options);
    const model = lstm.restore(await lstm.fit(rows, { ...options, base }));
    const newest = Math.floor(rows.count * 0.85) * 48;
    const error = ({ forecast }: FittedModel): number =>
      forecast(numeric, rows.view)
        .data.subarray(newest)
        .reduce((sum, value, i) => sum + Math.abs(value - (rows.targets[newest + i] ?? value)), 0);
    expect(error(model)).toBeLessThan(1.02 * error(linear.restore(base)));
  });

  it('begins where an earlier fit stopped, and its graph computes what it does', async () => {
    const base = await linear.fit(rows, options);
    const model = lstm.restore(await lstm.fit(rows, { ...options, base, earlier: await earlierState() }));
    const own = model.forecast(numeric, rows.view).data;
    expect(own).not.toEqual(linear.restore(base).forecast(numeric, rows.view).data);
    const graph = createGraph({ name: 'lstm', producerName: 'lifo4-ml', producerVersion: '1' });
    const g = graphAlgebra(graph);
    const input = { value: graph.input('input', 'float32', ['N', layout.width]), shape: [-1, layout.width] };
    graph.output('forecast', model.forecast(g, viewOf(g, layout, input)).value, 'float32', ['N', 48]);
    const running = await openGraph(graph.encode());
    const shape = [rows.count, layout.width];
    const { forecast } = await running.run({ input: { data: rows.view.input.data, shape } });
    await running.close();
    const worst = own.reduce((w, v, i) => Math.max(w, Math.abs((forecast?.[i] ?? Number.NaN) / v - 1)), 0);
    expect(worst).toBeLessThan(1e-4);
  });
});
