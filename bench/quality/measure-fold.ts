import { createGraphRunner } from '../../src/adapters/onnxruntime/graph-runner.ts';
import { cleanReadings } from '../../src/forecasting/cleaning/clean.ts';
import { bridgeHistory } from '../../src/forecasting/cleaning/history.ts';
import { runRecipe } from '../../src/forecasting/ensemble/recipe.ts';
import { HISTORY_HOURS, HORIZON_HOURS } from '../../src/forecasting/horizon.ts';
import { type ErrorScale, type ScoredHours, scaleOf, summarise } from '../../src/forecasting/metrics.ts';
import { type FittedModel, type ModelView, numericView } from '../../src/forecasting/models/member.ts';
import { naive24, naive168 } from '../../src/forecasting/models/naive.ts';
import { profileModel } from '../../src/forecasting/models/profile.ts';
import { HOUR_MS } from '../../src/forecasting/series.ts';
import { backtest, fitOn, prepareFit, recipeOf, type SiteFit } from '../../src/forecasting/site-fit.ts';
import { numeric, type Tensor } from '../../src/forecasting/tensor/numeric.ts';
import type { BenchSeries } from './bench-series.ts';
import { type PeakCount, peaksOf } from './peaks.ts';

/** Days at the end of a fold that are forecast. */
const TEST_DAYS = 14;

export interface ModelScore {
  readonly wape: number;
  readonly mape: number;
  readonly mase: number;
}

/** Percent, but MASE and coverage, which are a ratio and a fraction. */
export interface FoldResult {
  readonly series: string;
  readonly fold: number;
  readonly scores: ReadonlyMap<string, ModelScore>;
  readonly coverage90: number;
  readonly peaks: PeakCount;
  readonly cpuSeconds: number;
}

export interface FoldTask {
  readonly series: BenchSeries;
  readonly fold: number;
  /** Days before the test days that everything is learnt from. */
  readonly windowDays: number;
}

/** Test days of a fold: it ends 90 days before the series does for each fold, at a local midnight. */
function testDaysOf({ series, fold }: FoldTask): { readonly from: number; readonly to: number } {
  const end = series.start + (series.load.length - fold * 90 * 24) * HOUR_MS;
  const midnights = series.calendar.midnights(end - (TEST_DAYS + 3) * 24 * HOUR_MS, end + HOUR_MS);
  const to = midnights.at(-1) ?? end;
  return { from: midnights.at(-1 - TEST_DAYS) ?? to, to };
}

/** Rows at every midnight with 48 test hours left, from the history that a device would have had. */
function testRows(fit: SiteFit, series: BenchSeries, from: number, to: number) {
  const origins = series.calendar.midnights(from, to).filter((at) => at + HORIZON_HOURS * HOUR_MS <= to);
  const inputs = new Float32Array(origins.length * fit.inputs.layout.width);
  const actual = new Float64Array(origins.length * HORIZON_HOURS);
  const localHour = new Uint8Array(actual.length);
  origins.forEach((issueTime, i) => {
    const position = (issueTime - series.start) / HOUR_MS;
    const reach = HISTORY_HOURS + 200;
    const known = series.readings.filter(
      ({ hour }) => hour < issueTime && hour >= issueTime - reach * HOUR_MS,
    );
    const { load, temperature } = bridgeHistory(known, issueTime);
    inputs.set(
      fit.inputs.row({ issueTime, load, temperature, temperatureForecast: null }),
      i * fit.inputs.layout.width,
    );
    actual.set(series.load.subarray(position, position + HORIZON_HOURS), i * HORIZON_HOURS);
    localHour.set(series.calendar.hours(issueTime, HORIZON_HOURS).hour, i * HORIZON_HOURS);
  });
  return { view: numericView(fit.inputs.layout, inputs, origins.length), actual, localHour };
}

function scored(
  { actual, localHour }: { readonly actual: Float64Array; readonly localHour: Uint8Array },
  forecast: Tensor,
  band: { readonly lower: Tensor; readonly upper: Tensor } | null = null,
): ScoredHours {
  return {
    actual,
    localHour,
    forecast: Float64Array.from(forecast.data),
    lower: band === null ? null : Float64Array.from(band.lower.data),
    upper: band === null ? null : Float64Array.from(band.upper.data),
    lead: Uint8Array.from(actual, (_, i) => (i % HORIZON_HOURS) + 1),
  };
}

function scoreOf(hours: ScoredHours, scale: ErrorScale): ModelScore {
  const { wape, mape, mase } = summarise(hours, scale);
  return { wape: 100 * wape, mape: 100 * mape, mase };
}

/** What the product does with the window of one fold: gate's fit, backtest, refit. */
async function learn(task: FoldTask, from: number) {
  const { series, windowDays } = task;
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
    onProgress: () => undefined,
    openGraph: createGraphRunner(),
  });
  const trained = await fitOn(fit, 'fit', fit.plan.testStart);
  const evaluation = backtest(fit, trained);
  const refitted = await fitOn(fit, 'refit', cleaned.load.length, trained.states);
  return { fit, refitted, recipe: recipeOf(fit, refitted, evaluation) };
}

const BASELINES: Readonly<Record<string, FittedModel>> = {
  naive24,
  naive168,
  plain_profile: profileModel,
};

/** Trains as a job does, on the days before the test days, and scores what it would ship on those. */
export async function measureFold(task: FoldTask): Promise<FoldResult> {
  const { from, to } = testDaysOf(task);
  const before = process.cpuUsage();
  const { fit, refitted, recipe } = await learn(task, from);
  const rows = testRows(fit, task.series, from, to);
  const outputs = runRecipe(numeric, recipe, rows.view);
  const used = process.cpuUsage(before);
  const scale = scaleOf(fit.series.load);
  const point = (view: ModelView<Tensor>, model: FittedModel): Tensor => model.forecast(numeric, view);
  const models = Object.entries({ ...BASELINES, ...refitted.models });
  const scores = new Map(
    models.map(([name, model]) => [name, scoreOf(scored(rows, point(rows.view, model)), scale)]),
  );
  const ensemble = scored(rows, outputs.forecast, outputs);
  scores.set('ensemble', scoreOf(ensemble, scale));
  return {
    series: task.series.name,
    fold: task.fold,
    scores,
    coverage90: summarise(ensemble, scale).coverage90 ?? Number.NaN,
    peaks: peaksOf({
      actual: rows.actual,
      chances: outputs.peakProbability.data,
      references: [naive168, profileModel].map((model) => point(rows.view, model).data),
    }),
    cpuSeconds: (used.user + used.system) / 1e6,
  };
}
