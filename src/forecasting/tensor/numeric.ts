import { predict } from '../models/xgboost/booster.ts';
import type { Algebra } from './algebra.ts';
import { placeColumns, takeColumns } from './columns.ts';
import { runLstm } from './recurrent.ts';
import { countWins } from './wins.ts';

/** A dense float32 array, row-major. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

/** Shapes that cannot be combined; a fault of the program, not of the data. */
class ShapeMismatch extends Error {
  override readonly name = 'ShapeMismatch';
}

/** The shape that two operands broadcast to, by numpy's rules. */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const left = a[i - rank + a.length] ?? 1;
    const right = b[i - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new ShapeMismatch(`cannot combine [${a.join(', ')}] with [${b.join(', ')}]`);
    }
    return left === 1 ? right : left;
  });
}

const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((d, i) => d === b[i]);

/** Each block of `size` values `times` times in a row, block after block. */
function repeatBlocks(values: Float32Array, size: number, times: number): Float32Array {
  const repeated = new Float32Array(values.length * times);
  if (size === 1) {
    for (let i = 0; i < values.length; i++) repeated.fill(values[i] as number, i * times, (i + 1) * times);
    return repeated;
  }
  for (let i = 0, o = 0; i < values.length; i += size) {
    for (let k = 0; k < times; k++, o += size) repeated.set(values.subarray(i, i + size), o);
  }
  return repeated;
}

/** The operand's lengths as axes of `shape`, missing ones 1. */
const alignedShape = (shape: readonly number[], operand: Tensor): number[] => [
  ...new Array<number>(shape.length - operand.shape.length).fill(1),
  ...operand.shape,
];

function broadcast(shape: readonly number[], operand: Tensor): Float32Array {
  const own = alignedShape(shape, operand);
  let values = operand.data;
  let inner = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis] as number;
    if (own[axis] !== length) values = repeatBlocks(values, inner, length);
    inner *= length;
  }
  return values;
}

/** The operand's values laid out in `shape`; itself when nothing has to be repeated. */
function spread(shape: readonly number[], operand: Tensor): Float32Array {
  const size = sizeOf(shape);
  if (sameShape(shape, operand.shape) || size === operand.data.length) return operand.data;
  if (operand.data.length === 1) return new Float32Array(size).fill(operand.data[0] ?? 0);
  return broadcast(shape, operand);
}

/** Writes one operation over two arrays of equal length; a loop each, since a call for every value is slow. */
type Kernel = (a: Float32Array, b: Float32Array, into: Float32Array) => void;

const elementwise =
  (kernel: Kernel) =>
  (a: Tensor, b: Tensor): Tensor => {
    const shape = broadcastShape(a.shape, b.shape);
    const data = new Float32Array(sizeOf(shape));
    kernel(spread(shape, a), spread(shape, b), data);
    return { shape, data };
  };

const add = elementwise((a, b, into) => {
  for (let i = 0; i < into.length; i++) into[i] = (a[i] as number) + (b[i] as number);
});
const sub = elementwise((a, b, into) => {
  for (let i = 0; i < into.length; i++) into[i] = (a[i] as number) - (b[i] as number);
});
const mul = elementwise((a, b, into) => {
  for (let i = 0; i < into.length; i++) into[i] = (a[i] as number) * (b[i] as number);
});
const div = elementwise((a, b, into) => {
  for (let i = 0; i < into.length; i++) into[i] = (a[i] as number) / (b[i] as number);
});
const max = elementwise((a, b, into) => {
  for (let i = 0; i < into.length; i++) into[i] = Math.max(a[i] as number, b[i] as number);
});
const min = elementwise((a, b, into) => {
  for (let i = 0; i < into.length; i++) into[i] = Math.min(a[i] as number, b[i] as number);
});
const less = elementwise((a, b, into) => {
  for (let i = 0; i < into.length; i++) into[i] = (a[i] as number) < (b[i] as number) ? 1 : 0;
});
const equal = elementwise((a, b, into) => {
  for (let i = 0; i < into.length; i++) into[i] = (a[i] as number) === (b[i] as number) ? 1 : 0;
});

function where(condition: Tensor, a: Tensor, b: Tensor): Tensor {
  const shape = broadcastShape(condition.shape, broadcastShape(a.shape, b.shape));
  const chosen = spread(shape, condition);
  const left = spread(shape, a);
  const right = spread(shape, b);
  const data = new Float32Array(sizeOf(shape));
  for (let i = 0; i < data.length; i++) data[i] = (chosen[i] === 0 ? right[i] : left[i]) as number;
  return { shape, data };
}

const take = (x: Tensor, indices: readonly number[]): Tensor => ({
  shape: [...x.shape.slice(0, -1), indices.length],
  data: takeColumns(x.data, x.shape.at(-1) ?? 1, indices),
});

const takeRows = (x: Tensor, indices: readonly number[]): Tensor => {
  const [count = 0, rows = 1, columns = 1] = x.shape;
  const data = new Float32Array(count * indices.length * columns);
  for (let r = 0, o = 0; r < count; r++) {
    for (let i = 0; i < indices.length; i++, o += columns) {
      const from = (r * rows + (indices[i] as number)) * columns;
      data.set(x.data.subarray(from, from + columns), o);
    }
  }
  return { shape: [count, indices.length, columns], data };
};

/** The shape with its last two axes swapped. */
export const transposedShape = (shape: readonly number[]): number[] => [
  ...shape.slice(0, -2),
  ...shape.slice(-2).reverse(),
];

