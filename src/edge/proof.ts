import type { ForecastHour } from '../forecasting/forecast-at.ts';
import { UnusableModel } from '../forecasting/inference.ts';
import type { SiteModel, Situation } from './site-model.ts';

/** Inferences of a proof; their median time is what the cloud is told. */
const RUNS = 5;
/** A forecast may leave the range of the site's own history by so many times its width. */
const LEEWAY = 2;
/** Least width of that range, as a share of the largest |load| in it. */
const LEAST_WIDTH = 0.1;

function rangeOf(load: Float64Array): { readonly from: number; readonly to: number } {
  const lowest = load.reduce((a, b) => Math.min(a, b), Infinity);
  const highest = load.reduce((a, b) => Math.max(a, b), -Infinity);
  const width = Math.max(highest - lowest, LEAST_WIDTH * Math.max(Math.abs(lowest), Math.abs(highest)), 1);
  return { from: lowest - LEEWAY * width, to: highest + LEEWAY * width };
}

function refuseImplausible(hours: readonly ForecastHour[], { history }: Situation): void {
  const { from, to } = rangeOf(history.load);
  const odd = hours.findIndex(({ loadKw }) => loadKw < from || loadKw > to);
  if (odd < 0) return;
  const value = hours[odd]?.loadKw.toFixed(1);
  const range = `${from.toFixed(1)} to ${to.toFixed(1)} kW`;
  throw new UnusableModel(`lead ${odd + 1} is ${value} kW, beyond what the site has ever shown (${range})`);
}

/**
 * Runs a model on the site's own features and resolves with the median time of an inference, in ms. Rejects
 * with `UnusableModel` unless every output is finite and the forecast within reach of the site's own range.
 */
export async function proveModel(model: SiteModel, situation: Situation): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const begun = performance.now();
    const hours = await model.forecast(situation);
    times.push(performance.now() - begun);
    refuseImplausible(hours, situation);
  }
  return times.sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? 0;
}
