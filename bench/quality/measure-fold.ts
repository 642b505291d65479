import { createModelLoader } from '../../src/adapters/onnxruntime/model-loader.ts';
import { exportArtifact } from '../../src/forecasting/artifact.ts';
import { type Recipe, runRecipe } from '../../src/forecasting/ensemble/recipe.ts';
import type { Weights } from '../../src/forecasting/ensemble/weights.ts';
import type { Choice } from '../../src/forecasting/gate-fit.ts';
import type { FittedModel, MemberName } from '../../src/forecasting/models/member.ts';
import { naive24, naive168 } from '../../src/forecasting/models/naive.ts';
import { profileModel } from '../../src/forecasting/models/profile.ts';
import { parityRows, proveParity } from '../../src/forecasting/parity.ts';
import { CannotTrain } from '../../src/forecasting/refusal.ts';
import { numeric } from '../../src/forecasting/tensor/numeric.ts';
import { type FoldRows, type FoldTask, foldRows, type TestDays } from './fold.ts';
import { cpuSeconds, type Learnt, learn } from './learn.ts';
import { type Answer, type ModelScore, scoreOf } from './score.ts';

/** The first day of every forecast, one after the other, in kW: for the eye. */
export interface DayAhead {
  /** Epoch ms. */
  readonly hours: readonly number[];
  readonly actual: readonly number[];
  readonly forecast: readonly number[];
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

export interface FoldResult {
  readonly series: string;
  readonly fold: number;
  readonly windowDays: number;
  readonly scores: ReadonlyMap<string, ModelScore>;
  readonly weights: Weights;
  /** Of all fits, the backtest and the test days' forecasts of the ensemble. */
  readonly cpuSeconds: number;
  /** Of writing the files of the ensemble and of every model. */
  readonly exportCpuSeconds: number;
  /** Of proving that they compute what the trainer does; null when that was not asked for. */
  readonly parityCpuSeconds: number | null;
  readonly failures: readonly string[];
  /** Origins that were left out because too little was measured before them. */
  readonly skippedOrigins: number;
  readonly dayAhead: DayAhead;
}

const BASELINES: Readonly<Record<string, FittedModel>> = {
  naive24,
  naive168,
  plain_profile: profileModel,
};

function answerOf(recipe: Recipe, { view }: FoldRows): Answer {
  const { forecast, lower, upper, quantiles, peakProbability } = runRecipe(numeric, recipe, view);
  return {
    forecast: forecast.data,
    distribution: {
      lower: lower.data,
      upper: upper.data,
      quantiles: quantiles.data,
      peakProbability: peakProbability.data,
    },
  };
}

const pointOf = (model: FittedModel, { view }: FoldRows): Answer => ({
  forecast: model.forecast(numeric, view).data,
  distribution: null,
});

/** What a job of this choice would ship says; null when no job ships it, as ARIMA. */
function answerOfChoice(learnt: Learnt, choice: Choice, rows: FoldRows): Answer | null {
  try {
    return answerOf(learnt.recipeFor(choice), rows);
  } catch (error) {
    if (error instanceof CannotTrain) return null;
    throw error;
  }
}

/** What each of the other models says: baselines, the documented ensemble, and each model as if deployed alone. */
function otherAnswers(learnt: Learnt, rows: FoldRows): ReadonlyMap<string, Answer> {
  const answers = new Map<string, Answer>(
    Object.entries(BASELINES).map(([name, model]) => [name, pointOf(model, rows)]),
  );
  for (const [name, model] of Object.entries(learnt.models)) {
    const choice = { modelType: name as MemberName, members: 'all' } as const;
    answers.set(name, answerOfChoice(learnt, choice, rows) ?? pointOf(model, rows));
  }
  const documented = answerOfChoice(learnt, { modelType: 'ensemble', members: 'documented' }, rows);
  return documented === null ? answers : answers.set('documented', documented);
}

function dayAheadOf(rows: FoldRows, { forecast, distribution }: Answer): DayAhead {
  const places = rows.dayHours.flatMap(([hours], r) =>
    Array.from({ length: hours }, (_, i) => ({
      hour: (rows.origins[r] ?? 0) + i * 3_600_000,
      at: r * 48 + i,
    })),
  );
  const column = (values: ArrayLike<number> | undefined): number[] =>
    places.map(({ at }) => values?.[at] ?? Number.NaN);
  return {
    hours: places.map(({ hour }) => hour),
    actual: column(rows.actual),
    forecast: column(forecast),
    lower: column(distribution?.lower),
    upper: column(distribution?.upper),
  };
}

/** CPU seconds of writing all files of the job and, when asked for, of proving them. */
async function publishingCost({ published, testInputs, fit }: Learnt, task: FoldTask, proven: boolean) {
  const { layout } = fit.inputs;
  const before = cpuSeconds();
  const files = published.map(({ modelType, recipe }) => {
    const artifact = exportArtifact(recipe, layout, {
      ...{ systemId: 'bench', version: '1.0.0', modelType, metrics: null },
      ...{ eventFlags: [], zone: task.series.calendar.zone, trainedFrom: '', trainedUntil: '' },
    });
    return { name: modelType, artifact, recipe };
  });
  const written = cpuSeconds();
  if (proven) await proveParity(files, layout, parityRows(layout, testInputs), createModelLoader());
  return {
    exportCpuSeconds: written - before,
    parityCpuSeconds: proven ? cpuSeconds() - written : null,
  };
}

/** What of a fold is measured beside the ensemble; all but the proof by default. */
export interface Measured {
  /** The other models. */
  readonly others?: boolean;
  /** What proving the files costs. */
  readonly proof?: boolean;
}

/**
 * Trains as a job does, on the days before the test days, and scores what it would ship on those. No future load or
 * temperature is used.
 * @throws {UnusableData | CannotTrain | NoHistory} when there is nothing to learn from or to forecast with
 */
export async function measureFold(
  task: FoldTask,
  days: TestDays,
  { others: scoresOthers = true, proof = false }: Measured = {},
): Promise<FoldResult> {
  const before = cpuSeconds();
  const learnt = await learn(task, days.from);
  const rows = foldRows(learnt.fit, task.series, days);
  const ensemble = answerOf(learnt.recipe, rows);
  const used = cpuSeconds() - before;
  const score = (name: string, answer: Answer, cpu: number | null): [string, ModelScore] => [
    name,
    scoreOf(rows, answer, learnt.fit.scale, cpu),
  ];
  const publishing = await publishingCost(learnt, task, proof);
  const others = scoresOthers ? [...otherAnswers(learnt, rows)] : [];
  return {
    series: task.series.name,
    fold: task.fold,
    windowDays: task.windowDays,
    scores: new Map([
      ...others.map(([name, answer]) => score(name, answer, learnt.cpuByModel.get(name) ?? null)),
      score('ensemble', ensemble, used),
    ]),
    weights: learnt.recipe.weights,
    cpuSeconds: used,
    ...publishing,
    failures: learnt.failures,
    skippedOrigins: rows.skipped,
    dayAhead: dayAheadOf(rows, ensemble),
  };
}
