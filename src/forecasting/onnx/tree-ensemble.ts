import type { Booster, Tree } from '../models/xgboost/booster.ts';
import type { GraphBuilder, Value } from './graph.ts';

/** `ai.onnx.ml` TreeEnsembleRegressor, column by column. */
const createColumns = () => ({
  trees: [] as number[],
  ids: [] as number[],
  features: [] as number[],
  thresholds: [] as number[],
  modes: [] as string[],
  whenTrue: [] as number[],
  whenFalse: [] as number[],
  missingTrue: [] as number[],
  leafTrees: [] as number[],
  leafIds: [] as number[],
  leafValues: [] as number[],
});
type Columns = ReturnType<typeof createColumns>;

const addNode = (columns: Columns, tree: Tree, treeId: number, node: number): void => {
  const left = tree.left[node] as number;
  const leaf = left < 0;
  const threshold = tree.threshold[node] as number;
  columns.trees.push(treeId);
  columns.ids.push(node);
  columns.features.push(leaf ? 0 : (tree.feature[node] as number));
  columns.thresholds.push(leaf ? 0 : threshold);
  columns.modes.push(leaf ? 'LEAF' : 'BRANCH_LT');
  columns.whenTrue.push(leaf ? 0 : left);
  columns.whenFalse.push(leaf ? 0 : (tree.right[node] as number));
  columns.missingTrue.push(leaf ? 0 : (tree.defaultLeft[node] as number));
  if (!leaf) return;
  columns.leafTrees.push(treeId);
  columns.leafIds.push(node);
  columns.leafValues.push(threshold);
};

/**
 * Adds a booster to the graph: features [R, columns] float32 → predictions [R, 1]. Missing values (NaN) take each
 * split's default direction. A booster without trees predicts its base score.
 */
export const addTreeEnsemble = (graph: GraphBuilder, booster: Booster, features: Value): Value => {
  const columns = createColumns();
  const trees = booster.trees.length > 0 ? booster.trees : [NO_SPLIT];
  trees.forEach((tree, treeId) => {
    for (let node = 0; node < tree.left.length; node += 1) addNode(columns, tree, treeId, node);
  });
  return graph.node(
    'TreeEnsembleRegressor',
    [features],
    {
      n_targets: { int: 1 },
      aggregate_function: { string: 'SUM' },
      post_transform: { string: 'NONE' },
      base_values: { floats: Float32Array.of(booster.baseScore) },
      nodes_treeids: { ints: columns.trees },
      nodes_nodeids: { ints: columns.ids },
      nodes_featureids: { ints: columns.features },
      nodes_values: { floats: Float32Array.from(columns.thresholds) },
      nodes_modes: { strings: columns.modes },
      nodes_truenodeids: { ints: columns.whenTrue },
      nodes_falsenodeids: { ints: columns.whenFalse },
      nodes_missing_value_tracks_true: { ints: columns.missingTrue },
      target_treeids: { ints: columns.leafTrees },
      target_nodeids: { ints: columns.leafIds },
      target_ids: { ints: columns.leafIds.map(() => 0) },
      target_weights: { floats: Float32Array.from(columns.leafValues) },
    },
    { domain: 'ai.onnx.ml' },
  );
};

const NO_SPLIT: Tree = {
  left: Int32Array.of(-1),
  right: Int32Array.of(-1),
  feature: Int32Array.of(0),
  threshold: Float32Array.of(0),
  defaultLeft: Uint8Array.of(0),
  gain: Float32Array.of(0),
  hessian: Float32Array.of(0),
  weight: Float32Array.of(0),
};
