import type { TestRows } from './backtest.ts';
import { type Calibration, calibrate, type Residuals } from './ensemble/calibration.ts';
import { constantWeights, forecastRows, type Models, weightedSum } from './ensemble/combine.ts';
import { LOOK_WEIGHTS } from './ensemble/drift.ts';
import { stillHours } from './ensemble/standstill.ts';
import type { Weights } from './ensemble/weights.ts';
import { CALENDAR_AT } from './features/layout.ts';
import { HISTORY_HOURS, HORIZON_HOURS } from './horizon.ts';
import { type ModelView, subsetOf, type TrainingRows } from './models/member.ts';
import { numeric, type Tensor } from './tensor/numeric.ts';

const HOURS = 24;

/** Local hours of all forecast hours, [rows × 48]. */
export function localHoursOf(view: ModelView<Tensor>): Uint8Array {
  const { calendar } = view.lags;
  const width = calendar.shape[2] ?? 1;
  return Uint8Array.from({ length: calendar.data.length / width }, (_, i) => {
    const first = i * width + CALENDAR_AT.hour;
    return calendar.data.subarray(first, first + HOURS).indexOf(1);
  });
}

/** Rows beside what was measured after them. */
interface MeasuredRows {
  readonly view: ModelView<Tensor>;
  /** [rows × 48] in kW, NaN where nothing was measured. */
  readonly targets: Float32Array;
}

/** Errors of a forecast of rows, as the calibration wants them; `still` is that of their {@link stillHours}. */
export function residualsOf(
  rows: MeasuredRows,
  forecast: Tensor,
  still: Tensor,
  recentErrors: Float32Array | null,
): Residuals {
  const scale = rows.view.lags.scale.data;
  const localHour = localHoursOf(rows.view);
  const relative = Float32Array.from(
    forecast.data,
    (value, i) => ((rows.targets[i] as number) - value) / (scale[Math.floor(i / HORIZON_HOURS)] as number),
  );
  const midnights = Array.from(scale, (_, r) => r).filter((r) => localHour[r * HORIZON_HOURS] === 0);
  return {
    count: scale.length,
    relative,
    localHour,
    still: still.data,
    midnights,
    recentError: recentErrors,
  };
}

/** Mean |error| in kW of forecasts [rows × 48] of the last 48 hours of each row's history. */
function hindcastErrors({ view }: TestRows, hindcast: Tensor): Float64Array {
  const { history, scale } = view.lags;
  return Float64Array.from(scale.data, (_, r) => {
    let sum = 0;
    for (let i = 0; i < HORIZON_HOURS; i++) {
      const measured = history.data[(r + 1) * HISTORY_HOURS - HORIZON_HOURS + i] as number;
      sum += Math.abs(measured - (hindcast.data[r * HORIZON_HOURS + i] as number));
    }
    return sum / HORIZON_HOURS;
  });
}

/**
 * How large errors had been of late at each row's origin, known then, in units of the level, [rows]: what the
 * artifact sees when it looks back, from forecasts `hindcast` [rows × 48] of the 48 hours before each row. The
 * second look of a row is the first of the row two days earlier; rows that have none count the first alone.
 */
export function recentErrors(rows: TestRows, hindcast: Tensor): Float32Array {
  const first = hindcastErrors(rows, hindcast);
  return Float32Array.from(rows.view.lags.scale.data, (scale, r) => {
    const looks = LOOK_WEIGHTS.map((weight, i) => weight * (first[r - i * HORIZON_HOURS] ?? first[r] ?? 0));
    return looks.reduce((a, b) => a + b, 0) / scale;
  });
}

/** Errors by the weights given; what models forecast for the days they were trained on is computed once. */
export type TrainingErrors = (weights: Weights) => Residuals;

/** Errors of the training days that began at an origin; null when none did. */
export function trainingErrors(models: Models, rows: TrainingRows): TrainingErrors | null {
  const first = localHoursOf(rows.view);
  const midnights = rows.origins.flatMap((_, r) => (first[r * HORIZON_HOURS] === 0 ? [r] : []));
  if (midnights.length === 0) return null;
  const days = subsetOf(rows, midnights);
  const still = stillHours(numeric, days.view.lags);
  const forecasts = forecastRows(models, days.view.layout, days.view.input.data);
  return (weights) =>
    residualsOf(days, weightedSum(numeric, forecasts, constantWeights(numeric, weights)), still, null);
}

/** The residuals of the first rows only: those whose origin and targets lie before `hour`. */
function residualsBefore(rows: TestRows, residuals: Residuals, hour: number): Residuals {
  const relative = residuals.relative.map((error, i) => {
    const target = (rows.origins[Math.floor(i / HORIZON_HOURS)] ?? 0) + (i % HORIZON_HOURS);
    return target < hour ? error : Number.NaN;
  });
  return { ...residuals, relative };
}

/** Test days before the first one whose band is judged: a band needs some errors to learn from. */
export const BAND_AFTER_DAYS = 4;

/** Calibrations that rule each test day from {@link BAND_AFTER_DAYS} on, from hours before it only; null earlier. */
export function prequentialCalibrations(
  rows: TestRows,
  residuals: Residuals,
  weights: readonly Weights[],
  inTraining: TrainingErrors | null,
): (Calibration | null)[] {
  return rows.testDays.map((start, day) => {
    if (day < BAND_AFTER_DAYS) return null;
    const trained = inTraining?.(weights[day] ?? {}) ?? null;
    return calibrate(residualsBefore(rows, residuals, start), day, trained);
  });
}
