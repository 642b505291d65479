import {
  forecastTests,
  prequentialForecast,
  prequentialWeights,
  type TestForecasts,
  type TestRows,
} from './backtest.ts';
import { type Calibration, calibrate } from './ensemble/calibration.ts';
import { stillHours } from './ensemble/standstill.ts';
import { ELIGIBLE, type Weights } from './ensemble/weights.ts';
import { type InputRows, withHistory } from './features/input-rows.ts';
import { HORIZON_HOURS } from './horizon.ts';
import {
  byLead,
  byLocalHour,
  type ErrorProfilePoint,
  type ErrorScale,
  type MetricsSummary,
} from './metrics.ts';
import { type MemberName, numericView } from './models/member.ts';
import { naive168 } from './models/naive.ts';
import { CannotTrain } from './refusal.ts';
import {
  prequentialCalibrations,
  recentErrors,
  residualsOf,
  type TrainingErrors,
  trainingErrors,
} from './residuals.ts';
import { type Band, bandsOf, coverageOf, hoursOf, scoredRows, summary } from './scoring.ts';
import type { HourlySeries } from './series.ts';
import { numeric, type Tensor } from './tensor/numeric.ts';
import type { TrainedMembers } from './train-members.ts';
import { type TrainingPlan, targetsOf } from './training-plan.ts';

export type ModelType = MemberName | 'ensemble';

/** What is to be deployed: the ensemble of all or of the documented models, or a single model. */
export interface Choice {
  readonly modelType: ModelType;
  readonly members: 'all' | 'documented';
}

/** The models that the choice is made of, of those that trained. */
export function membersOf(choice: Choice, trained: TrainedMembers): MemberName[] {
  const wanted = choice.modelType === 'ensemble' ? ELIGIBLE[choice.members] : [choice.modelType];
  return wanted.filter((name) => trained.models[name] !== undefined);
}

/** Whether the forecast of a choice falls back to a naive one: a single model is published as it is. */
export const isGuarded = ({ modelType }: Pick<Choice, 'modelType'>): boolean => modelType === 'ensemble';

function noUsableModel({ modelType }: Choice, { failures }: TrainedMembers): CannotTrain {
  const told = failures.map(({ model, reason }) => `${model}: ${reason}`).join('; ');
  return new CannotTrain('no-usable-model', `No model of the ${modelType} could be trained. ${told}`);
}

/** A model, or the ensemble, as it is to be published, and what the backtest taught about it. */
interface JudgedFile {
  readonly modelType: ModelType;
  readonly metrics: MetricsSummary;
  /** Learnt from all test days. */
  readonly weights: Weights;
  readonly calibration: Calibration;
}

/** Errors at leads 1 to 48 and at local hours 0 to 23. */
export interface ErrorProfile {
  readonly byLead: readonly ErrorProfilePoint[];
  readonly byLocalHour: readonly ErrorProfilePoint[];
}

/** What the backtest of the gate's fit found out. */
export interface Evaluation {
  readonly rows: TestRows;
  /** Rows that are scored: origins at local midnight with 48 hours left. */
  readonly scored: readonly number[];
  /** Forecast of what would be deployed, [rows × 48], each day by what was known before it. */
  readonly forecast: Tensor;
  /** Its 90 % band, each day by what was known before it. */
  readonly band: Band;
  readonly metrics: MetricsSummary;
  readonly seasonalNaive: MetricsSummary;
  /** Errors of the scored hours by lead time and by local hour. */
  readonly errorProfile: ErrorProfile;
  readonly byModel: Readonly<Partial<Record<MemberName, MetricsSummary>>>;
  /** For the artifact: from all test days. */
  readonly weights: Weights;
  readonly calibration: Calibration;
  /** The choice and all else that can be published: the ensemble, and each model that may be deployed. */
  readonly files: readonly JudgedFile[];
}

/** Where a device would not forecast, after a long outage, nothing is judged. @throws {CannotTrain} */
function withoutUnforecast(
  targets: Float32Array,
  origins: readonly number[],
  forecast: ReadonlySet<number>,
): Float32Array {
  if (forecast.size === 0) {
    throw new CannotTrain(
      'test-days-missing',
      'In none of the test days, by which the model would be judged, is enough measured in the month before for a forecast. Import the missing readings, or train again when the meter has run for two weeks.',
    );
  }
  origins.forEach((origin, r) => {
    if (!forecast.has(origin)) targets.fill(Number.NaN, r * HORIZON_HOURS, (r + 1) * HORIZON_HOURS);
  });
  return targets;
}

