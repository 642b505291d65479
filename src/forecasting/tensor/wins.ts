import type { Algebra } from './algebra.ts';

/** How often each hour is the highest: see {@link Algebra.wins}. */

/** Below every load: what an hour outside the day counts as. */
const NOTHING = -3e38;

/** In the other operations, as a graph computes it. */
export function winsByOperators<T>(g: Omit<Algebra<T>, 'wins'>, within: T, values: T, atLeast: T | null): T {
  const number = (value: number): T => g.constant([value], [1]);
  const load = g.where(within, values, number(NOTHING));
  const highest = g.largest(load, 1);
  const bar = atLeast === null ? highest : g.max(highest, atLeast);
  const wins = g.where(g.less(load, bar), number(0), within);
  return g.sum(g.div(wins, g.max(g.sum(wins, 1), number(1))), 2);
}

/** Sizes of `values`: [rows, hours, columns]. */
interface Sizes {
  readonly rows: number;
  readonly hours: number;
  readonly columns: number;
}

/** One column of one row: adds to the hours that reach the bar their share of the win. `at` are its values' positions. */
function addColumn(
  values: Float32Array,
  at: Int32Array,
  column: number,
  least: number,
  into: Float64Array,
): void {
  let bar = least;
  for (let i = 0; i < at.length; i++) bar = Math.max(bar, values[(at[i] as number) + column] as number);
  let ties = 0;
  for (let i = 0; i < at.length; i++) ties += Number((values[(at[i] as number) + column] as number) >= bar);
  const share = Math.fround(1 / Math.max(1, ties));
  for (let i = 0; i < at.length; i++) {
    const won = Number((values[(at[i] as number) + column] as number) >= bar);
    into[i] = (into[i] as number) + won * share;
  }
}

/** On numbers, column by column without anything in between: a twentieth of the time. [rows × hours] */
export function countWins(
  within: Float32Array,
  values: Float32Array,
  atLeast: Float32Array | null,
  { rows, hours, columns }: Sizes,
): Float32Array {
  const wins = new Float32Array(rows * hours);
  for (let r = 0; r < rows; r++) {
    const own = Array.from({ length: hours }, (_, h) => r * hours + h).filter((i) => within[i] !== 0);
    const at = Int32Array.from(own, (i) => i * columns);
    const sums = new Float64Array(own.length);
    const least = Math.max(NOTHING, atLeast?.[r] ?? NOTHING);
    for (let column = 0; column < columns; column++) addColumn(values, at, column, least, sums);
    own.forEach((i, k) => {
      wins[i] = sums[k] as number;
    });
  }
  return wins;
}
