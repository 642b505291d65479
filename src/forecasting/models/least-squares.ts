/** Ridge regression by the normal equations, in float64. */

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

interface Centre {
  readonly mean: Float64Array;
  readonly spread: Float64Array;
  readonly targetMean: number;
}

function centreOf(rows: readonly Float64Array[], targets: readonly number[], columns: number): Centre {
  const mean = new Float64Array(columns);
  const spread = new Float64Array(columns);
  for (const row of rows)
    for (let j = 0; j < columns; j++) mean[j] = (mean[j] as number) + (row[j] as number) / rows.length;
  for (const row of rows) {
    for (let j = 0; j < columns; j++) {
      spread[j] = (spread[j] as number) + ((row[j] as number) - (mean[j] as number)) ** 2 / rows.length;
    }
  }
  const targetMean = targets.reduce((a, b) => a + b, 0) / targets.length;
  // A column that never moves gets no weight instead of an infinite one.
  return { mean, spread: spread.map((v) => Math.sqrt(v) + 1e-6), targetMean };
}

/**
 * Minimises Σ(y − a − xᵀb)² + `penalty`·rows·Σ(b·spread)²: columns are standardised, the intercept is free.
 * `rows` hold one array of equal length each. The penalty is relative to the number of rows.
 */
export function ridge(rows: readonly Float64Array[], targets: readonly number[], penalty: number): RidgeFit {
  const columns = rows[0]?.length ?? 0;
  const { mean, spread, targetMean } = centreOf(rows, targets, columns);
  const gram = new Float64Array(columns * columns);
  const moments = new Float64Array(columns);
  const z = new Float64Array(columns);
  rows.forEach((row, r) => {
    const residual = (targets[r] as number) - targetMean;
    for (let j = 0; j < columns; j++)
      z[j] = ((row[j] as number) - (mean[j] as number)) / (spread[j] as number);
    for (let j = 0; j < columns; j++) {
      const zj = z[j] as number;
      moments[j] = (moments[j] as number) + zj * residual;
      for (let k = 0; k <= j; k++)
        gram[j * columns + k] = (gram[j * columns + k] as number) + zj * (z[k] as number);
    }
  });
  for (let j = 0; j < columns; j++)
    gram[j * columns + j] = (gram[j * columns + j] as number) + penalty * rows.length;
  factorise(gram, columns);
  const coefficients = substitute(gram, columns, moments).map((b, j) => b / (spread[j] as number));
  const intercept = coefficients.reduce((a, b, j) => a - b * (mean[j] as number), targetMean);
  return { intercept, coefficients };
}
