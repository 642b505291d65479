import { createGraphRunner } from '../../src/adapters/onnxruntime/graph-runner.ts';
import { cleanReadings } from '../../src/forecasting/cleaning/clean.ts';
import type { Models } from '../../src/forecasting/ensemble/combine.ts';
import type { Recipe } from '../../src/forecasting/ensemble/recipe.ts';
import type { Choice } from '../../src/forecasting/gate-fit.ts';
import { HOUR_MS } from '../../src/forecasting/series.ts';
import {
  backtest,
  fitOn,
  prepareFit,
  recipeOf,
  recipesOf,
  type SiteFit,
} from '../../src/forecasting/site-fit.ts';
import type { TrainedMembers } from '../../src/forecasting/train-members.ts';
import type { FoldTask } from './fold.ts';

/** What the product learns from the window of one fold. */
export interface Learnt {
  readonly fit: SiteFit;
  /** Fitted to the whole window. */
  readonly models: Models;
  /** The ensemble, as a job would ship it. */
  readonly recipe: Recipe;
  /** All that the job publishes: the ensemble, and each model that may be deployed. */
  readonly published: ReturnType<typeof recipesOf>;
  /** Rows of the test days, [rows × F]. */
  readonly testInputs: Float32Array;
  /** What a job of another choice would ship, from the same fits. @throws {CannotTrain} */
  recipeFor(choice: Choice): Recipe;
  /** CPU seconds of gate's fit and refit by model. */
  readonly cpuByModel: ReadonlyMap<string, number>;
  /** Models that could not be fitted, and why. */
  readonly failures: readonly string[];
}

/** CPU seconds that this process has used, all threads. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Adds the CPU time since its last call to the name it is called with. */
function createStopwatch() {
  const byName = new Map<string, number>();
  let last = cpuSeconds();
  return {
    byName,
    lap(name: string | null): void {
      const now = cpuSeconds();
      if (name !== null) byName.set(name, (byName.get(name) ?? 0) + now - last);
      last = now;
    },
  };
}

/** Only the models of a choice, so that a backtest of it alone runs no others. */
function chosen(trained: TrainedMembers, { modelType }: Choice): TrainedMembers {
  if (modelType === 'ensemble') return trained;
  const model = trained.models[modelType];
  return { ...trained, models: model === undefined ? {} : { [modelType]: model } };
}

/**
 * Learns as a job does from the days before `from`: gate's fit, backtest for weights and bands, refit.
 * @throws {UnusableData | CannotTrain}
 */
export async function learn({ series, windowDays }: FoldTask, from: number): Promise<Learnt> {
  const stopwatch = createStopwatch();
  const { series: cleaned, warmupHours } = cleanReadings(
    series.readings.filter(({ hour }) => hour < from),
    { calendar: series.calendar, from: from - windowDays * 24 * HOUR_MS, to: from },
  );
  const fit = prepareFit({
    series: cleaned,
    calendar: series.calendar,
    warmupHours,
    choice: { modelType: 'ensemble', members: 'all' },
    seed: 1,
    signal: new AbortController().signal,
    onProgress: ({ model }) => stopwatch.lap(model),
    openGraph: createGraphRunner(),
  });
  stopwatch.lap(null);
  const trained = await fitOn(fit, 'fit', fit.plan.testStart);
  const evaluation = backtest(fit, trained);
  stopwatch.lap(null);
  const refitted = await fitOn(fit, 'refit', cleaned.load.length, trained.states);
  return {
    fit,
    models: refitted.models,
    recipe: recipeOf(fit, refitted, evaluation),
    published: recipesOf(fit, refitted, evaluation),
    testInputs: evaluation.rows.view.input.data,
    recipeFor(choice) {
      const other = { ...fit, choice };
      return recipeOf(other, chosen(refitted, choice), backtest(other, chosen(trained, choice)));
    },
    cpuByModel: stopwatch.byName,
    failures: [...trained.failures, ...refitted.failures].map(({ model, reason }) => `${model}: ${reason}`),
  };
}
