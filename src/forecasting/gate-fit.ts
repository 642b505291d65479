import { forecastTests, prequentialForecast, prequentialWeights, type TestRows } from './backtest.ts';
import { type Calibration, calibrate } from './ensemble/calibration.ts';
import { watchedModel } from './ensemble/drift.ts';
import { ELIGIBLE, type Weights } from './ensemble/weights.ts';
import type { InputRows } from './features/input-rows.ts';
import type { ErrorScale, MetricsSummary } from './metrics.ts';
import { type MemberName, numericView } from './models/member.ts';
import { naive168 } from './models/naive.ts';
import { CannotTrain } from './refusal.ts';
import { prequentialCalibrations, recentErrors, residualsOf, trainingErrors } from './residuals.ts';
import { type Band, bandsOf, coverageOf, hoursOf, scoredRows, summary } from './scoring.ts';
import type { HourlySeries } from './series.ts';
import { numeric, type Tensor } from './tensor/numeric.ts';
import type { TrainedMembers } from './train-members.ts';
import { type TrainingPlan, targetsOf } from './training-plan.ts';

/** What is to be deployed: the ensemble of all or of the documented models, or a single model. */
export interface Choice {
  readonly modelType: MemberName | 'ensemble';
  readonly members: 'all' | 'documented';
}

/** The models that the choice is made of, of those that trained. @throws {CannotTrain} when none did */
export function chosenNames(choice: Choice, trained: TrainedMembers): MemberName[] {
  const wanted = choice.modelType === 'ensemble' ? ELIGIBLE[choice.members] : [choice.modelType];
  const names = wanted.filter((name) => trained.models[name] !== undefined);
  if (names.length > 0) return names;
  const told = trained.failures.map(({ model, reason }) => `${model}: ${reason}`).join('; ');
  throw new CannotTrain('no-usable-model', `No model of the ${choice.modelType} could be trained. ${told}`);
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
  readonly byModel: Readonly<Partial<Record<MemberName, MetricsSummary>>>;
  /** For the artifact: from all test days. */
  readonly weights: Weights;
  readonly calibration: Calibration;
}

/** Rows of every hour of the test days. */
export function testRowsOf(series: HourlySeries, inputs: InputRows, plan: TrainingPlan): TestRows {
  const origins = Array.from({ length: plan.testEnd - plan.testStart }, (_, i) => plan.testStart + i);
  return {
    view: numericView(inputs.layout, inputs.rows(series, origins), origins.length),
    origins,
    testDays: plan.testDays,
    targets: targetsOf(series, origins, series.load.length),
  };
}

/** Backtests fitted models on test days that they have not seen. @throws {CannotTrain} */
export function evaluateGateFit(given: {
  readonly trained: TrainedMembers;
  readonly choice: Choice;
  readonly rows: TestRows;
  readonly plan: TrainingPlan;
  readonly scale: ErrorScale;
  readonly floor: number | null;
}): Evaluation {
  const { trained, choice, rows, plan, scale, floor } = given;
  const names = chosenNames(choice, trained);
  const forecasts = forecastTests(trained.models, rows);
  const weights = prequentialWeights(names, rows, forecasts);
  const finalWeights = weights.at(-1) ?? {};
  const usualErrors = choice.modelType === 'ensemble' ? trained.usualErrors : null;
  const forecast = prequentialForecast(names, rows, forecasts, weights, usualErrors);
  const residuals = residualsOf(rows, forecast, recentErrors(rows, watchedModel(trained.models)));
  const inTraining = trainingErrors(trained.models, trained.rows);
  const scored = scoredRows(rows, plan.origins);
  const { localHour } = residuals;
  const score = (values: Tensor): MetricsSummary =>
    summary(hoursOf(rows, localHour, scored, values.data), scale);
  const calibrations = prequentialCalibrations(rows, residuals, weights, inTraining);
  const band = bandsOf(rows, forecast, residuals.recentError, calibrations, floor);
  const coverage90 = coverageOf({ rows, localHour, scored, forecast, band, scale });
  return {
    rows,
    scored,
    forecast,
    band,
    metrics: { ...score(forecast), coverage90 },
    seasonalNaive: score(naive168.forecast(numeric, rows.view)),
    byModel: Object.fromEntries(
      Object.entries(forecasts.ahead).map(([name, values]) => [name, score(values)]),
    ),
    weights: finalWeights,
    calibration: calibrate(residuals, rows.testDays.length, inTraining?.(finalWeights) ?? null),
  };
}
