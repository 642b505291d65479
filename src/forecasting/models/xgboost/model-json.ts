import type { Booster, Tree } from './booster.ts';
import type { Objective } from './parameters.ts';

/**
 * XGBoost's own JSON model format (https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html), as far as
 * regression trees need it. Models written here load in XGBoost 2 and later.
 */
const FORMAT_VERSION = [2, 1, 0];
const NO_PARENT = 2_147_483_647;

/** Nine digits name a float32; a whole one keeps its point, since XGBoost refuses an integer for a real number. */
const realText = (value: number): string => {
  const text = String(Number(value.toPrecision(9)));
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
};

/** JSON text in which float32 arrays hold real numbers. */
const jsonText = (value: unknown): string => {
  if (value instanceof Float32Array) return `[${Array.from(value, realText)}]`;
  if (Array.isArray(value)) return `[${value.map(jsonText)}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${jsonText(member)}`)}}`;
};

/** The text of the booster's XGBoost model file. */
export const toXgboostJson = (booster: Booster): string => jsonText(modelJson(booster));

const modelJson = (booster: Booster): object => ({
  learner: {
    attributes: {},
    feature_names: [],
    feature_types: [],
    gradient_booster: {
      model: {
        gbtree_model_param: { num_parallel_tree: '1', num_trees: String(booster.trees.length) },
        iteration_indptr: Array.from({ length: booster.trees.length + 1 }, (_, round) => round),
        tree_info: booster.trees.map(() => 0),
        trees: booster.trees.map((tree, id) => treeJson(tree, id, booster.columns)),
      },
      name: 'gbtree',
    },
    learner_model_param: {
      base_score: realText(booster.baseScore),
      boost_from_average: '1',
      num_class: '0',
      num_feature: String(booster.columns),
      num_target: '1',
    },
    objective: objectiveJson(booster.objective),
  },
  version: FORMAT_VERSION,
});

const objectiveJson = (objective: Objective): object => {
  switch (objective.name) {
    case 'squared-error':
      return { name: 'reg:squarederror', reg_loss_param: { scale_pos_weight: '1' } };
    case 'absolute-error':
      return { name: 'reg:absoluteerror' };
    case 'quantile-error':
      return { name: 'reg:quantileerror', quantile_loss_param: { quantile_alpha: `[${objective.alpha}]` } };
  }
};

const treeJson = (tree: Tree, id: number, columns: number): object => ({
  base_weights: tree.weight,
  categories: [],
  categories_nodes: [],
  categories_segments: [],
  categories_sizes: [],
  default_left: Array.from(tree.defaultLeft),
  id,
  left_children: Array.from(tree.left),
  loss_changes: tree.gain,
  parents: parentsOf(tree),
  right_children: Array.from(tree.right),
  split_conditions: tree.threshold,
  split_indices: Array.from(tree.feature),
  split_type: Array.from(tree.feature, () => 0),
  sum_hessian: tree.hessian,
  tree_param: {
    num_deleted: '0',
    num_feature: String(columns),
    num_nodes: String(tree.left.length),
    size_leaf_vector: '1',
  },
});

const parentsOf = ({ left, right }: Tree): number[] => {
  const parents = Array.from(left, () => NO_PARENT);
  left.forEach((child, node) => {
    if (child < 0) return;
    parents[child] = node;
    parents[right[node] as number] = node;
  });
  return parents;
};
