import Type, { type Static } from 'typebox';
import { Errors } from 'typebox/value';
import type { Booster, Tree } from './booster.ts';
import type { Objective } from './parameters.ts';

/** The model is no regression model in XGBoost's JSON format, and why. */
export class UnreadableBooster extends Error {
  override readonly name = 'UnreadableBooster';
}

const Numbers = Type.Array(Type.Number());
const Whole = Type.Array(Type.Integer());

const TreeJson = Type.Object({
  base_weights: Numbers,
  categories_nodes: Type.Optional(Whole),
  default_left: Type.Array(Type.Union([Type.Boolean(), Type.Integer()])),
  left_children: Whole,
  loss_changes: Numbers,
  right_children: Whole,
  split_conditions: Numbers,
  split_indices: Whole,
  sum_hessian: Numbers,
});

const ModelJson = Type.Object({
  learner: Type.Object({
    gradient_booster: Type.Object({
      name: Type.Literal('gbtree'),
      model: Type.Object({ trees: Type.Array(TreeJson) }),
    }),
    learner_model_param: Type.Object({
      base_score: Type.String(),
      num_feature: Type.String(),
      num_target: Type.Optional(Type.String()),
    }),
    objective: Type.Object({
      name: Type.String(),
      quantile_loss_param: Type.Optional(Type.Object({ quantile_alpha: Type.String() })),
    }),
  }),
});
type ModelJson = Static<typeof ModelJson>;

/**
 * Reads the model file that XGBoost (1.7 or later) or {@link toXgboostJson} wrote: single-output `gbtree` regression with
 * squared, absolute or one quantile's error. Throws {@link UnreadableBooster} naming the field at fault.
 */
export const fromXgboostJson = (text: string): Booster => {
  const model = checkedModel(parsed(text));
  const { learner_model_param: param, gradient_booster: gbtree, objective } = model.learner;
  const columns = Number(param.num_feature);
  if (!Number.isInteger(columns) || columns < 1)
    throw new UnreadableBooster('num_feature is no whole number');
  if (Number(param.num_target ?? '1') > 1) throw new UnreadableBooster('the model has more than one target');
  return {
    objective: objectiveOf(objective),
    columns,
    baseScore: Math.fround(singleNumber('base_score', param.base_score)),
    trees: gbtree.model.trees.map((tree, id) => treeOf(tree, id, columns)),
  };
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UnreadableBooster('no XGBoost model: not JSON', { cause: error });
  }
};

const checkedModel = (json: unknown): ModelJson => {
  const [error] = Errors(ModelJson, json);
  if (error) throw new UnreadableBooster(`no XGBoost model: ${error.instancePath || '/'} ${error.message}`);
  return json as ModelJson;
};

/** `5E-1` or, since XGBoost 3.1, `[5E-1]`. */
const singleNumber = (field: string, text: string): number => {
  const value = Number(text.replace(/^\[(.*)\]$/, '$1'));
  if (text.trim() === '' || !Number.isFinite(value)) {
    throw new UnreadableBooster(`${field} is ${text}, not one number`);
  }
  return value;
};

const objectiveOf = ({ name, quantile_loss_param }: ModelJson['learner']['objective']): Objective => {
  switch (name) {
    case 'reg:squarederror':
      return { name: 'squared-error' };
    case 'reg:absoluteerror':
      return { name: 'absolute-error' };
    case 'reg:quantileerror':
      return {
        name: 'quantile-error',
        alpha: singleNumber('quantile_alpha', quantile_loss_param?.quantile_alpha ?? ''),
      };
  }
  throw new UnreadableBooster(`objective ${name} is not supported`);
};

const treeOf = (json: Static<typeof TreeJson>, id: number, columns: number): Tree => {
  if ((json.categories_nodes ?? []).length > 0) {
    throw new UnreadableBooster(`tree ${id} splits categories, which is not supported`);
  }
  const tree: Tree = {
    left: Int32Array.from(json.left_children),
    right: Int32Array.from(json.right_children),
    feature: Int32Array.from(json.split_indices),
    threshold: Float32Array.from(json.split_conditions),
    defaultLeft: Uint8Array.from(json.default_left, Number),
    gain: Float32Array.from(json.loss_changes),
    hessian: Float32Array.from(json.sum_hessian),
    weight: Float32Array.from(json.base_weights),
  };
  checkTree(tree, id, columns);
  return tree;
};

/** Every array has a row per node, children come after their parent (so no walk is endless), features exist. */
const checkTree = (tree: Tree, id: number, columns: number): void => {
  const count = tree.left.length;
  if (count === 0 || Object.values(tree).some((column) => column.length !== count)) {
    throw new UnreadableBooster(`tree ${id} has no nodes or arrays of different lengths`);
  }
  const within = (child: number, node: number): boolean => child > node && child < count;
  tree.left.forEach((left, node) => {
    if (left === -1) return;
    const right = tree.right[node] as number;
    const feature = tree.feature[node] as number;
    if (!within(left, node) || !within(right, node)) {
      throw new UnreadableBooster(`node ${node} of tree ${id} has children ${left} and ${right} of ${count}`);
    }
    if (feature < 0 || feature >= columns) {
      throw new UnreadableBooster(`node ${node} of tree ${id} reads feature ${feature} of ${columns}`);
    }
  });
};
