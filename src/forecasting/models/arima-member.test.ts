import { describe, expect, it } from 'vitest';
import { createGraphRunner } from '../../adapters/onnxruntime/graph-runner.ts';
import { createSiteCalendar } from '../calendar/site-calendar.ts';
import { cleanReadings } from '../cleaning/clean.ts';
import { createInputRows } from '../features/input-rows.ts';
import { createLayout } from '../features/layout.ts';
import { HOUR_MS } from '../series.ts';
import { simulateLoad } from '../simulation/simulate-load.ts';
import { numeric } from '../tensor/numeric.ts';
import { trainingRowsOf } from '../train-members.ts';
import { arima } from './arima-member.ts';
import { naive168 } from './naive.ts';

const zone = 'America/Sao_Paulo';
const calendar = createSiteCalendar({ zone, ibgeCode: null });
const from = Date.UTC(2026, 8, 2, 3);
const hours = 75 * 24;
const readings = simulateLoad({ seed: 5, zone, from, hours });
const { series } = cleanReadings(readings, { calendar, from, to: from + hours * HOUR_MS });
const inputs = createInputRows(createLayout({ temperature: false, eventFlags: [] }), calendar);
const options = {
  seed: 1,
  onProgress: () => undefined,
  signal: new AbortController().signal,
  base: null,
  earlier: null,
  openGraph: createGraphRunner(),
};

const meanError = (actual: Float32Array, forecast: Float32Array): number =>
  actual.reduce((sum, y, i) => sum + Math.abs(y - (forecast[i] ?? 0)), 0) / actual.length;

describe('the ARIMA reference', () => {
  it('forecasts weeks it has not seen better than last week’s load', async () => {
    const model = arima.restore(await arima.fit(trainingRowsOf(series, inputs, 0, hours - 336), options));
    const unseen = trainingRowsOf(series, inputs, hours - 336, hours);
    const own = meanError(unseen.targets, model.forecast(numeric, unseen.view).data);
    const naive = meanError(unseen.targets, naive168.forecast(numeric, unseen.view).data);
    expect(own).toBeLessThan(0.9 * naive);
  });

  it('refuses a window without enough differences to last week', async () => {
    const rows = trainingRowsOf(series, inputs, 0, 440);
    const sparse = rows.targets.map((load, i) => (i % 48 < 12 ? load : Number.NaN));
    await expect(arima.fit({ ...rows, targets: sparse }, options)).rejects.toThrow(/train on a longer/);
  });
});
