import { HORIZON_HOURS } from '../../horizon.ts';
import { type LagSum, seasonalProduct, stationary } from './polynomial.ts';

/**
 * ARIMA with a daily and a weekly season (Taylor, Short-term electricity demand forecasting using double seasonal
 * exponential smoothing, 2003): differences to last week, an autoregression and a moving average over the last
 * hours, one autoregressive term at a day and one moving-average term at a week.
 */

const DAY = 24;
export const WEEK = 168;

export interface Order {
  readonly p: number;
  readonly q: number;
}

/** Parameters are any real numbers: p for the autoregression, q for the moving average, one a day, one a week. */
export const parametersOf = ({ p, q }: Order): number => p + q + 2;

export interface Polynomials {
  readonly autoregressive: LagSum;
  /** Sums what innovations take away: x = autoregression + e − Σ coefficient · e[t − lag]. */
  readonly movingAverage: LagSum;
}

export function polynomialsOf({ p, q }: Order, free: ArrayLike<number>): Polynomials {
  const all = Array.from(free);
  const season = (i: number): number => stationary([all[p + q + i] ?? 0])[0] ?? 0;
  return {
    autoregressive: seasonalProduct(stationary(all.slice(0, p)), season(0), DAY),
    movingAverage: seasonalProduct(stationary(all.slice(p, p + q)), season(1), WEEK),
  };
}

/** Longest lag of the autoregression: hours before it have no innovation. */
export const BURN_IN = DAY + 4;

function lagged(x: Float64Array, t: number, { lags, coefficients }: LagSum): number {
  let sum = 0;
  for (let k = 0; k < lags.length; k++) {
    const at = t - (lags[k] as number);
    if (at >= 0) sum += (coefficients[k] as number) * (x[at] as number);
  }
  return sum;
}

/** Innovations of differences to last week, 0 before {@link BURN_IN} and where one of the loads is missing. */
export function innovations(x: Float64Array, { autoregressive, movingAverage }: Polynomials): Float64Array {
  const e = new Float64Array(x.length);
  for (let t = BURN_IN; t < x.length; t++) {
    const value = (x[t] as number) - lagged(x, t, autoregressive) + lagged(e, t, movingAverage);
    e[t] = Number.isNaN(value) ? 0 : value;
  }
  return e;
}

/** The next 48 loads after `history`, which has no gaps. */
export function forecastFrom(history: ArrayLike<number>, polynomials: Polynomials): Float64Array {
  const known = history.length - WEEK;
  const x = new Float64Array(known + HORIZON_HOURS);
  for (let t = 0; t < known; t++) x[t] = (history[t + WEEK] as number) - (history[t] as number);
  const e = new Float64Array(x.length);
  e.set(innovations(x.subarray(0, known), polynomials));
  const loads = new Float64Array(HORIZON_HOURS);
  for (let t = known; t < x.length; t++) {
    x[t] = lagged(x, t, polynomials.autoregressive) - lagged(e, t, polynomials.movingAverage);
    loads[t - known] = (x[t] as number) + (history[t] as number);
  }
  return loads;
}