/** Rows of every hour of the test days. @throws {CannotTrain} when a device would forecast in none of them */
export function testRowsOf(series: HourlySeries, inputs: InputRows, plan: TrainingPlan): TestRows {
  const origins = Array.from({ length: plan.testEnd - plan.testStart }, (_, i) => plan.testStart + i);
  const targets = targetsOf(series, origins, series.load.length);
  return {
    view: numericView(inputs.layout, inputs.rows(series, origins), origins.length),
    origins,
    testDays: plan.testDays,
    targets: withoutUnforecast(targets, origins, new Set(withHistory(series, origins))),
  };
}

interface GateFit {
  readonly trained: TrainedMembers;
  readonly choice: Choice;
  readonly rows: TestRows;
  readonly plan: TrainingPlan;
  readonly scale: ErrorScale;
  readonly floor: number | null;
}

/** What every choice is judged by beside its own forecasts. */
interface Known {
  readonly still: Tensor;
  readonly inTraining: TrainingErrors | null;
}

/** What the forecasts of a choice teach: its weights, how it does day by day, and how it errs. */
function judgeChoice(
  { trained, rows, plan, scale }: GateFit,
  choice: Choice,
  forecasts: TestForecasts,
  { still, inTraining }: Known,
) {
  const names = membersOf(choice, trained);
  const weights = prequentialWeights(names, rows, forecasts);
  const finalWeights = weights.at(-1) ?? {};
  const combination = { names, usualErrors: trained.usualErrors, guarded: isGuarded(choice) };
  const { forecast, hindcast } = prequentialForecast(combination, rows, forecasts, weights);
  const residuals = residualsOf(rows, forecast, still, recentErrors(rows, hindcast));
  const hours = hoursOf(rows, residuals.localHour, scoredRows(rows, plan.origins), forecast.data);
  return {
    modelType: choice.modelType,
    forecast,
    residuals,
    metrics: summary(hours, scale),
    weights: finalWeights,
    calibration: calibrate(residuals, rows.testDays.length, inTraining?.(finalWeights) ?? null),
    /** Day by day, for the band of the backtest. */
    calibrations: () => prequentialCalibrations(rows, residuals, weights, inTraining),
  };
}

/** What can be published: the ensemble of the choice, and each model that may be deployed. */
function choicesOf({ trained, choice }: GateFit): Choice[] {
  const ensemble: Choice = { ...choice, modelType: 'ensemble' };
  const single = membersOf({ modelType: 'ensemble', members: 'all' }, trained);
  return [
    ...(membersOf(ensemble, trained).length > 0 ? [ensemble] : []),
    ...single.map((modelType): Choice => ({ ...choice, modelType })),
  ];
}

/** Backtests fitted models on test days that they have not seen. @throws {CannotTrain} */
export function evaluateGateFit(given: GateFit): Evaluation {
  const { trained, choice, rows, plan, scale, floor } = given;
  const forecasts = forecastTests(trained.models, rows);
  const known: Known = {
    still: stillHours(numeric, rows.view.lags),
    inTraining: trainingErrors(trained.models, trained.rows),
  };
  const judged = choicesOf(given).map((one) => judgeChoice(given, one, forecasts, known));
  const chosen = judged.find(({ modelType }) => modelType === choice.modelType);
  if (chosen === undefined) throw noUsableModel(choice, trained);
  const { forecast, residuals, weights, calibration } = chosen;
  const scored = scoredRows(rows, plan.origins);
  const { localHour } = residuals;
  const score = (values: Tensor): MetricsSummary =>
    summary(hoursOf(rows, localHour, scored, values.data), scale);
  const band = bandsOf(rows, forecast, residuals.recentError, chosen.calibrations(), floor);
  const coverage90 = coverageOf({ rows, localHour, scored, forecast, band, scale });
  const metrics = { ...chosen.metrics, coverage90 };
  const hours = hoursOf(rows, localHour, scored, forecast.data);
  const errorProfile = { byLead: byLead(hours, scale), byLocalHour: byLocalHour(hours, scale) };
  return {
    ...{ rows, scored, forecast, band, metrics, weights, calibration, errorProfile },
    seasonalNaive: score(naive168.forecast(numeric, rows.view)),
    byModel: Object.fromEntries(
      Object.entries(forecasts.ahead).map(([name, values]) => [name, score(values)]),
    ),
    files: judged.map((file) => ({
      modelType: file.modelType,
      weights: file.weights,
      calibration: file.calibration,
      metrics: file === chosen ? metrics : file.metrics,
    })),
  };
}
