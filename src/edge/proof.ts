import type { FeatureLayout } from '../forecasting/features/layout.ts';
import { rowAt } from '../forecasting/forecast-at.ts';
import { checkPlausible, PROOF_RUNS } from '../forecasting/prove-model.ts';
import type { ProofOrder } from '../ports/model-prover.ts';
import type { SiteModel, Situation } from './site-model.ts';

/** A forecast may leave the range of the site's own history by so many times its width. */
const LEEWAY = 2;
/** Least width of that range, as a share of the largest |load| in it. */
const LEAST_WIDTH = 0.1;

function plausibleIn({ history: { load } }: Situation): ProofOrder['plausible'] {
  const lowest = load.reduce((a, b) => Math.min(a, b), Infinity);
  const highest = load.reduce((a, b) => Math.max(a, b), -Infinity);
  const width = Math.max(highest - lowest, LEAST_WIDTH * Math.max(Math.abs(lowest), Math.abs(highest)), 1);
  return { fromKw: lowest - LEEWAY * width, toKw: highest + LEEWAY * width };
}

/** What a new model is tried with, apart from this process: the site's own features, and what they may lead to. */
export const proofOrder = (
  systemId: string,
  bytes: Uint8Array,
  layout: FeatureLayout,
  situation: Situation,
): ProofOrder => ({ systemId, bytes, row: rowAt(layout, situation), plausible: plausibleIn(situation) });

/**
 * Runs the model that serves on the site's own features once more and resolves with the median time of a forecast, in
 * ms. Rejects with `UnusableModel` unless every output is finite and the forecast within reach of the site's range.
 */
export async function proveServing(model: SiteModel, situation: Situation): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < PROOF_RUNS; run += 1) {
    const begun = performance.now();
    const hours = await model.forecast(situation);
    times.push(performance.now() - begun);
    const loads = hours.map(({ loadKw }) => loadKw);
    checkPlausible(loads, plausibleIn(situation));
  }
  return times.sort((a, b) => a - b)[Math.floor(PROOF_RUNS / 2)] ?? 0;
}
