import { type Calibration, calibrate, type Residuals } from './ensemble/calibration.ts';
import { type ByModel, forecastsOf, type Models, weightedSum } from './ensemble/combine.ts';
import { guard } from './ensemble/guard.ts';
import { type Earned, ensembleWeights, type Weights } from './ensemble/weights.ts';
import { hindcastInput } from './features/hindcast.ts';
import { CALENDAR_AT } from './features/layout.ts';
import { HORIZON_HOURS } from './horizon.ts';
import { type MemberName, type ModelView, viewOf } from './models/member.ts';
import { numeric, type Tensor, tensorOf } from './tensor/numeric.ts';

/**
 * Rows of the test days: an origin at every hour, those at local midnight scored, all of them used to earn
 * weights and to calibrate. Models are not refitted; their history advances.
 */
export interface TestRows {
  readonly view: ModelView<Tensor>;
  /** Position of each row's origin in the series, ascending. */
  readonly origins: readonly number[];
  /** First hour of each test day. */
  readonly testDays: readonly number[];
  /** [rows × 48] in kW, NaN where nothing was measured. */
  readonly targets: Float32Array;
}

/** What every model forecasts for the test rows, and for the 48 hours before them. */
export interface TestForecasts {
  readonly ahead: ByModel<Tensor>;
  readonly past: ByModel<Tensor>;
  readonly pastView: ModelView<Tensor>;
}

export function forecastTests(models: Models, rows: TestRows): TestForecasts {
  const { layout, input } = rows.view;
  const pastView = viewOf(numeric, layout, hindcastInput(numeric, layout, input));
  return {
    ahead: forecastsOf(numeric, models, rows.view),
    past: forecastsOf(numeric, models, pastView),
    pastView,
  };
}

/** Number of test days that have ended before row `r`'s origin; the day of the row itself when it is one. */
function dayOf(rows: TestRows, r: number): number {
  const origin = rows.origins[r] ?? 0;
  return rows.testDays.findLastIndex((start) => start <= origin);
}

/** Mean absolute errors by test day of the target hour and model, of forecasts issued on earlier rows. */
function errorsBefore(rows: TestRows, forecast: Tensor, hour: number): number {
  let sum = 0;
  let count = 0;
  rows.origins.forEach((origin, r) => {
    for (let lead = 0; lead < HORIZON_HOURS && origin + lead < hour; lead++) {
      const at = r * HORIZON_HOURS + lead;
      const error = Math.abs((rows.targets[at] as number) - (forecast.data[at] as number));
      if (Number.isNaN(error)) continue;
      sum += error;
      count++;
    }
  });
  return count === 0 ? 0 : sum / count;
}

/** What each model earned on hours before `hour` (a position of the series). */
export function earnedBefore(
  names: readonly MemberName[],
  rows: TestRows,
  forecasts: TestForecasts,
  hour: number,
): Earned[] {
  return names.flatMap((name) => {
    const forecast = forecasts.ahead[name];
    return forecast === undefined ? [] : [{ name, squaredError: errorsBefore(rows, forecast, hour) ** 2 }];
  });
}

/**
 * Weights that rule each test day, learnt from the hours before it only; one more for after the last day, which
 * is what the artifact carries.
 */
export function prequentialWeights(
  names: readonly MemberName[],
  rows: TestRows,
  forecasts: TestForecasts,
): Weights[] {
  const bounds = [...rows.testDays, Number.POSITIVE_INFINITY];
  return bounds.map((hour, day) => ensembleWeights(names, earnedBefore(names, rows, forecasts, hour), day));
}

/** The ensemble's forecast of every row with the weights of the row's day, [rows × 48]. */
export function prequentialForecast(
  names: readonly MemberName[],
  rows: TestRows,
  forecasts: TestForecasts,
  weights: readonly Weights[],
  guarded: boolean,
): Tensor {
  const perRow: ByModel<Tensor> = Object.fromEntries(
    names.map((name) => {
      const column = Float32Array.from(rows.origins, (_, r) => weights[dayOf(rows, r)]?.[name] ?? 0);
      return [name, tensorOf(column, [rows.origins.length, 1])];
    }),
  );
  const ahead = weightedSum(numeric, forecasts.ahead, perRow);
  if (!guarded) return ahead;
  return guard(numeric, rows.view, forecasts.pastView, ahead, weightedSum(numeric, forecasts.past, perRow));
}

/** Errors of a forecast of the test rows, as the calibration wants them. */
export function residualsOf(rows: TestRows, forecast: Tensor): Residuals {
  const { scale, calendar } = rows.view.lags;
  const width = calendar.shape[2] ?? 1;
  const relative = Float32Array.from(forecast.data, (value, i) => {
    const unit = scale.data[Math.floor(i / HORIZON_HOURS)] as number;
    return ((rows.targets[i] as number) - value) / unit;
  });
  const localHour = Uint8Array.from(forecast.data, (_, i) => {
    const first = i * width + CALENDAR_AT.hour;
    return calendar.data.subarray(first, first + 24).indexOf(1);
  });
  const days = new Set(rows.testDays);
  const midnights = rows.origins.flatMap((origin, r) => (days.has(origin) ? [r] : []));
  return { count: rows.origins.length, relative, localHour, midnights };
}

/** The residuals of the first rows only: those whose origin and targets lie before `hour`. */
export function residualsBefore(rows: TestRows, residuals: Residuals, hour: number): Residuals {
  const relative = residuals.relative.map((error, i) => {
    const target = (rows.origins[Math.floor(i / HORIZON_HOURS)] ?? 0) + (i % HORIZON_HOURS);
    return target < hour ? error : Number.NaN;
  });
  return { ...residuals, relative };
}

/** Test days before the first one whose band is judged: a band needs some errors to learn from. */
export const BAND_AFTER_DAYS = 4;

/** Calibrations that rule each test day from {@link BAND_AFTER_DAYS} on, from hours before it only; null earlier. */
export function prequentialCalibrations(rows: TestRows, residuals: Residuals): (Calibration | null)[] {
  return rows.testDays.map((start, day) =>
    day < BAND_AFTER_DAYS ? null : calibrate(residualsBefore(rows, residuals, start), day),
  );
}
