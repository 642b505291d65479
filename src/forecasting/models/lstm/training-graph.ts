import { HORIZON_HOURS } from '../../horizon.ts';
import { createGraph, type GraphBuilder, type Value } from '../../onnx/graph.ts';
import { createOperators, type Operators } from '../../onnx/operators.ts';
import {
  HALF_HOURS,
  HALVES,
  type NetworkSize,
  PARAMETER_NAMES,
  type ParameterName,
  shapesOf,
} from './network.ts';

/**
 * The network's loss and gradients as a graph of plain operators, unrolled over the steps. A runtime computes it
 * some fifteen times faster than loops here would.
 */

/** Errors beyond this many units count linearly (Huber 1964). */
export const HUBER_DELTA = 0.5;

interface Builder {
  readonly graph: GraphBuilder;
  readonly op: Operators;
  readonly size: NetworkSize;
  /** Rows of a batch (B). */
  readonly rows: number;
  readonly parameters: Readonly<Record<ParameterName, Value>>;
}

/** What the backward pass needs of a step; each [B, units]. */
interface Step {
  readonly gates: Value;
  readonly input: Value;
  readonly output: Value;
  readonly forget: Value;
  readonly candidate: Value;
  readonly before: { readonly cell: Value; readonly hidden: Value };
  readonly cell: Value;
  readonly squashed: Value;
  readonly hidden: Value;
}

const gemm = ({ graph }: Builder, left: Value, right: Value, transA: number, transB: number): Value =>
  graph.node('Gemm', [left, right], { transA: { int: transA }, transB: { int: transB } });

const zeros = ({ graph, size, rows }: Builder): Value =>
  graph.floats(new Float32Array(rows * size.units), [rows, size.units]);

/** `projected` is what the step's values add to the gates, [B, 4·units]. */
function stepForward(builder: Builder, projected: Value, before: Step['before']): Step {
  const { op, size, parameters } = builder;
  const { units } = size;
  const sums = op.gemm(before.hidden, parameters.recurrent, projected);
  const [open = '', drive = ''] = op.split(sums, [3 * units, units], 1);
  const gates = op.sigmoid(open);
  const candidate = op.tanh(drive);
  const [input = '', output = '', forget = ''] = op.split(gates, [units, units, units], 1);
  const cell = op.add(op.multiply(forget, before.cell), op.multiply(input, candidate));
  const squashed = op.tanh(cell);
  const hidden = op.multiply(output, squashed);
  return { gates, input, output, forget, candidate, before, cell, squashed, hidden };
}

/** x·(1 − x), or 1 − x², the slopes of the sigmoid and of the tanh by their values. */
const sigmoidSlope = ({ op }: Builder, x: Value): Value => op.subtract(x, op.multiply(x, x));
const tanhSlope = ({ op }: Builder, x: Value): Value => op.subtract(op.scalar(1), op.multiply(x, x));

/** Gradients of a step's gate sums [B, 4·units] and of the cell before it, from those of its hidden state and cell. */
function stepBackward(
  builder: Builder,
  step: Step,
  hidden: Value,
  cellAfter: Value | null,
): { readonly sums: Value; readonly cell: Value } {
  const { op } = builder;
  const throughHidden = op.multiply(op.multiply(hidden, step.output), tanhSlope(builder, step.squashed));
  const cell = cellAfter === null ? throughHidden : op.add(throughHidden, cellAfter);
  const gates = op.concat(
    [
      op.multiply(cell, step.candidate),
      op.multiply(hidden, step.squashed),
      op.multiply(cell, step.before.cell),
    ],
    1,
  );
  const candidate = op.multiply(op.multiply(cell, step.input), tanhSlope(builder, step.candidate));
  return {
    sums: op.concat([op.multiply(gates, sigmoidSlope(builder, step.gates)), candidate], 1),
    cell: op.multiply(cell, step.forget),
  };
}

/** Steps of the batch, oldest first. `sequences` is [steps · B, width], step after step. */
function forwardSteps(builder: Builder, sequences: Value): Step[] {
  const { op, size, rows, parameters } = builder;
  const projected = op.gemm(sequences, parameters.input, parameters.bias);
  const bySteps = op.split(projected, new Array<number>(size.steps).fill(rows), 0);
  const steps: Step[] = [];
  let before: Step['before'] = { cell: zeros(builder), hidden: zeros(builder) };
  for (const values of bySteps) {
    const step = stepForward(builder, values, before);
    steps.push(step);
    before = step;
  }
  return steps;
}

