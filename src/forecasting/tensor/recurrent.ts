import type { GraphBuilder, Value } from '../onnx/graph.ts';

/**
 * Weights of one LSTM layer (Hochreiter and Schmidhuber 1997, with forget gate), row-major. Gates lie in ONNX's
 * order, input, output, forget, cell, each `units` wide.
 */
export interface LstmWeights {
  /** Values of a step. */
  readonly width: number;
  readonly units: number;
  /** [width, 4·units] */
  readonly input: Float32Array;
  /** [units, 4·units] */
  readonly recurrent: Float32Array;
  /** [4·units] */
  readonly bias: Float32Array;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Adds `vector` [from.length / columns] times the matrix `from` [·, columns] to `into`. */
function addProduct(into: Float64Array, vector: Float32Array | Float64Array, from: Float64Array): void {
  const columns = into.length;
  let k = 0;
  // Two rows at a time: half the reads and writes of what is added to.
  for (; k + 1 < vector.length; k += 2) {
    const [a, b] = [k * columns, (k + 1) * columns];
    const first = vector[k] as number;
    const second = vector[k + 1] as number;
    for (let c = 0; c < columns; c++) {
      into[c] = (into[c] as number) + first * (from[a + c] as number) + second * (from[b + c] as number);
    }
  }
  const last = k < vector.length ? (vector[k] as number) : 0;
  for (let c = 0; last !== 0 && c < columns; c++) {
    into[c] = (into[c] as number) + last * (from[k * columns + c] as number);
  }
}

/** One step: `hidden` and `cell` move on by the gates' sums. */
function advance(gates: Float64Array, hidden: Float64Array, cell: Float64Array): void {
  const units = hidden.length;
  for (let k = 0; k < units; k++) {
    const input = sigmoid(gates[k] as number);
    const output = sigmoid(gates[units + k] as number);
    const forget = sigmoid(gates[2 * units + k] as number);
    const state = forget * (cell[k] as number) + input * Math.tanh(gates[3 * units + k] as number);
    cell[k] = state;
    hidden[k] = output * Math.tanh(state);
  }
}

/** Runs sequences [rows × steps × width] and answers the last hidden states, [rows × units]. */
export function runLstm(sequences: Float32Array, steps: number, weights: LstmWeights): Float32Array {
  const { width, units } = weights;
  const rows = sequences.length / (steps * width);
  const last = new Float32Array(rows * units);
  const input = Float64Array.from(weights.input);
  const recurrent = Float64Array.from(weights.recurrent);
  const gates = new Float64Array(4 * units);
  for (let r = 0; r < rows; r++) {
    const hidden = new Float64Array(units);
    const cell = new Float64Array(units);
    for (let s = r * steps; s < (r + 1) * steps; s++) {
      gates.set(weights.bias);
      addProduct(gates, sequences.subarray(s * width, (s + 1) * width), input);
      addProduct(gates, hidden, recurrent);
      advance(gates, hidden, cell);
    }
    last.set(hidden, r * units);
  }
  return last;
}

function transposed(matrix: Float32Array, columns: number): Float32Array {
  const rows = matrix.length / columns;
  return Float32Array.from(matrix, (_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)] as number);
}

/** Adds ONNX's LSTM operator: sequences [N, steps, width] to the last hidden states [N, units]. */
export function addLstm(graph: GraphBuilder, sequences: Value, weights: LstmWeights): Value {
  const { width, units, input, recurrent, bias } = weights;
  const gates = 4 * units;
  const bySteps = graph.node('Transpose', [sequences], { perm: { ints: [1, 0, 2] } });
  const [, last = ''] = graph.nodes(
    'LSTM',
    [
      bySteps,
      graph.floats(transposed(input, gates), [1, gates, width]),
      graph.floats(transposed(recurrent, gates), [1, gates, units]),
      // A second bias, of the recurrence, adds nothing to the first.
      graph.floats([...bias, ...new Float32Array(gates)], [1, 2 * gates]),
    ],
    { hidden_size: { int: units } },
    { outputs: 2 },
  );
  return graph.node('Reshape', [last, graph.ints([-1, units])]);
}
