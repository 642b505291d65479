import type { GraphBuilder, Value } from '../onnx/graph.ts';
import { createOperators, type Operators } from '../onnx/operators.ts';
import { addTreeEnsemble } from '../onnx/tree-ensemble.ts';
import { type Algebra, span } from './algebra.ts';
import { broadcastShape, transposedShape } from './numeric.ts';
import { addLstm } from './recurrent.ts';
import { winsByOperators } from './wins.ts';

/** A value of the graph with its shape; the number of rows is known only at run time and stands as -1. */
export interface Symbol {
  readonly value: Value;
  readonly shape: readonly number[];
}

const contiguous = (indices: readonly number[]): boolean =>
  indices.every((index, i) => index === (indices[0] ?? 0) + i);

function taker(graph: GraphBuilder, op: Operators) {
  return (x: Symbol, indices: readonly number[]): Symbol => {
    const axis = x.shape.length - 1;
    const first = indices[0] ?? 0;
    const value = contiguous(indices)
      ? op.slice(x.value, { axis, start: first, end: first + indices.length })
      : op.gather(x.value, graph.ints(indices), axis);
    return { value, shape: [...x.shape.slice(0, -1), indices.length] };
  };
}

/** Comparisons answer booleans in ONNX and 0 or 1 here; the boolean is remembered for `where`. */
function comparing(op: Operators) {
  const booleans = new Map<Value, Value>();
  const comparison =
    (compare: (a: Value, b: Value) => Value) =>
    (a: Symbol, b: Symbol): Symbol => {
      const boolean = compare(a.value, b.value);
      const value = op.cast(boolean, 'float32');
      booleans.set(value, boolean);
      return { value, shape: broadcastShape(a.shape, b.shape) };
    };
  return {
    less: comparison(op.less),
    equal: comparison(op.equal),
    where(condition: Symbol, a: Symbol, b: Symbol): Symbol {
      const boolean = booleans.get(condition.value) ?? op.cast(condition.value, 'bool');
      booleans.set(condition.value, boolean);
      return {
        value: op.where(boolean, a.value, b.value),
        shape: broadcastShape(condition.shape, broadcastShape(a.shape, b.shape)),
      };
    },
  };
}

/** Sums whose terms are added in float64. */
function exactSums(op: Operators) {
  const inDouble = (compute: (x: Value) => Value, x: Symbol): Value =>
    op.cast(compute(op.cast(x.value, 'float64')), 'float32');
  return {
    sum: (x: Symbol, axis: number): Symbol => ({
      value: inDouble((wide) => op.reduce('sum', wide, [axis]), x),
      shape: without(x, axis),
    }),
    sums: (x: Symbol, chosen: Symbol): Symbol => ({
      value: inDouble((wide) => op.matMul(wide, op.cast(chosen.value, 'float64')), x),
      shape: [...x.shape.slice(0, -1), chosen.shape[1] ?? 1],
    }),
  };
}

const without = (x: Symbol, axis: number): number[] => x.shape.map((d, i) => (i === axis ? 1 : d));

/** One batch in which each row of the first input is followed by those of the others. */
function eachAsBatch(
  g: Algebra<Symbol>,
  inputs: readonly Symbol[],
  compute: (input: Symbol) => Symbol,
): readonly Symbol[] {
  const [first, ...others] = inputs;
  if (first === undefined || others.length === 0) return inputs.map(compute);
  const found = compute(g.reshape(g.concat(inputs), [first.shape.at(-1) ?? 1]));
  const width = found.shape.at(-1) ?? 1;
  const side = g.reshape(found, [inputs.length * width]);
  return inputs.map((_, i) => span(g, side, i * width, (i + 1) * width));
}

/** Writes the operations into an ONNX graph. */
export function graphAlgebra(graph: GraphBuilder): Algebra<Symbol> {
  const op = createOperators(graph);
  type Binary = (a: Symbol, b: Symbol) => Symbol;
  const binary =
    (apply: (a: Value, b: Value) => Value): Binary =>
    (a, b) => ({ value: apply(a.value, b.value), shape: broadcastShape(a.shape, b.shape) });
  const algebra: Algebra<Symbol> = {
    constant: (values, shape) => ({ value: graph.floats(values, shape), shape }),
    shapeOf: (x) => x.shape,
    reshape: (x, trailing) => ({ value: op.reshape(x.value, [-1, ...trailing]), shape: [-1, ...trailing] }),
    take: taker(graph, op),
    takeRows: (x, indices) => ({
      value: op.gather(x.value, graph.ints(indices), 1),
      shape: [-1, indices.length, x.shape[2] ?? 1],
    }),
    transpose: (x) => {
      const axes = x.shape.map((_, axis) => axis);
      return {
        value: op.transpose(x.value, transposedShape(axes)),
        shape: transposedShape(x.shape),
      };
    },
    concat: (xs) => {
      const axis = (xs[0]?.shape.length ?? 1) - 1;
      const width = xs.reduce((sum, x) => sum + (x.shape.at(-1) ?? 1), 0);
      return {
        value: op.concat(
          xs.map((x) => x.value),
          axis,
        ),
        shape: [...(xs[0]?.shape.slice(0, -1) ?? []), width],
      };
    },
    add: binary(op.add),
    sub: binary(op.subtract),
    mul: binary(op.multiply),
    div: binary(op.divide),
    max: binary(op.maximum),
    min: binary(op.minimum),
    abs: (x) => ({ value: op.abs(x.value), shape: x.shape }),
    ...comparing(op),
    matmul: (x, constant) => ({
      value: op.matMul(x.value, constant.value),
      shape: [...x.shape.slice(0, -1), constant.shape[1] ?? 1],
    }),
    ...exactSums(op),
    total: (x, axis) => ({ value: op.reduce('sum', x.value, [axis]), shape: without(x, axis) }),
    largest: (x, axis) => ({ value: op.reduce('max', x.value, [axis]), shape: without(x, axis) }),
    lstm: (x, weights) => ({ value: addLstm(graph, x.value, weights), shape: [-1, weights.units] }),
    trees: (x, booster) => ({ value: addTreeEnsemble(graph, booster, x.value), shape: [-1, 1] }),
    wins(days, values, { atLeast, counted }) {
      const operands = {
        ...{ days: days.value, values: values.value },
        ...{ atLeast: atLeast?.value ?? null, counted: counted?.value ?? null },
      };
      const value = winsByOperators(op, operands, days.shape.at(-1) ?? 1);
      return { value, shape: [...values.shape.slice(0, -1), 1] };
    },
    each: (inputs, compute) => eachAsBatch(algebra, inputs, compute),
  };
  return algebra;
}
