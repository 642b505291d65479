import { ANCHORS, anchorShare, HOURS_OF_DAY } from './hour-of-issue.ts';
import { addMoments, addRow, clearMoments, type Moments, noMoments, solveRidge } from './normal-equations.ts';

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
  for (let i = 0; i < values.length; i++) {
    mean[i % columns] = (mean[i % columns] as number) + (values[i] as number) / rows;
  }
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

/** A sample with what its rounds share. */
interface Rounds {
  readonly sample: Sample;
  readonly z: Float64Array;
  /** Positions of the rows of each hour. */
  readonly byHour: readonly (readonly number[])[];
  readonly hour: Moments;
  readonly everywhere: Moments;
  readonly anchors: readonly Moments[];
}

function roundsOf(sample: Sample, z: Float64Array): Rounds {
  const width = sample.columns + 1;
  const byHour = Array.from({ length: HOURS_OF_DAY }, (): number[] => []);
  sample.hours.forEach((hour, r) => {
    byHour[hour]?.push(r);
  });
  const anchors = Array.from({ length: ANCHORS }, () => noMoments(width));
  return { sample, z, byHour, hour: noMoments(width), everywhere: noMoments(width), anchors };
}

/** Coefficients of the centred columns with the intercept last, by anchor. */
function solveAnchors(rounds: Rounds, weights: Float64Array, penalty: number): Float64Array[] {
  const { sample, z, byHour, hour: ofHour, everywhere, anchors } = rounds;
  const { targets } = sample;
  for (const moments of [everywhere, ...anchors]) clearMoments(moments);
  byHour.forEach((rows, hour) => {
    clearMoments(ofHour);
    for (const r of rows) addRow(ofHour, z, r, targets[r] as number, weights[r] as number);
    addMoments(everywhere, ofHour, 1);
    anchors.forEach((moments, anchor) => {
      const share = anchorShare(hour, anchor);
      if (share > 0) addMoments(moments, ofHour, share);
    });
  });
  return anchors.map((moments) => {
    addMoments(moments, everywhere, SHARED_ROWS / targets.length);
    return solveRidge(moments, penalty);
  });
}

/** What the anchors give at an hour. */
const mixed = (anchors: readonly Float64Array[], hour: number): Float64Array =>
  (anchors[0] as Float64Array).map((_, j) =>
    anchors.reduce((sum, own, anchor) => sum + anchorShare(hour, anchor) * (own[j] as number), 0),
  );

function missSizes({ sample, z, byHour }: Rounds, anchors: readonly Float64Array[]): Float64Array {
  const sizes = new Float64Array(sample.targets.length);
  byHour.forEach((rows, hour) => {
    const b = mixed(anchors, hour);
    for (const r of rows) {
      let value = 0;
      for (let j = 0, i = r * b.length; j < b.length; j++, i++) value += (b[j] as number) * (z[i] as number);
      sizes[r] = Math.abs((sample.targets[r] as number) - value);
    }
  });
  return sizes;
}

/** Fits of ever better weights; the first has equal ones. */
const ROUNDS = 3;

/** Misses under this multiple of the median count fully; beyond it the loss grows with their size only. */
const FULL_WEIGHT = 0.5;

function weightsFor(sizes: Float64Array): Float64Array {
  const median = (sizes.toSorted()[sizes.length >> 1] ?? 0) + 1e-9;
  return sizes.map((size) => 1 / Math.max(size / median, FULL_WEIGHT));
}

/**
 * Ridge regressions that single wild hours cannot bend, one for each anchor of the day: minimises Huber's loss of
 * y − a − xᵀb plus `penalty`·Σ(b·spread)² by iteratively reweighted least squares (Huber, Robust Statistics, 1981),
 * where a and b at an hour are mixed from the anchors beside it. The penalty is relative to the number of rows.
 */
export function robustRidge(sample: Sample, penalty: number): RidgeFit[] {
  const { z, mean } = centre(sample);
  const rounds = roundsOf(sample, z);
  let weights: Float64Array = new Float64Array(sample.targets.length).fill(1);
  let anchors = solveAnchors(rounds, weights, penalty);
  for (let round = 2; round <= ROUNDS; round++) {
    weights = weightsFor(missSizes(rounds, anchors));
    anchors = solveAnchors(rounds, weights, penalty);
  }
  return anchors.map((b) => {
    const coefficients = b.slice(0, -1);
    const intercept = coefficients.reduce((a, c, j) => a - c * (mean[j] as number), b.at(-1) ?? 0);
    return { intercept, coefficients };
  });
}
