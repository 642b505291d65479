import type { Value } from '../onnx/graph.ts';
import type { Operators } from '../onnx/operators.ts';

/** How often each hour is the highest of its day: see {@link Algebra.wins}. */

/** Below every load: what an hour of another day counts as. */
const NOTHING = -3e38;

/** Operands of {@link Algebra.wins}. */
export interface WinsOf<T> {
  readonly days: T;
  readonly values: T;
  readonly atLeast: T | null;
  readonly counted: T | null;
}

/** Highest value of each of `count` days, [N, days, k]; that of the first is `atLeast` or more. */
function highestOfDays(op: Operators, { days, values, atLeast }: WinsOf<Value>, count: number): Value {
  const below = op.multiply(op.subtract(op.scalar(1), days), op.scalar(NOTHING));
  const highest = Array.from({ length: count }, (_, day) => {
    const own = op.add(values, op.slice(below, { axis: 2, start: day, end: day + 1 }));
    const found = op.reduce('max', own, [1]);
    return day === 0 && atLeast !== null ? op.maximum(found, atLeast) : found;
  });
  return op.concat(highest, 1);
}

/** As a graph computes it: hours and days meet in products of matrices, so that no day is gone through alone. */
export function winsByOperators(op: Operators, operands: WinsOf<Value>, count: number): Value {
  const { days, values, counted } = operands;
  const bar = op.matMul(days, highestOfDays(op, operands, count));
  const reached = op.cast(op.greaterOrEqual(values, bar), 'float32');
  const ties = op.matMul(op.transpose(days, [0, 2, 1]), reached);
  const share = op.divide(op.scalar(1), op.maximum(ties, op.scalar(1)));
  const won = counted === null ? reached : op.multiply(reached, counted);
  const byDay = op.matMul(won, op.transpose(share, [0, 2, 1]));
  return op.reduce('sum', op.multiply(byDay, days), [2]);
}

/** Sizes of `values`: [rows, hours, columns]. */
interface Sizes {
  readonly rows: number;
  readonly hours: number;
  readonly columns: number;
}

/** The highest of each column over some hours, or `least`; `hours` are their positions among all rows' hours. */
function highestOf(values: Float32Array, hours: readonly number[], columns: number, least: number) {
  const bar = new Float32Array(columns).fill(least);
  for (const hour of hours) {
    for (let c = 0, i = hour * columns; c < columns; c++, i++) {
      bar[c] = Math.max(bar[c] as number, values[i] as number);
    }
  }
  return bar;
}

/** What each hour that reaches the bar gets of a column's win. */
function sharesOf(values: Float32Array, hours: readonly number[], bar: Float32Array): Float32Array {
  const ties = new Float32Array(bar.length);
  for (const hour of hours) {
    for (let c = 0, i = hour * bar.length; c < bar.length; c++, i++) {
      ties[c] = (ties[c] as number) + Number((values[i] as number) >= (bar[c] as number));
    }
  }
  return ties.map((count) => 1 / Math.max(1, count));
}

/** What an hour wins over all columns. */
function wonBy(
  { values, counted }: Pick<WinsOf<Float32Array>, 'values' | 'counted'>,
  hour: number,
  bar: Float32Array,
  share: Float32Array,
): number {
  let won = 0;
  for (let c = 0, i = hour * bar.length; c < bar.length; c++, i++) {
    if ((values[i] as number) < (bar[c] as number)) continue;
    won += (share[c] as number) * (counted === null ? 1 : (counted[i] as number));
  }
  return won;
}

/** On numbers, without anything in between: a twentieth of the time. [rows × hours] */
export function countWins(operands: WinsOf<Float32Array>, { rows, hours, columns }: Sizes): Float32Array {
  const { days, values, atLeast } = operands;
  const count = days.length / (rows * hours);
  const wins = new Float32Array(rows * hours);
  const play = (row: number, day: number): void => {
    const all = Array.from({ length: hours }, (_, h) => row * hours + h);
    const own = all.filter((hour) => days[hour * count + day] !== 0);
    const bar = highestOf(values, own, columns, day === 0 ? (atLeast?.[row] ?? NOTHING) : NOTHING);
    const share = sharesOf(values, own, bar);
    for (const hour of own) wins[hour] = wonBy(operands, hour, bar, share);
  };
  for (let row = 0; row < rows; row++) {
    for (let day = 0; day < count; day++) play(row, day);
  }
  return wins;
}
