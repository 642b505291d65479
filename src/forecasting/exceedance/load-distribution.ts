/** What the load of an hour may be: ascending quantiles in kW at ascending levels, two or more of each. */
export interface LoadDistribution {
  readonly levels: readonly number[];
  readonly kw: ArrayLike<number>;
}

/** Levels at least so far apart show how fast a tail falls. */
const TAIL_SPAN = 0.1;

/**
 * Chance beyond the outermost quantile, `distance` kW out: falls exponentially, at the rate at which it fell over
 * the levels before it.
 */
function tail(outer: number, inner: number, width: number, distance: number): number {
  if (width <= 0) return 0;
  return outer * Math.exp((-distance * Math.log(inner / outer)) / width);
}

function aboveLast({ levels, kw }: LoadDistribution, x: number): number {
  const last = levels.length - 1;
  const level = levels[last] as number;
  const before = Math.max(
    levels.findLastIndex((other) => other <= level - TAIL_SPAN + 1e-9),
    0,
  );
  const width = (kw[last] as number) - (kw[before] as number);
  return tail(1 - level, 1 - (levels[before] as number), width, x - (kw[last] as number));
}

function belowFirst({ levels, kw }: LoadDistribution, x: number): number {
  const [level = 0] = levels;
  const found = levels.findIndex((other) => other >= level + TAIL_SPAN - 1e-9);
  const after = found < 0 ? levels.length - 1 : found;
  const width = (kw[after] as number) - (kw[0] as number);
  return tail(level, levels[after] as number, width, (kw[0] as number) - x);
}

/** Chance that the load is above `x` kW: straight between the quantiles, exponential beyond them. */
export function chanceAbove(distribution: LoadDistribution, x: number): number {
  const { levels, kw } = distribution;
  const last = levels.length - 1;
  if (x >= (kw[last] as number)) return aboveLast(distribution, x);
  if (x < (kw[0] as number)) return 1 - belowFirst(distribution, x);
  const upper = Array.from(kw).findIndex((value) => value > x);
  const [low, high] = [kw[upper - 1] as number, kw[upper] as number];
  const [from, to] = [levels[upper - 1] as number, levels[upper] as number];
  return 1 - (from + ((to - from) * (x - low)) / (high - low));
}
