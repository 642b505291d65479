import { describe, expect, it } from 'vitest';
import { createGraphRunner } from '../../adapters/onnxruntime/graph-runner.ts';
import { cleanReadings } from '../cleaning/clean.ts';
import { HOUR_MS } from '../series.ts';
import { simulateLoad } from '../simulation/simulate-load.ts';
import { numeric } from '../tensor/numeric.ts';
import { trainingRowsOf } from '../train-members.ts';
import {
  calendar,
  fitOptions,
  from,
  hours,
  inputs,
  meanError,
  series,
  zone,
} from './fixtures/simulated-plant.ts';
import { subsetOf } from './member.ts';
import { naive168 } from './naive.ts';
import { prophet } from './prophet-member.ts';

const options = { ...fitOptions, openGraph: createGraphRunner() };

describe('the Prophet member', () => {
  it('follows the days before the forecast: better than last week’s load on weeks it has not seen', async () => {
    const model = prophet.restore(await prophet.fit(trainingRowsOf(series, inputs, 0, hours - 336), options));
    const unseen = trainingRowsOf(series, inputs, hours - 336, hours);
    const own = meanError(unseen.targets, model.forecast(numeric, unseen.view).data);
    const naive = meanError(unseen.targets, naive168.forecast(numeric, unseen.view).data);
    expect(own).toBeLessThan(0.9 * naive);
  });

  it('gives a holiday on a Friday the height of a Sunday', async () => {
    const until = Date.UTC(2026, 10, 25, 3);
    const longer = simulateLoad({ seed: 5, zone, from, hours: (until - from) / HOUR_MS });
    const { series: all } = cleanReadings(longer, { calendar, from, to: until });
    const midnight = (Date.UTC(2026, 10, 20, 3) - from) / HOUR_MS;
    const known = trainingRowsOf(all, inputs, 0, midnight - 72);
    const model = prophet.restore(await prophet.fit(known, options));
    const issued = trainingRowsOf(all, inputs, midnight, midnight + 48);
    const day = (values: Float32Array): Float32Array => values.subarray(0, 24);
    const forecast = day(model.forecast(numeric, issued.view).data);
    const level = day(issued.targets).reduce((sum, load) => sum + load / 24, 0);
    expect(meanError(day(issued.targets), forecast)).toBeLessThan(0.12 * level);
  });

  it('refuses rows with next to nothing measured', async () => {
    const rows = trainingRowsOf(series, inputs, 0, hours);
    await expect(prophet.fit(subsetOf(rows, [0, 1]), options)).rejects.toThrow(/too|train on/i);
  });
});
