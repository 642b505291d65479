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

/** The highest of each column over a day's hours: its value, the hour that first has it, and how many do. */
interface Bars {
  readonly value: Float32Array;
  readonly hour: Int32Array;
  readonly ties: Int32Array;
}

/** Takes an hour into the bars. */
function raise({ value, hour, ties }: Bars, values: Float32Array, at: number): void {
  for (let c = 0, i = at * value.length; c < value.length; c++, i++) {
    const [own, bar] = [values[i] as number, value[c] as number];
    if (own < bar) continue;
    if (own === bar && ties[c] !== 0) {
      ties[c] = (ties[c] as number) + 1;
      continue;
    }
    value[c] = own;
    hour[c] = at;
    ties[c] = 1;
  }
}

/** Bars of `columns`, none below `least`; `hours` are positions among all rows' hours. */
function barsOf(values: Float32Array, hours: readonly number[], columns: number, least: number): Bars {
  const value = new Float32Array(columns).fill(least);
  const bars: Bars = { value, hour: new Int32Array(columns), ties: new Int32Array(columns) };
  for (const hour of hours) raise(bars, values, hour);
  return bars;
}

/** Shares out the win of a column that several hours have the highest value of. */
function shareOut(
  { values, counted }: Pick<WinsOf<Float32Array>, 'values' | 'counted'>,
  hours: readonly number[],
  { value, ties }: Bars,
  column: number,
  into: Float32Array,
): void {
  const share = 1 / (ties[column] as number);
  for (const hour of hours) {
    const i = hour * value.length + column;
    if (values[i] !== value[column]) continue;
    into[hour] = (into[hour] as number) + share * (counted === null ? 1 : (counted[i] as number));
  }
}

/** Adds to `into` what each of a day's hours wins. */
function addWins(
  operands: Pick<WinsOf<Float32Array>, 'values' | 'counted'>,
  hours: readonly number[],
  bars: Bars,
  into: Float32Array,
): void {
  const { counted } = operands;
  const columns = bars.value.length;
  for (let c = 0; c < columns; c++) {
    const ties = bars.ties[c] as number;
    const hour = bars.hour[c] as number;
    if (ties > 1) shareOut(operands, hours, bars, c, into);
    else if (ties === 1) {
      into[hour] = (into[hour] as number) + (counted === null ? 1 : (counted[hour * columns + c] as number));
    }
  }
}

/** On numbers, without anything in between: a twentieth of the time. [rows × hours] */
export function countWins(operands: WinsOf<Float32Array>, { rows, hours, columns }: Sizes): Float32Array {
  const { days, values, atLeast } = operands;
  const count = days.length / (rows * hours);
  const wins = new Float32Array(rows * hours);
  const play = (row: number, day: number): void => {
    const all = Array.from({ length: hours }, (_, h) => row * hours + h);
    const own = all.filter((hour) => days[hour * count + day] !== 0);
    const least = day === 0 ? (atLeast?.[row] ?? NOTHING) : NOTHING;
    addWins(operands, own, barsOf(values, own, columns, least), wins);
  };
  for (let row = 0; row < rows; row++) {
    for (let day = 0; day < count; day++) play(row, day);
  }
  return wins;
}
