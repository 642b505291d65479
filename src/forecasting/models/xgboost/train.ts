import { type BinnedMatrix, binMatrix } from './bins.ts';
import { addTree, type Booster, checkMatrix, type Matrix, type Tree } from './booster.ts';
import { type GrowContext, type GrownTree, growTree } from './grow.ts';
import { createHistogramPool } from './histogram.ts';
import { baseScore, type Labels, meanLoss, refreshedLeaf, updateGradients } from './objective.ts';
import { type BoosterParameters, resolveParameters } from './parameters.ts';
import { createRandom, sampleColumns, sampleRows } from './random.ts';

/** Rows kept out of the fit, judged after every round. */
interface Evaluation {
  readonly matrix: Matrix;
  readonly target: Float32Array;
  readonly weights?: Float32Array;
}

/** State after a round. Losses are RMSE, mean absolute error or mean pinball loss, in the target's unit. */
interface RoundReport {
  /** 1 for the first. */
  readonly round: number;
  readonly rounds: number;
  readonly trainingLoss: number;
  readonly evaluationLoss: number | null;
}

export interface TrainOptions {
  /** One weight a row, not negative. */
  readonly weights?: Float32Array;
  readonly evaluation?: Evaluation;
  readonly onRound?: (report: RoundReport) => void;
  /** Looked at before each round; the signal's reason is thrown when it is aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Fits gradient boosted trees (Chen and Guestrin, "XGBoost", KDD 2016, with histogram splits) to the features
 * [rows × columns] and target [rows]. With an evaluation set and `earlyStoppingRounds`, the booster ends at the
 * round of least evaluation loss. The same input gives the same booster.
 * Throws `RangeError` for shapes that do not fit, infinite features and targets or weights that are no numbers.
 */
export const trainBooster = (
  matrix: Matrix,
  target: Float32Array,
  parameters: Partial<BoosterParameters>,
  options: TrainOptions = {},
): Booster => {
  const { maxBin } = resolveParameters(parameters);
  return trainOnBins(binMatrix(matrix, maxBin), target, parameters, options);
};

/** Like {@link trainBooster}, on a matrix that is binned already and may serve several boosters. */
export const trainOnBins = (
  binned: BinnedMatrix,
  target: Float32Array,
  given: Partial<BoosterParameters>,
  options: TrainOptions = {},
): Booster => {
  const parameters = resolveParameters(given);
  const labels = checkedLabels(target, options.weights, binned.rows);
  const base = baseScore(parameters.objective, labels);
  const judge = createJudge(parameters, options.evaluation, base);
  const step = createRounds(binned, labels, parameters, base);
  const trees: Tree[] = [];
  for (let round = 1; round <= parameters.rounds; round += 1) {
    options.signal?.throwIfAborted();
    const { tree, predictions } = step();
    trees.push(tree);
    const evaluationLoss = judge.add(tree, round);
    if (options.onRound) {
      const trainingLoss = meanLoss(parameters.objective, labels, predictions);
      options.onRound({ round, rounds: parameters.rounds, trainingLoss, evaluationLoss });
    }
    if (judge.shouldStop(round)) break;
  }
  return {
    objective: parameters.objective,
    columns: binned.columns,
    baseScore: base,
    trees: trees.slice(0, judge.bestRound() ?? trees.length),
  };
};

const checkedLabels = (target: Float32Array, weights: Float32Array | undefined, rows: number): Labels => {
  if (rows === 0) throw new RangeError('a booster needs at least one row');
  if (target.length !== rows) throw new RangeError(`${rows} rows need as many targets, not ${target.length}`);
  if (weights && weights.length !== rows) {
    throw new RangeError(`${rows} rows need as many weights, not ${weights.length}`);
  }
  const row = target.findIndex((value) => !Number.isFinite(value));
  if (row >= 0) throw new RangeError(`the target of row ${row} is ${target[row]}`);
  const bad = weights?.findIndex((weight) => !(weight >= 0 && Number.isFinite(weight))) ?? -1;
  if (bad >= 0) throw new RangeError(`the weight of row ${bad} is ${weights?.[bad]}`);
  return { target, weights: weights ?? null };
};

/** Answers one boosting round after the other, with the training predictions after it. */
const createRounds = (binned: BinnedMatrix, labels: Labels, parameters: BoosterParameters, base: number) => {
  const { rows, columns } = binned;
  const predictions = new Float32Array(rows).fill(base);
  const random = createRandom(parameters.seed);
  const context: GrowContext = {
    binned,
    parameters,
    gradients: { gradient: new Float32Array(rows), hessian: new Float32Array(rows) },
    pool: createHistogramPool(binned.firstSlot[columns] ?? 0),
    scratch: new Uint32Array(rows),
  };
  return () => {
    updateGradients(parameters.objective, labels, predictions, context.gradients);
    const sample = sampleRows(rows, parameters.subsample, random);
    const chosen = sampleColumns(columns, parameters.colsampleByTree, random);
    const grown = growTree(context, sample.rows, chosen);
    refreshLeaves(grown, labels, predictions, parameters);
    applyTree(binned, grown, sample.others, predictions);
    return { tree: grown.tree, predictions };
  };
};

const refreshLeaves = (
  { tree, leaves }: GrownTree,
  labels: Labels,
  predictions: Float32Array,
  { objective, learningRate }: BoosterParameters,
): void => {
  for (const { node, rows } of leaves) {
    const value = refreshedLeaf(objective, labels, predictions, rows);
    if (value !== null) tree.threshold[node] = value * learningRate;
  }
};

/** Adds the tree to the training predictions: by leaf for the rows it grew on, by routing for the others. */
const applyTree = (
  binned: BinnedMatrix,
  grown: GrownTree,
  others: Uint32Array,
  predictions: Float32Array,
): void => {
  for (const row of others) predictions[row] = (predictions[row] as number) + routedValue(binned, grown, row);
  for (const { node, rows } of grown.leaves) {
    const value = grown.tree.threshold[node] as number;
    for (const row of rows) predictions[row] = (predictions[row] as number) + value;
  }
};

const routedValue = (
  { slotOf, columns, firstSlot }: BinnedMatrix,
  { tree, lastLeft }: GrownTree,
  row: number,
): number => {
  const { left, right, feature, defaultLeft } = tree;
  let node = 0;
  let child = left[0] as number;
  while (child >= 0) {
    const column = feature[node] as number;
    const slot = slotOf[row * columns + column] as number;
    const missing = defaultLeft[node] === 1 && slot + 1 === firstSlot[column + 1];
    node = slot <= (lastLeft[node] as number) || missing ? child : (right[node] as number);
    child = left[node] as number;
  }
  return tree.threshold[node] as number;
};

/** Follows the evaluation loss and says when to stop and which round was best. */
const createJudge = (parameters: BoosterParameters, evaluation: Evaluation | undefined, base: number) => {
  const { objective, earlyStoppingRounds } = parameters;
  let best: { readonly round: number; readonly loss: number } | null = null;
  if (!evaluation) return { add: () => null, shouldStop: () => false, bestRound: () => null };
  checkMatrix(evaluation.matrix);
  const labels = checkedLabels(evaluation.target, evaluation.weights, evaluation.matrix.rows);
  const predictions = new Float32Array(evaluation.matrix.rows).fill(base);
  return {
    add: (tree: Tree, round: number): number => {
      addTree(tree, evaluation.matrix, predictions, 0, evaluation.matrix.rows);
      const loss = meanLoss(objective, labels, predictions);
      if (!best || loss < best.loss) best = { round, loss };
      return loss;
    },
    shouldStop: (round: number): boolean =>
      earlyStoppingRounds > 0 && best !== null && round - best.round >= earlyStoppingRounds,
    bestRound: (): number | null => (earlyStoppingRounds > 0 && best !== null ? best.round : null),
  };
};