function transpose(x: Tensor): Tensor {
  const [rows = 1, columns = 1] = x.shape.slice(-2);
  const size = rows * columns;
  const data = new Float32Array(x.data.length);
  for (let block = 0; block < data.length; block += size) {
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        data[block + c * rows + r] = x.data[block + r * columns + c] as number;
      }
    }
  }
  return { shape: transposedShape(x.shape), data };
}

function concat(xs: readonly Tensor[]): Tensor {
  const width = xs.reduce((sum, x) => sum + (x.shape.at(-1) ?? 1), 0);
  const lead = xs[0]?.shape.slice(0, -1) ?? [];
  const rows = sizeOf(lead);
  const data = new Float32Array(rows * width);
  let at = 0;
  for (const x of xs) {
    const own = x.shape.at(-1) ?? 1;
    if (x.data.length !== rows * own) throw new ShapeMismatch('concat needs equal leading axes');
    placeColumns(x.data, own, data, width, at);
    at += own;
  }
  return { shape: [...lead, width], data };
}

/** Adds `factor` times row `k` of `y` to `into`. */
function addScaled(into: Float64Array, y: Float32Array, k: number, factor: number): void {
  const columns = into.length;
  for (let c = 0; c < columns; c++) {
    into[c] = (into[c] as number) + factor * (y[k * columns + c] as number);
  }
}

/** A product with one column. */
function products(x: Float32Array, y: Float32Array): Float32Array {
  const inner = y.length;
  const data = new Float32Array(x.length / inner);
  for (let r = 0, i = 0; r < data.length; r++) {
    let sum = 0;
    for (let k = 0; k < inner; k++, i++) sum += (x[i] as number) * (y[k] as number);
    data[r] = sum;
  }
  return data;
}

function matmul(x: Tensor, y: Tensor): Tensor {
  const [inner = 1, columns = 1] = y.shape;
  if (x.shape.at(-1) !== inner) throw new ShapeMismatch('matmul needs equal inner axes');
  if (columns === 1) return { shape: [...x.shape.slice(0, -1), 1], data: products(x.data, y.data) };
  const rows = x.data.length / inner;
  const data = new Float32Array(rows * columns);
  const row = new Float64Array(columns);
  for (let r = 0; r < rows; r++) {
    row.fill(0);
    for (let k = 0; k < inner; k++) {
      const factor = x.data[r * inner + k] as number;
      // Most factors are those of a one-hot.
      if (factor !== 0) addScaled(row, y.data, k, factor);
    }
    data.set(row, r * columns);
  }
  return { shape: [...x.shape.slice(0, -1), columns], data };
}

/** Folds one axis: `fold` answers the value of `length` entries from `first`, `step` apart. */
function reduce(
  x: Tensor,
  axis: number,
  fold: (data: Float32Array, first: number, length: number, step: number) => number,
): Tensor {
  const length = x.shape[axis] ?? 1;
  const step = sizeOf(x.shape.slice(axis + 1));
  const data = new Float32Array(x.data.length / length);
  for (let i = 0; i < data.length; i++) {
    data[i] = fold(x.data, Math.floor(i / step) * length * step + (i % step), length, step);
  }
  return { shape: x.shape.map((d, i) => (i === axis ? 1 : d)), data };
}

function sumOf(data: Float32Array, first: number, length: number, step: number): number {
  let sum = 0;
  for (let k = 0, i = first; k < length; k++, i += step) sum += data[i] as number;
  return sum;
}

function largestOf(data: Float32Array, first: number, length: number, step: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let k = 0, i = first; k < length; k++, i += step) largest = Math.max(largest, data[i] as number);
  return largest;
}

function abs(x: Tensor): Tensor {
  const data = new Float32Array(x.data.length);
  for (let i = 0; i < data.length; i++) data[i] = Math.abs(x.data[i] as number);
  return { shape: x.shape, data };
}

const wins: Algebra<Tensor>['wins'] = (days, values, { atLeast, counted }) => {
  const [rows = 0, hours = 1, columns = 1] = values.shape;
  const operands = {
    ...{ days: days.data, values: values.data },
    ...{ atLeast: atLeast?.data ?? null, counted: counted?.data ?? null },
  };
  return { shape: [rows, hours, 1], data: countWins(operands, { rows, hours, columns }) };
};

/** Runs the operations on numbers. */
export const numeric: Algebra<Tensor> = {
  constant: (values, shape) => ({ shape, data: Float32Array.from(values) }),
  shapeOf: (x) => x.shape,
  reshape: (x, trailing) => ({ shape: [x.data.length / sizeOf(trailing), ...trailing], data: x.data }),
  take,
  takeRows,
  transpose,
  concat,
  add,
  sub,
  mul,
  div,
  max,
  min,
  less,
  equal,
  abs,
  where,
  matmul,
  sum: (x, axis) => reduce(x, axis, sumOf),
  total: (x, axis) => reduce(x, axis, sumOf),
  sums: matmul,
  largest: (x, axis) => reduce(x, axis, largestOf),
  wins,
  each: (inputs, compute) => inputs.map(compute),
  lstm: (x, weights) => {
    const [rows = 0, steps = 1] = x.shape;
    return { shape: [rows, weights.units], data: runLstm(x.data, steps, weights) };
  },
  trees: (x, booster) => {
    const [rows = 0, columns = 1] = x.shape;
    return { shape: [rows, 1], data: predict(booster, x.data, rows, columns) };
  },
};

/** Rows of model input as a tensor. */
export const tensorOf = (data: Float32Array, shape: readonly number[]): Tensor => ({ shape, data });
