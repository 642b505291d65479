import { ANCHORS, anchorShare, HOURS_OF_DAY } from './hour-of-issue.ts';
import { addMoments, addRow, type Moments, noMoments, solveRidge } from './normal-equations.ts';

/** Observations of a regression whose coefficients change over the hours of the day. */
export interface Sample {
  /** [rows × columns], row-major. */
  readonly values: Float64Array;
  readonly columns: number;
  /** [rows] */
  readonly targets: Float64Array;
  /** Hour of the day of each row. [rows] */
  readonly hours: Uint8Array;
}

/** Of one anchor. */
export interface RidgeFit {
  readonly intercept: number;
  /** [columns] */
  readonly coefficients: Float64Array;
}

/** Values about their mean, so that the sums keep their digits. */
interface Centred {
  /** The columns less their means, then one of ones, [rows × (columns + 1)]. */
  readonly z: Float64Array;
  readonly mean: Float64Array;
}

function centre({ values, columns, targets }: Sample): Centred {
  const rows = targets.length;
  const mean = new Float64Array(columns);
  values.forEach((value, i) => {
    mean[i % columns] = (mean[i % columns] as number) + value / rows;
  });
  const width = columns + 1;
  const z = new Float64Array(rows * width).fill(1);
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < columns; j++) {
      z[r * width + j] = (values[r * columns + j] as number) - (mean[j] as number);
    }
  }
  return { z, mean };
}

/** Rows of all hours that every anchor hears besides its own: what holds all day is learnt from all of it. */
const SHARED_ROWS = 35;

/** Coefficients of the centred columns with the intercept last, by anchor. */
function solveAnchors(byHour: readonly Moments[], width: number, rows: number, penalty: number) {
  const everywhere = noMoments(width);
  for (const moments of byHour) addMoments(everywhere, moments, 1);
  return Array.from({ length: ANCHORS }, (_, anchor) => {
    const own = noMoments(width);
    addMoments(own, everywhere, SHARED_ROWS / rows);
    byHour.forEach((moments, hour) => {
      const share = anchorShare(hour, anchor);
      if (share > 0) addMoments(own, moments, share);
    });
    return solveRidge(own, penalty);
  });
}

/** What the anchors give at an hour. */
const mixed = (anchors: readonly Float64Array[], hour: number): Float64Array =>
  (anchors[0] as Float64Array).map((_, j) =>
    anchors.reduce((sum, own, anchor) => sum + anchorShare(hour, anchor) * (own[j] as number), 0),
  );

function missSizes(
  { targets, hours }: Sample,
  z: Float64Array,
  anchors: readonly Float64Array[],
): Float64Array {
  const byHour = Array.from({ length: HOURS_OF_DAY }, (_, hour) => mixed(anchors, hour));
  return targets.map((target, r) => {
    const b = byHour[hours[r] as number] as Float64Array;
    let value = 0;
    for (let j = 0, i = r * b.length; j < b.length; j++, i++) value += (b[j] as number) * (z[i] as number);
    return Math.abs(target - value);
  });
}

/** Fits of ever better weights; the first has equal ones. */
const ROUNDS = 3;

/** Misses under this multiple of the median count fully; beyond it the loss grows with their size only. */
const FULL_WEIGHT = 0.5;

function weightsFor(sizes: Float64Array): Float64Array {
  const median = (sizes.toSorted()[sizes.length >> 1] ?? 0) + 1e-9;
  return sizes.map((size) => 1 / Math.max(size / median, FULL_WEIGHT));
}

function momentsByHour({ targets, hours }: Sample, z: Float64Array, weights: Float64Array): Moments[] {
  const width = z.length / targets.length;
  const byHour = Array.from({ length: HOURS_OF_DAY }, () => noMoments(width));
  targets.forEach((target, r) => {
    addRow(byHour[hours[r] as number] as Moments, z, r, target, weights[r] as number);
  });
  return byHour;
}

/**
 * Ridge regressions that single wild hours cannot bend, one for each anchor of the day: minimises Huber's loss of
 * y − a − xᵀb plus `penalty`·Σ(b·spread)² by iteratively reweighted least squares (Huber, Robust Statistics, 1981),
 * where a and b at an hour are mixed from the anchors beside it. The penalty is relative to the number of rows.
 */
export function robustRidge(sample: Sample, penalty: number): RidgeFit[] {
  const { z, mean } = centre(sample);
  const rows = sample.targets.length;
  let weights: Float64Array = new Float64Array(rows).fill(1);
  let anchors: Float64Array[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    if (round > 1) weights = weightsFor(missSizes(sample, z, anchors));
    anchors = solveAnchors(momentsByHour(sample, z, weights), sample.columns + 1, rows, penalty);
  }
  return anchors.map((b) => {
    const coefficients = b.slice(0, -1);
    const intercept = coefficients.reduce((a, c, j) => a - c * (mean[j] as number), b.at(-1) ?? 0);
    return { intercept, coefficients };
  });
}
