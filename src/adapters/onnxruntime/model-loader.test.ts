import { describe, expect, it } from 'vitest';
import { HORIZON_HOURS, OUTPUT_NAMES, QUANTILE_LEVELS } from '../../forecasting/horizon.ts';
import { UnusableModel } from '../../forecasting/inference.ts';
import { createGraph, type GraphBuilder, type Value } from '../../forecasting/onnx/graph.ts';
import { createOperators } from '../../forecasting/onnx/operators.ts';
import { createModelLoader } from './model-loader.ts';

const WIDTH = 3;
const ALL = OUTPUT_NAMES.length;

interface Shape {
  readonly input?: string;
  readonly outputs?: readonly string[];
  readonly leads?: number;
  readonly factor?: number;
}

/** A model whose output k is (k + 1) times the sum of a row's features. */
const artifact = ({
  input = 'input',
  outputs = OUTPUT_NAMES,
  leads = HORIZON_HOURS,
  factor = 1,
}: Shape = {}): Uint8Array => {
  const graph = createGraph({ name: 'forecast', producerName: 'lifo4-ml', producerVersion: '0.1.0' });
  const rows = graph.input(input, 'float32', ['N', WIDTH]);
  const operators = createOperators(graph);
  const sum = operators.multiply(operators.reduce('sum', rows, [1]), operators.scalar(factor));
  outputs.forEach((name, k) => {
    const values = operators.multiply(sum, operators.scalar(k + 1));
    addOutput(graph, operators.tile(values, [1, leads]), name, leads);
  });
  graph.metadata('site', 'bess-456');
  return graph.encode();
};

const addOutput = (graph: GraphBuilder, values: Value, name: string, leads: number): void => {
  const { unsqueeze, tile } = createOperators(graph);
  const levels = QUANTILE_LEVELS.length;
  if (name !== 'quantiles') graph.output(name, values, 'float32', ['N', leads]);
  else graph.output(name, tile(unsqueeze(values, [2]), [1, 1, levels]), 'float32', ['N', leads, levels]);
};

const load = createModelLoader();

describe('a loaded model', () => {
  it('answers every output by its name for any number of rows', async () => {
    const session = await load(artifact());
    const outputs = await session.run(Float32Array.of(1, 2, 3, 10, 20, 30), 2);
    expect([outputs.forecast.length, outputs.quantiles.length]).toEqual([96, 2 * 48 * 19]);
    expect([outputs.forecast[47], outputs.forecast[48]]).toEqual([6, 60]);
    expect([outputs.lower[0], outputs.upper[0], outputs.peakProbability[0], outputs.quantiles[0]]).toEqual([
      12, 18, 24, 30,
    ]);
    expect(session.metadata).toEqual({ site: 'bess-456' });
    await session.close();
  });

  it('loads from a view into a larger buffer', async () => {
    const bytes = artifact();
    const larger = new Uint8Array(bytes.length + 32).fill(7);
    larger.set(bytes, 16);
    const session = await load(larger.subarray(16, 16 + bytes.length));
    expect((await session.run(Float32Array.of(1, 1, 1), 1)).forecast[0]).toBe(3);
    await session.close();
  });

  it('hands values on unjudged, no numbers included', async () => {
    const session = await load(artifact({ factor: Number.NaN }));
    expect((await session.run(new Float32Array(3), 1)).forecast[0]).toBeNaN();
    await session.close();
  });

  it('refuses rows of another width, and to run once closed; closing twice is harmless', async () => {
    const session = await load(artifact());
    await expect(session.run(new Float32Array(4), 1)).rejects.toThrow(
      '1 rows of 3 features hold 3 values, not 4',
    );
    await expect(session.run(new Float32Array(0), 0)).rejects.toThrow(RangeError);
    await session.close();
    await session.close();
    await expect(session.run(new Float32Array(3), 1)).rejects.toThrow('closed');
  });
});

/** Its one sum has as many values on one side as the other side cannot be stretched to. */
const misshapen = (): Uint8Array => {
  const graph = createGraph({ name: 'g', producerName: 'p', producerVersion: '1' });
  const input = graph.input('input', 'float32', ['N', WIDTH]);
  const sum = createOperators(graph).add(graph.floats([1, 2], [2]), graph.floats([1, 2, 3], [3]));
  for (const name of OUTPUT_NAMES) addOutput(graph, name === 'upper' ? sum : input, name, HORIZON_HOURS);
  return graph.encode();
};

describe('a file that cannot be used', () => {
  it.each<[string, Uint8Array, string]>([
    ['is no model', new TextEncoder().encode('{"error": "not found"}'), 'not an ONNX file'],
    ['is cut off', artifact().slice(0, -20), 'not an ONNX file'],
    [
      'has another input',
      artifact({ input: 'x' }),
      'the only input must be input, float32 [N, F], but there is x',
    ],
    [
      'lacks outputs',
      artifact({ outputs: OUTPUT_NAMES.slice(0, ALL - 1) }),
      'the outputs must be forecast, lower, upper',
    ],
    [
      'has them in another order',
      artifact({ outputs: [...OUTPUT_NAMES].reverse() }),
      'not quantiles, peak_probability',
    ],
    [
      'has another horizon',
      artifact({ leads: 24 }),
      'output forecast must be float32 [N, 48], but is forecast (element type 1) [N, 24]',
    ],
    ['adds what does not fit', misshapen(), 'ONNX Runtime cannot load the model'],
  ])('%s', async (_, bytes, message) => {
    const refusal = load(bytes);
    await expect(refusal).rejects.toThrow(UnusableModel);
    await expect(refusal).rejects.toThrow(message);
  });

  it('needs operators of somebody else', async () => {
    const graph = createGraph({ name: 'g', producerName: 'p', producerVersion: '1' });
    const input = graph.input('input', 'float32', ['N', WIDTH]);
    graph.output('forecast', graph.node('Custom', [input], {}, { domain: 'com.example' }), 'float32', [
      'N',
      48,
    ]);
    await expect(load(graph.encode())).rejects.toThrow('operator set com.example is not allowed');
  });

  it('is larger than allowed', async () => {
    await expect(createModelLoader({ maxBytes: 100 })(artifact())).rejects.toThrow('more than the 100');
  });
});
