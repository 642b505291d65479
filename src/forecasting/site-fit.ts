import type { Calendar } from './calendar/calendar.ts';
import type { Models } from './ensemble/combine.ts';
import type { Recipe } from './ensemble/recipe.ts';
import type { Weights } from './ensemble/weights.ts';
import { createEventFlags, type EventFlag, labelsOf } from './features/event-flags.ts';
import { createInputRows, type InputRows } from './features/input-rows.ts';
import { createLayout } from './features/layout.ts';
import { type FitModel, fitHere } from './fit-model.ts';
import { type GateMetric, gateMetric } from './gate.ts';
import {
  type Choice,
  type Evaluation,
  evaluateGateFit,
  isGuarded,
  membersOf,
  testRowsOf,
} from './gate-fit.ts';
import type { OpenGraph } from './graph-runner.ts';
import { type ErrorScale, scaleOf } from './metrics.ts';
import type { MemberName } from './models/member.ts';
import type { MemberStates } from './models/members.ts';
import { CannotTrain } from './refusal.ts';
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
  /** Fits the models; in this process by default. */
  readonly fitModel?: FitModel | undefined;
}

/** A task with all that follows from it. */
export interface SiteFit extends FitTask {
  readonly fitModel: FitModel;
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
    fitModel: task.fitModel ?? fitHere(task.openGraph),
    plan,
    inputs: createInputRows(layout, calendar, createEventFlags(eventFlags, calendar)),
    scale,
    metric: gateMetric(window, scale),
    // What was never below zero in the window cannot be: no sun feeds back here.
    floor: window.some((load) => load < 0) ? null : 0,
  };
}

/**
 * Fits the models to the window's hours before `until`, a position of the series. A refit begins with `earlier` and
 * leaves out models that are not there: they failed before.
 */
export function fitOn(
  fit: SiteFit,
  stage: 'fit' | 'refit',
  until: number,
  earlier: MemberStates | null = null,
): Promise<TrainedMembers> {
  const rows = trainingRowsOf(fit.series, fit.inputs, fit.plan.windowStart, until);
  return trainMembers(rows, {
    seed: fit.seed,
    signal: fit.signal,
    fitModel: fit.fitModel,
    earlier: earlier ?? {},
    models: earlier === null ? undefined : (Object.keys(earlier) as MemberName[]),
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

/** What is exported as a model type: the refitted models with what the backtest taught about them; null without any. */
function recipeOfFile(
  fit: SiteFit,
  trained: TrainedMembers,
  { modelType, weights: earned, calibration }: Evaluation['files'][number],
): Recipe | null {
  const names = membersOf({ ...fit.choice, modelType }, trained);
  if (names.length === 0) return null;
  const weights = weightsOf(names, earned);
  const models: Models = Object.fromEntries(
    names.filter((name) => (weights[name] ?? 0) > 0).map((name) => [name, trained.models[name]]),
  );
  return {
    models,
    weights,
    usualErrors: trained.usualErrors,
    guarded: isGuarded({ modelType }),
    calibration,
    floor: fit.floor,
  };
}

/** All that can be published of a run: the ensemble, and each model that may be deployed. */
export function recipesOf(fit: SiteFit, trained: TrainedMembers, evaluation: Evaluation) {
  return evaluation.files.flatMap((file) => {
    const recipe = recipeOfFile(fit, trained, file);
    return recipe === null ? [] : [{ modelType: file.modelType, metrics: file.metrics, recipe }];
  });
}

/** What is exported of the choice. @throws {CannotTrain} when none of its models refitted */
export function recipeOf(fit: SiteFit, trained: TrainedMembers, evaluation: Evaluation): Recipe {
  const { modelType } = fit.choice;
  const file = evaluation.files.find((one) => one.modelType === modelType);
  const recipe = file === undefined ? null : recipeOfFile(fit, trained, file);
  if (recipe !== null) return recipe;
  const told = trained.failures.map(({ model, reason }) => `${model}: ${reason}`).join('; ');
  throw new CannotTrain('no-usable-model', `No model of the ${modelType} could be refitted. ${told}`);
}
