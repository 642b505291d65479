import type { GraphBuilder, Value } from './graph.ts';
import { ELEMENT_TYPES, type ElementType } from './messages.ts';

const REDUCTIONS = { max: 'ReduceMax', mean: 'ReduceMean', min: 'ReduceMin', sum: 'ReduceSum' } as const;
const UNARY = {
  abs: 'Abs',
  exp: 'Exp',
  floor: 'Floor',
  isNaN: 'IsNaN',
  log: 'Log',
  negate: 'Neg',
  not: 'Not',
  relu: 'Relu',
  sigmoid: 'Sigmoid',
  sqrt: 'Sqrt',
  tanh: 'Tanh',
} as const;
const BINARY = {
  add: 'Add',
  and: 'And',
  divide: 'Div',
  equal: 'Equal',
  greater: 'Greater',
  greaterOrEqual: 'GreaterOrEqual',
  less: 'Less',
  lessOrEqual: 'LessOrEqual',
  matMul: 'MatMul',
  multiply: 'Mul',
  or: 'Or',
  subtract: 'Sub',
} as const;

type Unary = Readonly<Record<keyof typeof UNARY, (value: Value) => Value>>;
type Binary = Readonly<Record<keyof typeof BINARY, (left: Value, right: Value) => Value>>;

/** What a slice takes along one axis: `start` up to but not including `end`, every `step`. */
export interface SliceRange {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step?: number;
}

/** ONNX operators as calls; broadcasting is ONNX's (numpy's). Negative axes count from the end. */
export type Operators = ReturnType<typeof createOperators>;

/** Operators that add their nodes to `graph`. */
export const createOperators = (graph: GraphBuilder) => {
  const { node, ints, floats } = graph;
  const named = <Names extends Readonly<Record<string, string>>>(table: Names) =>
    Object.fromEntries(
      Object.entries(table).map(([call, operator]) => [call, (...values: Value[]) => node(operator, values)]),
    );
  return {
    ...(named(UNARY) as Unary),
    ...(named(BINARY) as Binary),
    ...shaping(graph),
    scalar: (value: number) => floats([value]),
    /** `left · right + bias`, of matrices; the right one is transposed first when asked. */
    gemm: (left: Value, right: Value, bias?: Value, transposeRight = false) =>
      node('Gemm', bias === undefined ? [left, right] : [left, right, bias], {
        transB: { int: transposeRight ? 1 : 0 },
      }),
    maximum: (...values: Value[]) => node('Max', values),
    minimum: (...values: Value[]) => node('Min', values),
    clip: (value: Value, low: number, high: number) => node('Clip', [value, floats([low]), floats([high])]),
    where: (condition: Value, yes: Value, no: Value) => node('Where', [condition, yes, no]),
    softmax: (value: Value, axis: number) => node('Softmax', [value], { axis: { int: axis } }),
    cast: (value: Value, type: ElementType) => node('Cast', [value], { to: { int: ELEMENT_TYPES[type] } }),
    reduce: (kind: keyof typeof REDUCTIONS, value: Value, axes: readonly number[], keepDimensions = true) =>
      node(REDUCTIONS[kind], [value, ints(axes)], { keepdims: { int: keepDimensions ? 1 : 0 } }),
    cumulativeSum: (value: Value, axis: number) => node('CumSum', [value, ints([axis], [])]),
    argMax: (value: Value, axis: number) =>
      node('ArgMax', [value], { axis: { int: axis }, keepdims: { int: 0 } }),
    /** The `count` largest (or smallest) along an axis in order: values and int64 positions. */
    topK: (value: Value, count: number, axis: number, largest = true): readonly [Value, Value] => {
      const attributes = { axis: { int: axis }, largest: { int: largest ? 1 : 0 } };
      const [values = '', positions = ''] = graph.nodes('TopK', [value, ints([count])], attributes, {
        outputs: 2,
      });
      return [values, positions];
    },
  };
};

/** Operators that move values about and leave them as they are. */
const shaping = ({ node, nodes, ints }: GraphBuilder) => ({
  /** 0 keeps a dimension, −1 takes what is left. */
  reshape: (value: Value, shape: readonly number[]) => node('Reshape', [value, ints(shape)]),
  transpose: (value: Value, order: readonly number[]) =>
    node('Transpose', [value], { perm: { ints: order } }),
  concat: (values: readonly Value[], axis: number) => node('Concat', values, { axis: { int: axis } }),
  split: (value: Value, sizes: readonly number[], axis: number) =>
    nodes('Split', [value, ints(sizes)], { axis: { int: axis } }, { outputs: sizes.length }),
  slice: (value: Value, ...ranges: readonly SliceRange[]) =>
    node('Slice', [
      value,
      ints(ranges.map(({ start }) => start)),
      ints(ranges.map(({ end }) => end)),
      ints(ranges.map(({ axis }) => axis)),
      ints(ranges.map(({ step = 1 }) => step)),
    ]),
  gather: (value: Value, positions: Value, axis: number) =>
    node('Gather', [value, positions], { axis: { int: axis } }),
  gatherElements: (value: Value, positions: Value, axis: number) =>
    node('GatherElements', [value, positions], { axis: { int: axis } }),
  gatherNd: (value: Value, positions: Value, batchDimensions = 0) =>
    node('GatherND', [value, positions], { batch_dims: { int: batchDimensions } }),
  unsqueeze: (value: Value, axes: readonly number[]) => node('Unsqueeze', [value, ints(axes)]),
  squeeze: (value: Value, axes: readonly number[]) => node('Squeeze', [value, ints(axes)]),
  expand: (value: Value, shape: Value) => node('Expand', [value, shape]),
  tile: (value: Value, repeats: readonly number[]) => node('Tile', [value, ints(repeats)]),
  shape: (value: Value) => node('Shape', [value]),
});
