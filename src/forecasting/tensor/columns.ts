/** Columns of row-major values: most features are spans of rows, which are copied whole. */

/** Below this length a row is copied quicker value by value. */
const SPAN_LENGTH = 16;

const contiguous = (indices: readonly number[]): boolean =>
  indices.every((index, i) => index === (indices[0] ?? 0) + i);

function takeSpan(x: Float32Array, width: number, from: number, length: number): Float32Array {
  const data = new Float32Array((x.length / width) * length);
  for (let at = from, o = 0; o < data.length; at += width, o += length)
    data.set(x.subarray(at, at + length), o);
  return data;
}

/** The values at `indices` of every row of `width`, in their order. */
export function takeColumns(x: Float32Array, width: number, indices: readonly number[]): Float32Array {
  const count = indices.length;
  if (count >= SPAN_LENGTH && contiguous(indices)) return takeSpan(x, width, indices[0] ?? 0, count);
  const rows = x.length / width;
  const data = new Float32Array(rows * count);
  for (let r = 0, o = 0; r < rows; r++) {
    for (let i = 0; i < count; i++, o++) data[o] = x[r * width + (indices[i] as number)] as number;
  }
  return data;
}

/** Writes rows of `own` values into columns `at` of rows of `width`. */
export function placeColumns(
  x: Float32Array,
  own: number,
  into: Float32Array,
  width: number,
  at: number,
): void {
  for (let from = 0, to = at; from < x.length; from += own, to += width) {
    if (own >= SPAN_LENGTH) into.set(x.subarray(from, from + own), to);
    else for (let k = 0; k < own; k++) into[to + k] = x[from + k] as number;
  }
}