/** Gradients of the LSTM's arrays from that of the last hidden state. */
function backwardSteps(builder: Builder, steps: readonly Step[], sequences: Value, last: Value) {
  const { op, parameters } = builder;
  const sums: Value[] = [];
  let hidden = last;
  let cell: Value | null = null;
  for (const step of steps.toReversed()) {
    const gradients = stepBackward(builder, step, hidden, cell);
    sums.unshift(gradients.sums);
    cell = gradients.cell;
    hidden = gemm(builder, gradients.sums, parameters.recurrent, 0, 1);
  }
  const all = op.concat(sums, 0);
  const hiddens = op.concat(
    steps.map(({ before }) => before.hidden),
    0,
  );
  return {
    input: gemm(builder, sequences, all, 1, 0),
    recurrent: gemm(builder, hiddens, all, 1, 0),
    bias: op.reduce('sum', all, [0], false),
  };
}

/** Forecasts [B, 48] from the hidden state and the references [B, 2, references, 24]. */
function headForward({ op, size, rows, parameters }: Builder, hidden: Value, references: Value): Value {
  const weighted = HALVES * size.references;
  const head = op.gemm(hidden, parameters.head, parameters.headBias);
  const [hours = '', mix = ''] = op.split(head, [HORIZON_HOURS, weighted], 1);
  const mixed = op.matMul(op.reshape(mix, [rows, HALVES, 1, size.references]), references);
  return op.add(hours, op.reshape(mixed, [rows, HORIZON_HOURS]));
}

/** Gradients of the head's arrays and of the hidden state, from that of the forecasts. */
function headBackward(builder: Builder, hidden: Value, references: Value, forecast: Value) {
  const { op, size, rows, parameters } = builder;
  const mix = op.matMul(references, op.reshape(forecast, [rows, HALVES, HALF_HOURS, 1]));
  const head = op.concat([forecast, op.reshape(mix, [rows, HALVES * size.references])], 1);
  return {
    head: gemm(builder, hidden, head, 1, 0),
    headBias: op.reduce('sum', head, [0], false),
    hidden: gemm(builder, head, parameters.head, 0, 1),
  };
}

/** Loss and the gradient of the forecasts; `weights` are those of each hour's error, 0 where it is not known. */
function loss({ op }: Builder, forecast: Value, targets: Value, weights: Value) {
  const error = op.subtract(forecast, targets);
  const size = op.abs(error);
  const capped = op.minimum(size, op.scalar(HUBER_DELTA));
  const huber = op.multiply(capped, op.subtract(size, op.multiply(capped, op.scalar(0.5))));
  return {
    loss: op.reduce('sum', op.multiply(huber, weights), [0, 1], false),
    gradient: op.multiply(op.clip(error, -HUBER_DELTA, HUBER_DELTA), weights),
  };
}

/**
 * Graph of a batch of `rows`: inputs are the network's arrays by name, `sequences` [steps · B, width],
 * `references` [B, 2, references, 24], `targets` and `weights` [B, 48], `kept` [B, units] (the dropout's factors);
 * outputs `loss` and, with `gradients`, the gradient of each array by its name.
 */
export function trainingGraph(size: NetworkSize, rows: number, gradients: boolean): Uint8Array {
  const graph = createGraph({ name: 'lstm-step', producerName: 'lifo4-ml', producerVersion: '1' });
  const shapes = shapesOf(size);
  const input = (name: string, shape: readonly number[]): Value => graph.input(name, 'float32', shape);
  const entries = PARAMETER_NAMES.map((name) => [name, input(name, shapes[name])] as const);
  const parameters = Object.fromEntries(entries) as Record<ParameterName, Value>;
  const builder: Builder = { graph, op: createOperators(graph), size, rows, parameters };
  const { op } = builder;
  const sequences = input('sequences', [size.steps * rows, size.width]);
  const references = input('references', [rows, HALVES, size.references, HALF_HOURS]);
  const targets = input('targets', [rows, HORIZON_HOURS]);
  const weights = input('weights', [rows, HORIZON_HOURS]);
  const kept = input('kept', [rows, size.units]);
  const steps = forwardSteps(builder, sequences);
  const hidden = op.multiply(steps.at(-1)?.hidden ?? '', kept);
  const judged = loss(builder, headForward(builder, hidden, references), targets, weights);
  graph.output('loss', judged.loss, 'float32', []);
  if (!gradients) return graph.encode();
  const head = headBackward(builder, hidden, references, judged.gradient);
  const all = { ...head, ...backwardSteps(builder, steps, sequences, op.multiply(head.hidden, kept)) };
  for (const name of PARAMETER_NAMES) graph.output(name + GRADIENT, all[name], 'float32', shapes[name]);
  return graph.encode();
}

/** Ending of the names of the gradients among the graph's outputs. */
export const GRADIENT = '_gradient';
