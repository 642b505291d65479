import { describe, expect, it } from 'vitest';
import { createGraphRunner } from '../../../adapters/onnxruntime/graph-runner.ts';
import { createGraph } from '../../onnx/graph.ts';
import { addLstm, runLstm } from '../../tensor/recurrent.ts';
import { createRandom } from '../xgboost/random.ts';
import { batchOf, type NetworkRows, parameterInputs } from './batch.ts';
import { lstmWeights, type NetworkSize, PARAMETER_NAMES, type Parameters, parametersOf } from './network.ts';
import { GRADIENT, HUBER_DELTA, trainingGraph } from './training-graph.ts';

const openGraph = createGraphRunner();
const size: NetworkSize = { steps: 5, width: 3, units: 4, references: 2 };

function randomRows(count: number, seed: number): NetworkRows {
  const random = createRandom(seed);
  const values = (length: number) => Float32Array.from({ length }, () => 2 * random() - 1);
  const targets = values(count * 48);
  targets.fill(Number.NaN, 40, 48);
  return {
    count,
    sequences: values(count * size.steps * size.width),
    references: values(count * 48 * size.references),
    targets,
  };
}

/** Arrays without any zero, so that every gradient is reached. */
function filledParameters(seed: number): Parameters {
  const random = createRandom(seed);
  return parametersOf(size, (_, length) => Float32Array.from({ length }, () => random() - 0.5));
}

type Gradients = Record<keyof Parameters, Float64Array>;
const at = (values: ArrayLike<number>, i: number): number => values[i] ?? Number.NaN;
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const bump = (values: Float64Array, i: number, by: number): void => {
  values[i] = at(values, i) + by;
};

interface OracleStep {
  readonly x: Float32Array;
  readonly gates: number[];
  readonly cell: number[];
  readonly hidden: number[];
}

function forward(p: Parameters, rows: NetworkRows, row: number): OracleStep[] {
  const { steps, width, units: H } = size;
  const told: OracleStep[] = [];
  let hidden = new Array<number>(H).fill(0);
  let cell = new Array<number>(H).fill(0);
  for (let s = 0; s < steps; s++) {
    const x = rows.sequences.subarray((row * steps + s) * width, (row * steps + s + 1) * width);
    const gates = Array.from({ length: 4 * H }, (_, c) => {
      let sum = at(p.bias, c);
      x.forEach((value, k) => {
        sum += value * at(p.input, k * 4 * H + c);
      });
      hidden.forEach((value, k) => {
        sum += value * at(p.recurrent, k * 4 * H + c);
      });
      return c < 3 * H ? sigmoid(sum) : Math.tanh(sum);
    });
    cell = cell.map((value, k) => at(gates, 2 * H + k) * value + at(gates, k) * at(gates, 3 * H + k));
    hidden = cell.map((value, k) => at(gates, H + k) * Math.tanh(value));
    told.push({ x, gates, cell, hidden });
  }
  return told;
}

/** The head of one row: its share of the loss, its gradients, and the gradient of the hidden state. */
function backThroughHead(task: Oracle, row: number, last: readonly number[]) {
  const { parameters: p, rows, known, into } = task;
  const { references: R } = size;
  const outputs = 48 + 2 * R;
  const head = Array.from({ length: outputs }, (_, o) =>
    last.reduce((sum, value, k) => sum + value * at(p.head, k * outputs + o), at(p.headBias, o)),
  );
  const slopes = new Float64Array(outputs);
  let loss = 0;
  for (let l = 0; l < 48; l++) {
    const y = at(rows.targets, row * 48 + l);
    if (Number.isNaN(y)) continue;
    const mix = 48 + Math.floor(l / 24) * R;
    const offered = Array.from({ length: R }, (_, r) => at(rows.references, (row * 48 + l) * R + r));
    const error = offered.reduce((sum, value, r) => sum + at(head, mix + r) * value, at(head, l) - y);
    const capped = Math.min(Math.abs(error), HUBER_DELTA);
    loss += (capped * (Math.abs(error) - capped / 2)) / known;
    const slope = (Math.sign(error) * capped) / known;
    slopes[l] = slope;
    offered.forEach((value, r) => {
      bump(slopes, mix + r, slope * value);
    });
  }
  const hidden = last.map((value, k) => {
    let sum = 0;
    slopes.forEach((slope, o) => {
      bump(into.head, k * outputs + o, value * slope);
      sum += at(p.head, k * outputs + o) * slope;
    });
    return sum;
  });
  slopes.forEach((slope, o) => {
    bump(into.headBias, o, slope);
  });
  return { loss, hidden };
}

