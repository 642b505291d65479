import type { Calendar } from './calendar/calendar.ts';
import type { Models } from './ensemble/combine.ts';
import { watchedModel } from './ensemble/drift.ts';
import type { Recipe } from './ensemble/recipe.ts';
import type { Weights } from './ensemble/weights.ts';
import { createEventFlags, type EventFlag, labelsOf } from './features/event-flags.ts';
import { createInputRows, type InputRows } from './features/input-rows.ts';
import { createLayout } from './features/layout.ts';
import { type GateMetric, gateMetric } from './gate.ts';
import { type Choice, chosenNames, type Evaluation, evaluateGateFit, testRowsOf } from './gate-fit.ts';
import type { OpenGraph } from './graph-runner.ts';
import { type ErrorScale, scaleOf } from './metrics.ts';
import type { MemberName } from './models/member.ts';
import type { MemberStates } from './models/members.ts';
import type { HourlySeries } from './series.ts';
import { type TrainedMembers, trainingRowsOf, trainMembers } from './train-members.ts';
import type { SiteTrainingProgress } from './training-job.ts';
import { planTraining, type TrainingPlan } from './training-plan.ts';

/** What models are fitted to. */
export interface FitTask {
  readonly series: HourlySeries;
  readonly calendar: Calendar;
  /** Hours of `series` before the window that only warm up the lags. */
  readonly warmupHours: number;
  /** Hours that the site's people marked; none when absent. */
  readonly eventFlags?: readonly EventFlag[];
  readonly choice: Choice;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: SiteTrainingProgress) => void;
  /** Runs the training graphs of models that learn by gradients. */
  readonly openGraph: OpenGraph;
}

/** A task with all that follows from it. */
export interface SiteFit extends FitTask {
  readonly plan: TrainingPlan;
  readonly inputs: InputRows;
  readonly scale: ErrorScale;
  readonly metric: GateMetric;
  /** Least load that can be, in kW; null when it may be negative. */
  readonly floor: number | null;
}

/** @throws {CannotTrain} when the window is too short */
export function prepareFit(task: FitTask): SiteFit {
  const { series, calendar, eventFlags = [] } = task;
  const plan = planTraining(series, task.warmupHours, calendar);
  const layout = createLayout({
    temperature: series.temperature !== null,
    price: (series.outlook?.price.length ?? 0) > 0,
    eventFlags: labelsOf(eventFlags),
  });
  const window = series.load.subarray(plan.windowStart);
  const scale = scaleOf(window);
  return {
    ...task,
    plan,
    inputs: createInputRows(layout, calendar, createEventFlags(eventFlags, calendar)),
    scale,
    metric: gateMetric(window, scale),
    // What was never below zero in the window cannot be: no sun feeds back here.
    floor: window.some((load) => load < 0) ? null : 0,
  };
}

/** Fits all models to the window's hours before `until`, a position of the series; a refit begins with `earlier`. */
export function fitOn(
  fit: SiteFit,
  stage: 'fit' | 'refit',
  until: number,
  earlier: MemberStates = {},
): Promise<TrainedMembers> {
  const rows = trainingRowsOf(fit.series, fit.inputs, fit.plan.windowStart, until);
  return trainMembers(rows, {
    seed: fit.seed,
    signal: fit.signal,
    openGraph: fit.openGraph,
    earlier,
    onProgress: (model, share, loss) =>
      fit.onProgress({ stage, model, share, ...(loss === undefined ? {} : { loss }) }),
  });
}

/** Judges models that were fitted to what lies before the test days. @throws {CannotTrain} */
export function backtest(fit: SiteFit, trained: TrainedMembers): Evaluation {
  const { series, inputs, plan, scale, floor, choice } = fit;
  const rows = testRowsOf(series, inputs, plan);
  return evaluateGateFit({ trained, choice, rows, plan, scale, floor });
}

/** The weights of the models that also refitted, sum 1 again. */
function weightsOf(names: readonly MemberName[], earned: Weights): Weights {
  const total = names.reduce((sum, name) => sum + (earned[name] ?? 0), 0);
  return Object.fromEntries(
    names.map((name) => [name, total > 0 ? (earned[name] ?? 0) / total : 1 / names.length]),
  );
}

/** What is exported: the refitted models with what the backtest taught about them. */
export function recipeOf(fit: SiteFit, trained: TrainedMembers, evaluation: Evaluation): Recipe {
  const names = chosenNames(fit.choice, trained);
  const weights = weightsOf(names, evaluation.weights);
  const models: Models = Object.fromEntries(
    names.filter((name) => (weights[name] ?? 0) > 0).map((name) => [name, trained.models[name]]),
  );
  return {
    models,
    weights,
    usualErrors: fit.choice.modelType === 'ensemble' ? trained.usualErrors : null,
    calibration: evaluation.calibration,
    watched: watchedModel(trained.models),
    floor: fit.floor,
  };
}
