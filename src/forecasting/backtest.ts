import { carryErrors } from './ensemble/carried-errors.ts';
import { type ByModel, forecastsOf, type Models, weightedSum } from './ensemble/combine.ts';
import { guard } from './ensemble/guard.ts';
import { standStill } from './ensemble/standstill.ts';
import { type UsualErrors, usualError } from './ensemble/usual-errors.ts';
import { type Earned, ensembleWeights, type Weights } from './ensemble/weights.ts';
import { hindcastInput } from './features/hindcast.ts';
import { HORIZON_HOURS } from './horizon.ts';
import { type MemberName, type ModelView, viewOf } from './models/member.ts';
import { numeric, type Tensor, tensorOf } from './tensor/numeric.ts';
import { createProgram } from './tensor/program.ts';

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

const named = <Kind extends string, T>(kind: Kind, forecasts: ByModel<T>) =>
  Object.fromEntries(Object.entries(forecasts).map(([name, value]) => [`${kind}/${name}`, value])) as Record<
    `${Kind}/${string}`,
    T
  >;

export function forecastTests(models: Models, rows: TestRows): TestForecasts {
  const { layout, input } = rows.view;
  const program = createProgram<`ahead/${string}` | `past/${string}` | 'input'>(layout.width, (g, row) => {
    const past = hindcastInput(g, layout, row);
    const ahead = forecastsOf(g, models, viewOf(g, layout, row));
    const behind = forecastsOf(g, models, viewOf(g, layout, past));
    return { ...named('ahead', ahead), ...named('past', behind), input: past };
  });
  const found = program.run(input.data);
  const pick = (kind: 'ahead' | 'past'): ByModel<Tensor> =>
    Object.fromEntries(Object.keys(models).map((name) => [name, found[`${kind}/${name}`]]));
  return { ahead: pick('ahead'), past: pick('past'), pastView: viewOf(numeric, layout, found.input) };
}

/** Number of test days that have ended before row `r`'s origin; the day of the row itself when it is one. */
function dayOf(rows: TestRows, r: number): number {
  const origin = rows.origins[r] ?? 0;
  return rows.testDays.findLastIndex((start) => start <= origin);
}

/** Mean squared error in kW² of the forecast hours that lie before `hour`. */
function errorsBefore(rows: TestRows, forecast: Tensor, hour: number): number {
  let sum = 0;
  let count = 0;
  rows.origins.forEach((origin, r) => {
    for (let lead = 0; lead < HORIZON_HOURS && origin + lead < hour; lead++) {
      const at = r * HORIZON_HOURS + lead;
      const error = Math.abs((rows.targets[at] as number) - (forecast.data[at] as number));
      if (Number.isNaN(error)) continue;
      sum += error * error;
      count++;
    }
  });
  return count === 0 ? 0 : sum / count;
}

/** What each model earned on hours before `hour` (a position of the series). */
function earnedBefore(
  names: readonly MemberName[],
  rows: TestRows,
  forecasts: TestForecasts,
  hour: number,
): Earned[] {
  return names.flatMap((name) => {
    const forecast = forecasts.ahead[name];
    return forecast === undefined ? [] : [{ name, squaredError: errorsBefore(rows, forecast, hour) }];
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

/** How a choice of models forecasts. */
export interface Combination {
  readonly names: readonly MemberName[];
  readonly usualErrors: UsualErrors;
  readonly guarded: boolean;
}

/**
 * The forecast of every row with the weights of the row's day, as an artifact of those weights makes it, and what
 * the models alone would have forecast 48 hours earlier, [rows × 48] each.
 */
export function prequentialForecast(
  { names, usualErrors, guarded }: Combination,
  rows: TestRows,
  forecasts: TestForecasts,
  weights: readonly Weights[],
): { readonly forecast: Tensor; readonly hindcast: Tensor } {
  const ofRow = rows.origins.map((_, r) => weights[dayOf(rows, r)] ?? {});
  const column = (value: (own: Weights) => number): Tensor =>
    tensorOf(Float32Array.from(ofRow, value), [rows.origins.length, 1]);
  const perRow: ByModel<Tensor> = Object.fromEntries(
    names.map((name) => [name, column((own) => own[name] ?? 0)]),
  );
  const { view } = rows;
  const usual = column((own) => usualError(usualErrors, own));
  const hindcast = weightedSum(numeric, forecasts.past, perRow);
  const ahead = weightedSum(numeric, forecasts.ahead, perRow);
  const forecast = carryErrors(numeric, { view, forecast: ahead, hindcast, usual });
  const past = forecasts.pastView;
  const safe = guarded ? guard(numeric, { view, past, forecast, hindcast, usual }) : forecast;
  return { forecast: standStill(numeric, view.lags, safe), hindcast };
}