/** Gradients of a step's gate sums and of the cell before it. */
function backThroughCell(
  { gates, cell }: OracleStep,
  before: OracleStep | undefined,
  after: { readonly hidden: readonly number[]; readonly cell: readonly number[] },
) {
  const { units: H } = size;
  const sums = new Float64Array(4 * H);
  const dCell = cell.map((value, k) => {
    const [i = 0, o = 0, f = 0, c = 0] = [0, 1, 2, 3].map((gate) => at(gates, gate * H + k));
    const squashed = Math.tanh(value);
    const d = at(after.cell, k) + at(after.hidden, k) * o * (1 - squashed ** 2);
    sums[k] = d * c * i * (1 - i);
    sums[H + k] = at(after.hidden, k) * squashed * o * (1 - o);
    sums[2 * H + k] = d * (before?.cell[k] ?? 0) * f * (1 - f);
    sums[3 * H + k] = d * i * (1 - c ** 2);
    return d * f;
  });
  return { sums, cell: dCell };
}

interface Oracle {
  readonly parameters: Parameters;
  readonly rows: NetworkRows;
  /** Targets that are known. */
  readonly known: number;
  readonly into: Gradients;
}

/** Plain backpropagation through time of one row; answers its share of the loss. */
function backpropagate(task: Oracle, row: number): number {
  const { parameters: p, rows, into } = task;
  const { units: H } = size;
  const steps = forward(p, rows, row);
  const { loss, hidden } = backThroughHead(task, row, steps.at(-1)?.hidden ?? []);
  let after = { hidden, cell: hidden.map(() => 0) };
  for (const [s, step] of [...steps.entries()].toReversed()) {
    const before = steps[s - 1];
    const { sums, cell } = backThroughCell(step, before, after);
    const dHidden = cell.map((_, k) =>
      sums.reduce((sum, d, c) => sum + d * at(p.recurrent, k * 4 * H + c), 0),
    );
    after = { hidden: dHidden, cell };
    sums.forEach((d, c) => {
      bump(into.bias, c, d);
      step.x.forEach((value, k) => {
        bump(into.input, k * 4 * H + c, value * d);
      });
      before?.hidden.forEach((value, k) => {
        bump(into.recurrent, k * 4 * H + c, value * d);
      });
    });
  }
  return loss;
}

describe('the training graph', () => {
  it('computes the loss and the gradients of plain backpropagation through time', async () => {
    const rows = randomRows(7, 5);
    const parameters = filledParameters(9);
    const chosen = [0, 1, 2, 3, 4, 5, 6];
    const graph = await openGraph(trainingGraph(size, rows.count, true));
    const outputs = await graph.run({
      ...parameterInputs(size, parameters),
      ...batchOf(size, rows, chosen, () => 1),
    });
    await graph.close();
    const names = PARAMETER_NAMES.map((name) => [name, new Float64Array(parameters[name].length)] as const);
    const into = Object.fromEntries(names) as Gradients;
    const known = rows.targets.filter((y) => !Number.isNaN(y)).length;
    const loss = chosen.reduce((sum, row) => sum + backpropagate({ parameters, rows, known, into }, row), 0);
    expect(outputs['loss']?.[0]).toBeCloseTo(loss, 6);
    for (const name of PARAMETER_NAMES) {
      const theirs = outputs[name + GRADIENT] ?? new Float32Array();
      expect(theirs.length).toBe(into[name].length);
      into[name].forEach((value, i) => {
        expect(theirs[i]).toBeCloseTo(value, 6);
      });
    }
  });
});

describe('the LSTM operator', () => {
  it('answers the hidden states that the numbers give', async () => {
    const rows = randomRows(9, 2);
    const weights = lstmWeights(size, filledParameters(4));
    const graph = createGraph({ name: 'lstm', producerName: 'lifo4-ml', producerVersion: '1' });
    const sequences = graph.input('sequences', 'float32', ['N', size.steps, size.width]);
    graph.output('hidden', addLstm(graph, sequences, weights), 'float32', ['N', size.units]);
    const running = await openGraph(graph.encode());
    const shape = [rows.count, size.steps, size.width];
    const { hidden } = await running.run({ sequences: { data: rows.sequences, shape } });
    await running.close();
    const own = runLstm(rows.sequences, size.steps, weights);
    expect(hidden?.length).toBe(own.length);
    own.forEach((value, i) => {
      expect(hidden?.[i]).toBeCloseTo(value, 5);
    });
  });
});
