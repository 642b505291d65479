import type { TestRows } from './backtest.ts';
import type { Calibration } from './ensemble/calibration.ts';
import { outputsOf } from './ensemble/outputs.ts';
import { HORIZON_HOURS } from './horizon.ts';
import {
  type ErrorScale,
  type MetricsSummary,
  NothingToScore,
  type ScoredHours,
  summarise,
} from './metrics.ts';
import { numericView } from './models/member.ts';
import { CannotTrain } from './refusal.ts';
import { BAND_AFTER_DAYS } from './residuals.ts';
import { numeric, type Tensor, tensorOf } from './tensor/numeric.ts';

/** Rows of a backtest that are scored: those whose origin is one of `origins`. */
export function scoredRows(rows: TestRows, origins: readonly number[]): number[] {
  const chosen = new Set(origins);
  return rows.origins.flatMap((origin, r) => (chosen.has(origin) ? [r] : []));
}

/** The 48 values of each of `indices` rows of a [rows × 48] array, one after the other. */
export function pickRows(values: Float32Array, indices: readonly number[]): Float64Array {
  const picked = new Float64Array(indices.length * HORIZON_HOURS);
  indices.forEach((r, i) => {
    picked.set(values.subarray(r * HORIZON_HOURS, (r + 1) * HORIZON_HOURS), i * HORIZON_HOURS);
  });
  return picked;
}

/** 90 % band of the rows of a backtest, [rows × 48] in kW; NaN where none could be learnt. */
export interface Band {
  readonly lower: Float32Array;
  readonly upper: Float32Array;
}

/** Forecast hours of some rows beside what was measured. */
export function hoursOf(
  rows: TestRows,
  localHour: Uint8Array,
  indices: readonly number[],
  forecast: Float32Array,
  band: Band | null = null,
): ScoredHours {
  const count = indices.length * HORIZON_HOURS;
  return {
    actual: pickRows(rows.targets, indices),
    forecast: pickRows(forecast, indices),
    lower: band === null ? null : pickRows(band.lower, indices),
    upper: band === null ? null : pickRows(band.upper, indices),
    lead: Uint8Array.from({ length: count }, (_, i) => (i % HORIZON_HOURS) + 1),
    localHour: Uint8Array.from({ length: count }, (_, i) => {
      const row = indices[Math.floor(i / HORIZON_HOURS)] ?? 0;
      return localHour[row * HORIZON_HOURS + (i % HORIZON_HOURS)] ?? 0;
    }),
  };
}

/** {@link summarise}, with nothing to score told as a refusal. @throws {CannotTrain} */
export function summary(hours: ScoredHours, scale: ErrorScale): MetricsSummary {
  try {
    return summarise(hours, scale);
  } catch (error) {
    if (error instanceof NothingToScore) throw new CannotTrain('nothing-to-score', error.message);
    throw error;
  }
}

/** Bands of the rows of test days with a calibration, each from the days before it. */
export function bandsOf(
  rows: TestRows,
  forecast: Tensor,
  recentErrors: Float32Array | null,
  calibrations: readonly (Calibration | null)[],
  floor: number | null,
): Band {
  const lower = new Float32Array(forecast.data.length).fill(Number.NaN);
  const upper = new Float32Array(forecast.data.length).fill(Number.NaN);
  const { layout, input } = rows.view;
  rows.testDays.forEach((start, day) => {
    const calibration = calibrations[day] ?? null;
    const r = rows.origins.indexOf(start);
    if (calibration === null || r < 0) return;
    const view = numericView(layout, input.data.subarray(r * layout.width, (r + 1) * layout.width), 1);
    const point = forecast.data.subarray(r * HORIZON_HOURS, (r + 1) * HORIZON_HOURS);
    const recentError = recentErrors === null ? null : tensorOf(recentErrors.subarray(r, r + 1), [1, 1]);
    const surroundings = { calibration, recentError, floor };
    const outputs = outputsOf(numeric, view, tensorOf(point, [1, HORIZON_HOURS]), surroundings);
    lower.set(outputs.lower.data, r * HORIZON_HOURS);
    upper.set(outputs.upper.data, r * HORIZON_HOURS);
  });
  return { lower, upper };
}

/**
 * Share of the scored hours inside the 90 % band, over the test days whose band could be learnt from earlier
 * ones; null when there is none.
 */
export function coverageOf(given: {
  readonly rows: TestRows;
  readonly localHour: Uint8Array;
  readonly scored: readonly number[];
  readonly forecast: Tensor;
  readonly band: Band;
  readonly scale: ErrorScale;
}): number | null {
  const { rows, scored, forecast } = given;
  const judged = scored.filter(
    (r) => (rows.origins[r] ?? 0) >= (rows.testDays[BAND_AFTER_DAYS] ?? Number.POSITIVE_INFINITY),
  );
  if (judged.length === 0) return null;
  return summary(hoursOf(rows, given.localHour, judged, forecast.data, given.band), given.scale).coverage90;
}
