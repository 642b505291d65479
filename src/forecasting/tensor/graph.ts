import type { GraphBuilder, Value } from '../onnx/graph.ts';
import { createOperators, type Operators } from '../onnx/operators.ts';
import { addTreeEnsemble } from '../onnx/tree-ensemble.ts';
import type { Algebra } from './algebra.ts';
import { broadcastShape } from './numeric.ts';
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
  return {
    less(a: Symbol, b: Symbol): Symbol {
      const boolean = op.less(a.value, b.value);
      const value = op.cast(boolean, 'float32');
      booleans.set(value, boolean);
      return { value, shape: broadcastShape(a.shape, b.shape) };
    },
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

/** Writes the operations into an ONNX graph. */
export function graphAlgebra(graph: GraphBuilder): Algebra<Symbol> {
  const op = createOperators(graph);
  type Binary = (a: Symbol, b: Symbol) => Symbol;
  const binary =
    (apply: (a: Value, b: Value) => Value): Binary =>
    (a, b) => ({ value: apply(a.value, b.value), shape: broadcastShape(a.shape, b.shape) });
  const without = (x: Symbol, axis: number): number[] => x.shape.map((d, i) => (i === axis ? 1 : d));
  const sum = (x: Symbol, axis: number): Symbol => ({
    value: op.cast(op.reduce('sum', op.cast(x.value, 'float64'), [axis]), 'float32'),
    shape: without(x, axis),
  });
  const algebra: Omit<Algebra<Symbol>, 'wins'> = {
    constant: (values, shape) => ({ value: graph.floats(values, shape), shape }),
    shapeOf: (x) => x.shape,
    reshape: (x, trailing) => ({ value: op.reshape(x.value, [-1, ...trailing]), shape: [-1, ...trailing] }),
    take: taker(graph, op),
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
    sum,
    largest: (x, axis) => ({ value: op.reduce('max', x.value, [axis]), shape: without(x, axis) }),
    lstm: (x, weights) => ({ value: addLstm(graph, x.value, weights), shape: [-1, weights.units] }),
    trees: (x, booster) => ({ value: addTreeEnsemble(graph, booster, x.value), shape: [-1, 1] }),
  };
  return {
    ...algebra,
    wins: (within, values, atLeast) => winsByOperators(algebra, within, values, atLeast),
  };
}
