import { isDeepStrictEqual } from 'node:util';
import { expect, it } from 'vitest';
import { createGraphRunner } from '../adapters/onnxruntime/graph-runner.ts';
import { createSiteCalendar } from './calendar/site-calendar.ts';
import { cleanReadings } from './cleaning/clean.ts';
import { encodeDataSet } from './data-set.ts';
import { type FittedApart, fitApart, MODELS_APART, withFitted } from './fit-apart.ts';
import { type FitModel, fitHere } from './fit-model.ts';
import { MEMBER_NAMES } from './models/member.ts';
import { HOUR_MS } from './series.ts';
import { simulateLoad } from './simulation/simulate-load.ts';
import { fitOn, prepareFit } from './site-fit.ts';
import type { SiteTrainingProgress } from './training-job.ts';

const zone = 'America/Sao_Paulo';
const from = Date.UTC(2026, 2, 2, 3);
const HOURS = 31 * 24;

const openGraph = createGraphRunner();
const { series } = cleanReadings(simulateLoad({ seed: 11, zone, from, hours: HOURS }), {
  calendar: createSiteCalendar({ zone, ibgeCode: null }),
  from,
  to: from + HOURS * HOUR_MS,
});
const place = { zone, ibgeCode: null };
const request = { ...place, seed: 5, dataSet: encodeDataSet(series), warmupHours: 0 };
const hooks = { openGraph, onProgress: () => undefined, signal: new AbortController().signal };

/** Fits what is cheap, and nothing else. */
const cheapOnly: FitModel = async (order, on) => {
  if (MODELS_APART.some((name) => name === order.model)) throw new Error(`${order.model} was fitted twice`);
  return fitHere(openGraph)(order, on);
};

/** What all models learn before the test days and from the whole window, fitted as a training does. */
async function trained(fitModel: FitModel) {
  const choice = { modelType: 'ensemble', members: 'all' } as const;
  const calendar = createSiteCalendar(place);
  const fit = prepareFit({
    ...hooks,
    series,
    calendar,
    warmupHours: 0,
    choice,
    seed: request.seed,
    fitModel,
  });
  const before = await fitOn(fit, 'fit', fit.plan.testStart);
  return { before, after: await fitOn(fit, 'refit', series.load.length, before.states) };
}

it('learns elsewhere, to the last bit, what a training learns that fits all models itself', async () => {
  const fitted: FittedApart[] = [];
  const steps = new Set<string>();
  const onProgress = ({ stage, model }: SiteTrainingProgress) => steps.add(`${stage} ${model}`);
  for (const model of MODELS_APART.toReversed()) {
    const options = { ...hooks, onProgress, fitModel: fitHere(openGraph) };
    // As it was fitted on one host and read on another.
    fitted.push(structuredClone(await fitApart({ ...request, model }, options)));
  }
  expect([...steps].sort()).toEqual(MODELS_APART.flatMap((name) => [`fit ${name}`, `refit ${name}`]).sort());
  const alone = await trained(fitHere(openGraph));
  const apart = await trained(withFitted(fitted, cheapOnly));
  expect(Object.keys(apart.after.states).sort()).toEqual([...MEMBER_NAMES].sort());
  for (const stage of ['before', 'after'] as const)
    expect(isDeepStrictEqual(apart[stage].states, alone[stage].states)).toBe(true);
}, 60_000);

it('leaves a model out that could not be fitted elsewhere, and says why', async () => {
  const failed = { reason: 'its process ended with signal SIGKILL' };
  const fitted = MODELS_APART.map((model) => ({ model, fit: failed, refit: failed }));
  const { before, after } = await trained(withFitted(fitted, cheapOnly));
  expect(before.failures).toContainEqual({ model: 'lstm', ...failed });
  expect(Object.keys(after.states)).toEqual(['linear', 'profile']);
});
