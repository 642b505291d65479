import type { BinnedMatrix } from './bins.ts';
import type { Histogram } from './histogram.ts';
import type { BoosterParameters } from './parameters.ts';

/** Sums over the rows of a node. */
export interface NodeSums {
  readonly gradient: number;
  readonly hessian: number;
}

/** The best way found to divide a node; `gain` is the loss reduction against leaving it a leaf. */
export interface Split {
  gain: number;
  column: number;
  /** Index of the cut within its column; rows with `bin ≤ cut` go left. */
  cut: number;
  defaultLeft: boolean;
  leftGradient: number;
  leftHessian: number;
}

/** XGBoost's least gain of a split (`kRtEps`). */
const LEAST_GAIN = 1e-6;

const shrinkL1 = (gradient: number, alpha: number): number => {
  if (gradient > alpha) return gradient - alpha;
  return gradient < -alpha ? gradient + alpha : 0;
};

/** Newton weight of a node: −soft(G, α) / (H + λ) (Chen and Guestrin, KDD 2016, eq. 5). */
export const nodeWeight = ({ gradient, hessian }: NodeSums, { alpha, lambda }: BoosterParameters): number =>
  hessian + lambda > 0 ? shrinkL1(-gradient, alpha) / (hessian + lambda) : 0;

const score = (gradient: number, hessian: number, alpha: number, lambda: number): number => {
  const shrunk = alpha === 0 ? gradient : shrinkL1(gradient, alpha);
  return (shrunk * shrunk) / (hessian + lambda);
};

/** The split of greatest gain over the chosen columns, or null when none gains enough. */
export const findSplit = (
  binned: BinnedMatrix,
  histogram: Histogram,
  chosen: Uint32Array,
  node: NodeSums,
  parameters: BoosterParameters,
): Split | null => {
  const { alpha, lambda } = parameters;
  const own = score(node.gradient, node.hessian, alpha, lambda);
  const best: Split = {
    gain: own + Math.max(LEAST_GAIN, parameters.gamma),
    column: -1,
    cut: 0,
    defaultLeft: false,
    leftGradient: 0,
    leftHessian: 0,
  };
  for (const column of chosen) {
    const first = binned.firstSlot[column] as number;
    const cuts = (binned.firstSlot[column + 1] as number) - first - 1;
    scanMissingRight(histogram, first, cuts, column, node, parameters, best);
    const missing = histogram[2 * (first + cuts) + 1] as number;
    if (binned.hasMissing[column] === 1 && missing > 0) {
      scanMissingLeft(histogram, first, cuts, column, node, parameters, best);
    }
  }
  if (best.column < 0) return null;
  best.gain -= own;
  return best;
};

/** Known values below the cut go left, all else right. */
const scanMissingRight = (
  histogram: Histogram,
  first: number,
  cuts: number,
  column: number,
  node: NodeSums,
  { alpha, lambda, minChildWeight }: BoosterParameters,
  best: Split,
): void => {
  const least = Math.max(minChildWeight, LEAST_GAIN);
  let gradient = 0;
  let hessian = 0;
  for (let cut = 0; cut < cuts; cut += 1) {
    const at = (first + cut) << 1;
    const added = histogram[at + 1] as number;
    gradient += histogram[at] as number;
    hessian += added;
    if (added === 0 || hessian < least) continue;
    const other = node.hessian - hessian;
    if (other < least) break;
    const gain =
      score(gradient, hessian, alpha, lambda) + score(node.gradient - gradient, other, alpha, lambda);
    if (gain > best.gain) record(best, gain, column, cut, false, gradient, hessian);
  }
};

/** Known values at or above the cut go right, all else left. */
const scanMissingLeft = (
  histogram: Histogram,
  first: number,
  cuts: number,
  column: number,
  node: NodeSums,
  { alpha, lambda, minChildWeight }: BoosterParameters,
  best: Split,
): void => {
  const least = Math.max(minChildWeight, LEAST_GAIN);
  let gradient = 0;
  let hessian = 0;
  for (let bin = cuts - 1; bin > 0; bin -= 1) {
    const at = (first + bin) << 1;
    gradient += histogram[at] as number;
    hessian += histogram[at + 1] as number;
    if (hessian < least) continue;
    const other = node.hessian - hessian;
    if (other < least) break;
    const rest = node.gradient - gradient;
    const gain = score(gradient, hessian, alpha, lambda) + score(rest, other, alpha, lambda);
    if (gain > best.gain) record(best, gain, column, bin - 1, true, rest, other);
  }
};

const record = (
  best: Split,
  gain: number,
  column: number,
  cut: number,
  defaultLeft: boolean,
  leftGradient: number,
  leftHessian: number,
): void => {
  best.gain = gain;
  best.column = column;
  best.cut = cut;
  best.defaultLeft = defaultLeft;
  best.leftGradient = leftGradient;
  best.leftHessian = leftHessian;
};
