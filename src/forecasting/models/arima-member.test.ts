import { describe, expect, it } from 'vitest';
import { createGraphRunner } from '../../adapters/onnxruntime/graph-runner.ts';
import { numeric } from '../tensor/numeric.ts';
import { trainingRowsOf } from '../train-members.ts';
import { arima } from './arima-member.ts';
import { fitOptions, hours, inputs, meanError, series } from './fixtures/simulated-plant.ts';
import { naive168 } from './naive.ts';

const options = { ...fitOptions, openGraph: createGraphRunner() };

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
