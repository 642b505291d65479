/**
 * XGBoost's sample quantile: the value of rank level × (n + 1), interpolated between neighbours. `values` has at
 * least one entry and is rearranged.
 */
export const rankQuantile = (values: Float32Array, level: number): number => {
  const count = values.length;
  const rank = Math.min(Math.max(level * (count + 1), 1), count);
  const below = Math.min(Math.floor(rank), count) - 1;
  const low = select(values, below);
  const share = rank - 1 - below;
  return share === 0 ? low : low + share * (least(values.subarray(below + 1)) - low);
};

/** The least value whose weights, with all smaller values', cover the level. */
export const weightedQuantile = (values: Float32Array, weights: Float32Array, level: number): number => {
  const order = Uint32Array.from(values, (_, i) => i).sort(
    (a, b) => (values[a] as number) - (values[b] as number),
  );
  const wanted = level * weights.reduce((sum, weight) => sum + weight, 0);
  let covered = 0;
  for (const row of order) {
    covered += weights[row] as number;
    if (covered >= wanted) return values[row] as number;
  }
  return values[order.at(-1) ?? 0] as number;
};

const least = (values: Float32Array): number =>
  values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);

/** The value of a rank (0 is the least), by Hoare's selection: no larger value stays before it. */
const select = (values: Float32Array, rank: number): number => {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const border = divide(values, low, high);
    if (rank <= border) high = border;
    else low = border + 1;
  }
  return values[rank] as number;
};

/** Divides `low` to `high` into smaller and larger values; answers the last place of the smaller ones. */
const divide = (values: Float32Array, low: number, high: number): number => {
  const pivot = values[(low + high) >>> 1] as number;
  let i = low;
  let j = high;
  for (;;) {
    while ((values[i] as number) < pivot) i += 1;
    while ((values[j] as number) > pivot) j -= 1;
    if (i >= j) return j;
    const swapped = values[i] as number;
    values[i] = values[j] as number;
    values[j] = swapped;
    i += 1;
    j -= 1;
  }
};
