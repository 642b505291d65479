import type { BinnedMatrix } from './bins.ts';

/** First and second derivative of the loss at each row's prediction. */
export interface Gradients {
  readonly gradient: Float32Array;
  readonly hessian: Float32Array;
}

/** Sums of gradient and hessian for every histogram slot, interleaved: [slots × 2]. */
export type Histogram = Float64Array;

/** Histograms of one size, handed out and taken back: a tree needs dozens, thousands of times. */
export interface HistogramPool {
  take(): Histogram;
  give(histogram: Histogram): void;
}

export const createHistogramPool = (slots: number): HistogramPool => {
  const free: Histogram[] = [];
  return {
    take: () => free.pop()?.fill(0) ?? new Float64Array(slots * 2),
    give: (histogram) => {
      free.push(histogram);
    },
  };
};

/** Adds the given rows to the histogram, for the chosen columns. */
export const buildHistogram = (
  binned: BinnedMatrix,
  gradients: Gradients,
  chosen: Uint32Array,
  rows: Uint32Array,
  into: Histogram,
): void => {
  if (chosen.length === binned.columns) addWholeRows(binned, gradients, rows, into);
  else addChosenColumns(binned, gradients, chosen, rows, into);
};

const addWholeRows = (
  { slotOf, columns }: BinnedMatrix,
  { gradient, hessian }: Gradients,
  rows: Uint32Array,
  into: Histogram,
): void => {
  for (let i = 0; i < rows.length; i += 1) {
    const row = rows[i] as number;
    const g = gradient[row] as number;
    const h = hessian[row] as number;
    const end = (row + 1) * columns;
    for (let value = row * columns; value < end; value += 1) {
      const at = (slotOf[value] as number) << 1;
      into[at] = (into[at] as number) + g;
      into[at + 1] = (into[at + 1] as number) + h;
    }
  }
};

const addChosenColumns = (
  { slotOf, columns }: BinnedMatrix,
  { gradient, hessian }: Gradients,
  chosen: Uint32Array,
  rows: Uint32Array,
  into: Histogram,
): void => {
  const count = chosen.length;
  for (let i = 0; i < rows.length; i += 1) {
    const row = rows[i] as number;
    const g = gradient[row] as number;
    const h = hessian[row] as number;
    const first = row * columns;
    for (let c = 0; c < count; c += 1) {
      const at = (slotOf[first + (chosen[c] as number)] as number) << 1;
      into[at] = (into[at] as number) + g;
      into[at + 1] = (into[at + 1] as number) + h;
    }
  }
};

/** The sibling's histogram is the parent's less the other child's: `parent` becomes the sibling's. */
export const subtractHistogram = (parent: Histogram, child: Histogram): void => {
  for (let at = 0; at < parent.length; at += 1) parent[at] = (parent[at] as number) - (child[at] as number);
};
