import type { Gradients } from './histogram.ts';
import type { Objective } from './parameters.ts';
import { rankQuantile, weightedQuantile } from './quantile.ts';

/** What is to be predicted, and how much each row counts; null weights count every row once. */
export interface Labels {
  readonly target: Float32Array;
  readonly weights: Float32Array | null;
}

const weightOf = (weights: Float32Array | null, row: number): number =>
  weights === null ? 1 : (weights[row] as number);

/** Derivative of the loss by the prediction; the second derivative is the row's weight for every objective. */
const slope = (objective: Objective, prediction: number, target: number): number => {
  switch (objective.name) {
    case 'squared-error':
      return prediction - target;
    case 'absolute-error':
      return Math.sign(prediction - target);
    case 'quantile-error':
      return prediction >= target ? 1 - objective.alpha : -objective.alpha;
  }
};

/** Fills the gradients in for the predictions so far. */
export const updateGradients = (
  objective: Objective,
  { target, weights }: Labels,
  predictions: Float32Array,
  { gradient, hessian }: Gradients,
): void => {
  for (let row = 0; row < target.length; row += 1) {
    const weight = weightOf(weights, row);
    gradient[row] = slope(objective, predictions[row] as number, target[row] as number) * weight;
    hessian[row] = weight;
  }
};

const loss = (objective: Objective, prediction: number, target: number): number => {
  const error = target - prediction;
  switch (objective.name) {
    case 'squared-error':
      return error * error;
    case 'absolute-error':
      return Math.abs(error);
    case 'quantile-error':
      return error >= 0 ? objective.alpha * error : (objective.alpha - 1) * error;
  }
};

/** Weighted mean loss: RMSE, mean absolute error or mean pinball loss, in the target's unit. NaN without rows. */
export const meanLoss = (
  objective: Objective,
  { target, weights }: Labels,
  predictions: Float32Array,
): number => {
  let sum = 0;
  let total = 0;
  for (let row = 0; row < target.length; row += 1) {
    const weight = weightOf(weights, row);
    sum += weight * loss(objective, predictions[row] as number, target[row] as number);
    total += weight;
  }
  return objective.name === 'squared-error' ? Math.sqrt(sum / total) : sum / total;
};

/** Level of the quantile that minimises the loss, or null for the squared error, which Newton's step minimises. */
const quantileLevel = (objective: Objective): number | null => {
  switch (objective.name) {
    case 'squared-error':
      return null;
    case 'absolute-error':
      return 0.5;
    case 'quantile-error':
      return objective.alpha;
  }
};

/** The best constant prediction: the weighted mean or quantile of the target. */
export const baseScore = (objective: Objective, { target, weights }: Labels): number => {
  const level = quantileLevel(objective);
  if (target.length === 0) return 0;
  if (level !== null) return Math.fround(quantile(target, weights, level));
  let sum = 0;
  let total = 0;
  for (let row = 0; row < target.length; row += 1) {
    const weight = weightOf(weights, row);
    sum += weight * (target[row] as number);
    total += weight;
  }
  return total > 0 ? Math.fround(sum / total) : 0;
};

/**
 * The value of a leaf before shrinkage where Newton's step says little because the second derivative is not the
 * loss's own: the quantile of the leaf's residuals. Null for the squared error.
 */
export const refreshedLeaf = (
  objective: Objective,
  { target, weights }: Labels,
  predictions: Float32Array,
  rows: Uint32Array,
): number | null => {
  const level = quantileLevel(objective);
  if (level === null || rows.length === 0) return null;
  const residuals = new Float32Array(rows.length);
  rows.forEach((row, i) => {
    residuals[i] = (target[row] as number) - (predictions[row] as number);
  });
  const own = weights === null ? null : Float32Array.from(rows, (row) => weights[row] as number);
  return quantile(residuals, own, level);
};

const quantile = (values: Float32Array, weights: Float32Array | null, level: number): number =>
  weights === null ? rankQuantile(values.slice(), level) : weightedQuantile(values, weights, level);
