/** Regression by the normal equations, in float64. */

/** A = L·Lᵀ in the lower triangle of `a` [n × n], in place; `a` must be positive definite. */
function factorise(a: Float64Array, n: number): void {
  for (let j = 0; j < n; j++) {
    let diagonal = a[j * n + j] as number;
    for (let k = 0; k < j; k++) diagonal -= (a[j * n + k] as number) ** 2;
    const root = Math.sqrt(Math.max(diagonal, 1e-12));
    a[j * n + j] = root;
    for (let i = j + 1; i < n; i++) {
      let value = a[i * n + j] as number;
      for (let k = 0; k < j; k++) value -= (a[i * n + k] as number) * (a[j * n + k] as number);
      a[i * n + j] = value / root;
    }
  }
}

function substitute(l: Float64Array, n: number, b: Float64Array): Float64Array {
  const x = b.slice();
  for (let i = 0; i < n; i++) {
    let value = x[i] as number;
    for (let k = 0; k < i; k++) value -= (l[i * n + k] as number) * (x[k] as number);
    x[i] = value / (l[i * n + i] as number);
  }
  for (let i = n - 1; i >= 0; i--) {
    let value = x[i] as number;
    for (let k = i + 1; k < n; k++) value -= (l[k * n + i] as number) * (x[k] as number);
    x[i] = value / (l[i * n + i] as number);
  }
  return x;
}

export interface RidgeFit {
  readonly intercept: number;
  /** For features as given, not standardised. [columns] */
  readonly coefficients: Float64Array;
}

/**
 * Columns are in units of the site's level. One that hardly moved in training must not get a coefficient that
 * throws the forecast when it does move.
 */
const LEAST_SPREAD = 3e-3;

interface Centre {
  readonly mean: Float64Array;
  readonly spread: Float64Array;
  readonly targetMean: number;
}

interface Problem {
  readonly rows: readonly Float64Array[];
  readonly targets: ArrayLike<number>;
  /** One a row, not negative. */
  readonly weights: Float64Array;
  /** Sum of the weights. */
  readonly total: number;
}

function centreOf({ rows, targets, weights, total }: Problem, columns: number): Centre {
  const mean = new Float64Array(columns);
  const spread = new Float64Array(columns);
  let targetMean = 0;
  rows.forEach((row, r) => {
    const share = (weights[r] as number) / total;
    targetMean += share * (targets[r] as number);
    for (let j = 0; j < columns; j++) mean[j] = (mean[j] as number) + share * (row[j] as number);
  });
  rows.forEach((row, r) => {
    const share = (weights[r] as number) / total;
    for (let j = 0; j < columns; j++) {
      spread[j] = (spread[j] as number) + share * ((row[j] as number) - (mean[j] as number)) ** 2;
    }
  });
  return { mean, spread: spread.map((v) => Math.sqrt(v) + LEAST_SPREAD), targetMean };
}

/** Adds a row of `weight` to the lower triangle of the normal equations. */
function accumulate(
  gram: Float64Array,
  moments: Float64Array,
  z: Float64Array,
  residual: number,
  weight: number,
): void {
  const columns = z.length;
  for (let j = 0; j < columns; j++) {
    const weighted = weight * (z[j] as number);
    moments[j] = (moments[j] as number) + weighted * residual;
    for (let k = 0; k <= j; k++) {
      gram[j * columns + k] = (gram[j * columns + k] as number) + weighted * (z[k] as number);
    }
  }
}

function solve(problem: Problem, columns: number, penalty: number): RidgeFit {
  const { rows, targets, weights, total } = problem;
  const { mean, spread, targetMean } = centreOf(problem, columns);
  const gram = new Float64Array(columns * columns);
  const moments = new Float64Array(columns);
  const z = new Float64Array(columns);
  rows.forEach((row, r) => {
    for (let j = 0; j < columns; j++)
      z[j] = ((row[j] as number) - (mean[j] as number)) / (spread[j] as number);
    accumulate(gram, moments, z, (targets[r] as number) - targetMean, weights[r] as number);
  });
  for (let j = 0; j < columns; j++) {
    gram[j * columns + j] = (gram[j * columns + j] as number) + penalty * total;
  }
  factorise(gram, columns);
  const coefficients = substitute(gram, columns, moments).map((b, j) => b / (spread[j] as number));
  const intercept = coefficients.reduce((a, b, j) => a - b * (mean[j] as number), targetMean);
  return { intercept, coefficients };
}

function residualSizes({ rows, targets }: Problem, fit: RidgeFit): Float64Array {
  return Float64Array.from(rows, (row, r) => {
    const value = fit.coefficients.reduce((sum, b, j) => sum + b * (row[j] as number), fit.intercept);
    return Math.abs((targets[r] as number) - value);
  });
}

/** Fits of ever better weights; the first has equal ones. */
const ROUNDS = 3;

/** Residuals under this multiple of the median count fully; beyond it the loss grows with their size only. */
const FULL_WEIGHT = 0.5;

/**
 * Ridge regression that single wild hours cannot bend: minimises Huber's loss of y − a − xᵀb plus
 * `penalty`·Σ(b·spread)² by iteratively reweighted least squares (Huber, Robust Statistics, 1981). Columns are
 * standardised and the intercept is free; the penalty is relative to the number of rows.
 */
export function robustRidge(
  rows: readonly Float64Array[],
  targets: ArrayLike<number>,
  penalty: number,
): RidgeFit {
  const columns = rows[0]?.length ?? 0;
  let weights = new Float64Array(rows.length).fill(1);
  for (let round = 1; ; round++) {
    const problem = { rows, targets, weights, total: weights.reduce((a, b) => a + b, 0) };
    const fit = solve(problem, columns, penalty);
    if (round === ROUNDS) return fit;
    const sizes = residualSizes(problem, fit);
    const median = (sizes.toSorted()[sizes.length >> 1] ?? 0) + 1e-9;
    weights = sizes.map((size) => 1 / Math.max(size / median, FULL_WEIGHT));
  }
}
