import { METADATA } from './artifact.ts';
import type { Calendar } from './calendar/calendar.ts';
import { parseDate } from './calendar/day.ts';
import type { EventFlags } from './features/event-flags.ts';
import { createInputRows, FIRST_ORIGIN, type InputRows, withHistory } from './features/input-rows.ts';
import { type FeatureLayout, parseLayout } from './features/layout.ts';
import { breathe } from './fit-model.ts';
import { checkOutputs } from './forecast-at.ts';
import { HORIZON_HOURS } from './horizon.ts';
import type { ModelSession } from './inference.ts';
import {
  ACCURACY_TOLERANCE,
  accuracyWithin,
  type ErrorScale,
  type MetricsSummary,
  NothingToScore,
  type ScoredHours,
  scaleOf,
  summarise,
  worstAndBestHours,
} from './metrics.ts';
import { HOUR_MS, type HourlySeries } from './series.ts';

/** How an artifact did over a period; shares are fractions, loads kW, hours local. */
export interface ArtifactEvaluation {
  readonly metrics: MetricsSummary;
  /** Share of the hours at leads 1–24 and 25–48 within `accuracyTolerance` of the actual. */
  readonly accuracy24h: number;
  readonly accuracy48h: number;
  readonly accuracyTolerance: number;
  /** The three local hours of highest and of lowest MAPE, ascending. */
  readonly worstHours: readonly number[];
  readonly bestHours: readonly number[];
  /** Forecast hours with a measured value, and those of them that the model was trained on. */
  readonly evaluatedHours: number;
  readonly inSampleHours: number;
  /** Forecast hours without a measured value. */
  readonly missingHours: number;
  /** Midnights that were forecast from, and those left out for want of history. */
  readonly origins: number;
  readonly skippedOrigins: number;
}

/** Local days that have been forecast from. */
export interface EvaluationProgress {
  readonly daysDone: number;
  readonly days: number;
}

export interface EvaluationTask {
  readonly session: ModelSession;
  readonly calendar: Calendar;
  /** Cleaned load with at least 30 days before `startDate`, and up to two days from `endDate` where measured. */
  readonly series: HourlySeries;
  /** First and last local day whose midnight is an origin, `YYYY-MM-DD`. */
  readonly startDate: string;
  readonly endDate: string;
  readonly eventFlags?: EventFlags;
  readonly signal: AbortSignal;
  /** Told now and then how far it is. */
  readonly onProgress?: (progress: EvaluationProgress) => void;
}

/** Rows run at a time: few, so that a server has time for others between them. */
const BATCH = 8;

function midnightsOf({ calendar, series, startDate, endDate }: EvaluationTask): number[] {
  const first = parseDate(startDate);
  const last = parseDate(endDate);
  if (first === null || last === null || last < first) {
    throw new RangeError(`${startDate} to ${endDate} is no period of local days`);
  }
  return calendar
    .midnights(calendar.startOf(first), calendar.startOf(last + 1))
    .map((hour) => (hour - series.start) / HOUR_MS);
}

function rowsOf(inputs: InputRows, series: HourlySeries, origins: readonly number[]) {
  const within = origins.filter((origin) => origin >= FIRST_ORIGIN && origin <= series.load.length);
  const usable = withHistory(series, within);
  return { usable, rows: usable.map((origin) => inputs.rows(series, [origin])) };
}

