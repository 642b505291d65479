/** Lag polynomials of a seasonal ARMA model. */

/**
 * Coefficients of a stationary autoregression, or of an invertible moving average, from any real numbers: they
 * are squashed to partial autocorrelations and turned by the Durbin-Levinson recursion (Monahan 1984).
 */
export function stationary(free: ArrayLike<number>): number[] {
  let coefficients: number[] = [];
  for (const x of Array.from(free)) {
    // Short of 1: on the edge itself the recursion loses all digits.
    const partial = 0.99 * Math.tanh(x);
    const before = coefficients;
    coefficients = [...before.map((c, i) => c - partial * (before.at(-1 - i) ?? 0)), partial];
  }
  return coefficients;
}

/** Σ coefficient · x[t − lag]. */
export interface LagSum {
  readonly lags: readonly number[];
  readonly coefficients: readonly number[];
}

/** 1 − (1 − Σ a·Lⁱ)(1 − s·L^season) as a sum over lags. */
export function seasonalProduct(a: readonly number[], s: number, season: number): LagSum {
  const terms = a.map((coefficient, i): [number, number] => [i + 1, coefficient]);
  if (s !== 0) {
    terms.push([season, s]);
    for (const [i, coefficient] of a.entries()) terms.push([season + i + 1, -coefficient * s]);
  }
  return { lags: terms.map(([lag]) => lag), coefficients: terms.map(([, coefficient]) => coefficient) };
}
