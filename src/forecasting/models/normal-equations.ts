/** Weighted least squares by the normal equations, in float64; matrices are row-major with their lower triangle. */

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

/** Sums over rows that the least squares of `n` columns follow from. */
export interface Moments {
  /** Σ w·z·zᵀ, [n × n] */
  readonly gram: Float64Array;
  /** Σ w·z·y, [n] */
  readonly product: Float64Array;
  /** Σ w */
  total: number;
}

export const noMoments = (n: number): Moments => ({
  gram: new Float64Array(n * n),
  product: new Float64Array(n),
  total: 0,
});

/** Empties sums for others: new ones for every regression would cost more than what is added to them. */
export function clearMoments(moments: Moments): void {
  moments.gram.fill(0);
  moments.product.fill(0);
  moments.total = 0;
}

/** Adds row `r` of `z` [rows × n] with its target. */
export function addRow(to: Moments, z: Float64Array, r: number, target: number, weight: number): void {
  const { gram, product } = to;
  const n = product.length;
  const first = r * n;
  to.total += weight;
  for (let j = 0; j < n; j++) {
    const weighted = weight * (z[first + j] as number);
    product[j] = (product[j] as number) + weighted * target;
    const row = j * n;
    for (let k = 0; k <= j; k++) {
      gram[row + k] = (gram[row + k] as number) + weighted * (z[first + k] as number);
    }
  }
}

/** Adds `share` of other sums. */
export function addMoments(to: Moments, from: Moments, share: number): void {
  const { gram, product } = to;
  to.total += share * from.total;
  for (let i = 0; i < gram.length; i++) {
    gram[i] = (gram[i] as number) + share * (from.gram[i] as number);
  }
  for (let i = 0; i < product.length; i++) {
    product[i] = (product[i] as number) + share * (from.product[i] as number);
  }
}

/**
 * Columns are in units of the site's level. One that hardly moved in training must not get a coefficient that
 * throws the forecast when it does move.
 */
const LEAST_SPREAD = 3e-3;

/**
 * The b that minimises Σ w·(y − zᵀb)² + `penalty`·Σw·Σ(b·spread)², [n], where the spread of a column is that of
 * its weighted values; the last column is one of ones and its b the intercept, which is free. The sums are used up.
 */
export function solveRidge({ gram, product, total }: Moments, penalty: number): Float64Array {
  const n = product.length;
  const ones = (n - 1) * n;
  for (let j = 0; j < n - 1; j++) {
    const mean = (gram[ones + j] as number) / total;
    const variance = Math.max(0, (gram[j * n + j] as number) / total - mean * mean);
    const spread = Math.sqrt(variance) + LEAST_SPREAD;
    gram[j * n + j] = (gram[j * n + j] as number) + penalty * total * spread * spread;
  }
  factorise(gram, n);
  return substitute(gram, n, product);
}