interface Forecasts {
  readonly forecast: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

async function runRows(
  session: ModelSession,
  rows: readonly Float32Array[],
  width: number,
  { signal, onProgress }: Pick<EvaluationTask, 'signal' | 'onProgress'>,
): Promise<Forecasts> {
  const size = rows.length * HORIZON_HOURS;
  const found: Forecasts = {
    forecast: new Float64Array(size),
    lower: new Float64Array(size),
    upper: new Float64Array(size),
  };
  for (let first = 0; first < rows.length; first += BATCH) {
    await breathe();
    signal.throwIfAborted();
    const batch = rows.slice(first, first + BATCH);
    const inputs = new Float32Array(batch.length * width);
    batch.forEach((row, i) => {
      inputs.set(row, i * width);
    });
    const outputs = await session.run(inputs, batch.length);
    checkOutputs(outputs, batch.length);
    for (const name of ['forecast', 'lower', 'upper'] as const) {
      found[name].set(outputs[name], first * HORIZON_HOURS);
    }
    onProgress?.({ daysDone: first + batch.length, days: rows.length });
  }
  return found;
}

function scoredHours(task: EvaluationTask, origins: readonly number[], forecasts: Forecasts): ScoredHours {
  const { series, calendar } = task;
  const actual = new Float64Array(forecasts.forecast.length).fill(Number.NaN);
  const localHour = new Uint8Array(actual.length);
  origins.forEach((origin, i) => {
    actual.set(series.load.subarray(origin, origin + HORIZON_HOURS), i * HORIZON_HOURS);
    localHour.set(calendar.hours(series.start + origin * HOUR_MS, HORIZON_HOURS).hour, i * HORIZON_HOURS);
  });
  return {
    actual,
    ...forecasts,
    lead: Uint8Array.from(actual, (_, i) => (i % HORIZON_HOURS) + 1),
    localHour,
  };
}

/** Measured hours among the forecast ones that lie in the model's own training window. */
function inSampleHours(task: EvaluationTask, origins: readonly number[], actual: Float64Array): number {
  const from = Date.parse(task.session.metadata[METADATA.trainedFrom] ?? '');
  const until = Date.parse(task.session.metadata[METADATA.trainedUntil] ?? '');
  return actual.reduce((count, value, i) => {
    const origin = origins[Math.floor(i / HORIZON_HOURS)] ?? 0;
    const hour = task.series.start + (origin + (i % HORIZON_HOURS)) * HOUR_MS;
    return count + Number(!Number.isNaN(value) && hour >= from && hour < until);
  }, 0);
}

/** A period as it was forecast: its hours, the midnights that could be forecast from, and their rows. */
interface EvaluatedPeriod {
  readonly evaluation: ArtifactEvaluation;
  readonly hours: ScoredHours;
  readonly scale: ErrorScale;
  /** Positions of the origins in the series. */
  readonly origins: readonly number[];
  readonly layout: FeatureLayout;
  /** Input rows, [origins × F]. */
  readonly rows: Float32Array;
}

function evaluationOf(
  task: EvaluationTask,
  hours: ScoredHours,
  scale: ErrorScale,
  origins: readonly number[],
): Omit<ArtifactEvaluation, 'skippedOrigins'> {
  const metrics = summarise(hours, scale);
  const { worst, best } = worstAndBestHours(hours, scale);
  return {
    metrics,
    accuracy24h: accuracyWithin(hours, scale, 1, 24),
    accuracy48h: accuracyWithin(hours, scale, 25, 48),
    accuracyTolerance: ACCURACY_TOLERANCE,
    worstHours: worst,
    bestHours: best,
    evaluatedHours: metrics.hours,
    inSampleHours: inSampleHours(task, origins, hours.actual),
    missingHours: hours.actual.length - metrics.hours,
    origins: origins.length,
  };
}

/** As {@link evaluateArtifact}, with the hours behind the figures. */
export async function evaluatePeriod(task: EvaluationTask): Promise<EvaluatedPeriod> {
  const { session, series } = task;
  const layout = parseLayout(session.metadata[METADATA.layout]);
  const midnights = midnightsOf(task);
  const { usable, rows } = rowsOf(createInputRows(layout, task.calendar, task.eventFlags), series, midnights);
  if (usable.length === 0) {
    throw new NothingToScore(
      `No midnight from ${task.startDate} to ${task.endDate} has 15 days of measured load before it: evaluate a later period.`,
    );
  }
  const hours = scoredHours(task, usable, await runRows(session, rows, layout.width, task));
  const scale = scaleOf(series.load.subarray(usable[0], (usable.at(-1) ?? 0) + HORIZON_HOURS));
  const inputs = new Float32Array(rows.length * layout.width);
  rows.forEach((row, i) => {
    inputs.set(row, i * layout.width);
  });
  const skippedOrigins = midnights.length - usable.length;
  const evaluation = { ...evaluationOf(task, hours, scale, usable), skippedOrigins };
  return { evaluation, hours, scale, origins: usable, layout, rows: inputs };
}

/**
 * Forecasts from every local midnight of a period and compares with what was measured, leads 1 to 48; the hours
 * of the last day's second day count where they are measured.
 * @throws {NothingToScore} when no origin has a history or nothing was measured
 * @throws {UnknownLayout | UnusableModel} when the artifact cannot be run on the site's rows
 * @throws {RangeError} for dates that are none, and the signal's reason when aborted
 */
export async function evaluateArtifact(task: EvaluationTask): Promise<ArtifactEvaluation> {
  return (await evaluatePeriod(task)).evaluation;
}
