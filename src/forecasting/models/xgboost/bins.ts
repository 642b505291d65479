import { checkMatrix, type Matrix } from './booster.ts';

/**
 * A feature matrix cut into at most 256 bins a column; it can be shared by any number of boosters.
 * A value's bin is the number of its column's cuts that are ≤ the value, so `bin ≤ i` means `value < cut i`.
 * Bins of all columns are numbered through as histogram slots: every column has one slot more than it has cuts;
 * where values are missing, the last slot is theirs and the last cut lies above every value (all known values
 * left, missing ones right).
 */
export interface BinnedMatrix {
  readonly rows: number;
  readonly columns: number;
  /** Slot of every value, row-major, [rows × columns]: summing a histogram is one pass over a row's numbers. */
  readonly slotOf: Uint16Array | Uint32Array;
  /** Ascending float32 cuts of each column. */
  readonly cuts: readonly Float32Array[];
  /** First slot of each column, and after the last one the number of slots. */
  readonly firstSlot: Uint32Array;
  /** 1 where a column has missing values. */
  readonly hasMissing: Uint8Array;
}

/** Bins every column by its own quantiles. Throws `RangeError` for an infinite value, naming row and column. */
export const binMatrix = (matrix: Matrix, maxBin = 256): BinnedMatrix => {
  checkMatrix(matrix);
  const { rows, columns } = matrix;
  const slotOf = columns * 256 <= 65_536 ? new Uint16Array(rows * columns) : new Uint32Array(rows * columns);
  const cuts: Float32Array[] = [];
  const firstSlot = new Uint32Array(columns + 1);
  const hasMissing = new Uint8Array(columns);
  for (let column = 0; column < columns; column += 1) {
    const { known, missing } = sortedColumn(matrix, column);
    const columnCuts = chooseCuts(known, missing, maxBin);
    cuts.push(columnCuts);
    hasMissing[column] = missing ? 1 : 0;
    const first = firstSlot[column] as number;
    firstSlot[column + 1] = first + columnCuts.length + 1;
    assignSlots(matrix, column, columnCuts, first, slotOf);
  }
  return { rows, columns, slotOf, cuts, firstSlot, hasMissing };
};

const sortedColumn = ({ data, rows, columns }: Matrix, column: number) => {
  const values = new Float32Array(rows);
  let count = 0;
  for (let row = 0; row < rows; row += 1) {
    const value = data[row * columns + column] as number;
    if (Number.isNaN(value)) continue;
    if (!Number.isFinite(value)) throw new RangeError(`feature ${column} of row ${row} is ${value}`);
    values[count] = value;
    count += 1;
  }
  return { known: values.subarray(0, count).sort(), missing: count < rows };
};

/** Cuts at every distinct value where they fit, else at values of equal frequency, as XGBoost places them. */
const chooseCuts = (sorted: Float32Array, missing: boolean, maxBin: number): Float32Array => {
  const room = missing ? maxBin - 2 : maxBin - 1;
  const distinct = distinctValues(sorted);
  const chosen = distinct.length - 1 <= room ? distinct.slice(1) : quantileCuts(sorted, room);
  if (!missing) return chosen;
  const highest = sorted.at(-1) ?? 0;
  return Float32Array.of(...chosen, Math.min(highest + Math.abs(highest) + 1e-5, 3.4028234663852886e38));
};

const distinctValues = (sorted: Float32Array): Float32Array =>
  sorted.filter((value, index) => index === 0 || value !== sorted[index - 1]);

const quantileCuts = (sorted: Float32Array, room: number): Float32Array => {
  const ranks = Array.from({ length: room }, (_, i) => Math.floor(((i + 1) * sorted.length) / (room + 1)));
  const values = Float32Array.from(ranks, (rank) => sorted[rank] as number);
  const lowest = sorted[0] as number;
  return distinctValues(values).filter((value) => value > lowest);
};

const assignSlots = (
  { data, rows, columns }: Matrix,
  column: number,
  cuts: Float32Array,
  first: number,
  slotOf: Uint16Array | Uint32Array,
): void => {
  for (let row = 0; row < rows; row += 1) {
    const at = row * columns + column;
    const value = data[at] as number;
    slotOf[at] = first + (Number.isNaN(value) ? cuts.length : upperBound(cuts, value));
  }
};

/** How many of the ascending `cuts` are ≤ `value`. */
const upperBound = (cuts: Float32Array, value: number): number => {
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cuts[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
};
