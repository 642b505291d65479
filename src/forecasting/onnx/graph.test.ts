import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { onnx } from 'onnx-proto';
import { describe, expect, it } from 'vitest';
import { InferenceSession, Tensor } from '../../adapters/onnxruntime/runtime.ts';
import { createGraph, type GraphBuilder, type Value } from './graph.ts';
import { createOperators, type Operators } from './operators.ts';

const newGraph = () => createGraph({ name: 'test', producerName: 'lifo4-ml', producerVersion: '0.1.0' });

/** Runs a graph of one input on float32 values of the given shape. */
const run = async (
  values: readonly number[],
  shape: readonly number[],
  build: (operators: Operators, input: Value, graph: GraphBuilder) => Value,
): Promise<{ readonly values: readonly number[]; readonly shape: readonly number[] }> => {
  const graph = newGraph();
  const input = graph.input('input', 'float32', shape);
  const operators = createOperators(graph);
  const result = build(operators, input, graph);
  graph.output(
    'result',
    result,
    'float32',
    shape.map((_, axis) => `d${axis}`),
  );
  const session = await InferenceSession.create(withoutShape(graph.encode()), { logSeverityLevel: 4 });
  const { result: output } = await session.run({
    input: new Tensor('float32', Float32Array.from(values), shape),
  });
  await session.release();
  if (!output) throw new Error('no result');
  return { values: Array.from(output.data as Float32Array), shape: output.dims };
};

/** Leaves the output's rank open, so that one helper serves results of any rank. */
const withoutShape = (bytes: Uint8Array): Uint8Array => {
  const model = onnx.ModelProto.decode(bytes);
  for (const output of model.graph?.output ?? []) delete output.type?.tensorType?.shape;
  return onnx.ModelProto.encode(model).finish();
};

const SIX = [1, -2, 3, -4, 5, -6];

describe('a graph', () => {
  it('is what protobuf reads: names, types, constants, attributes, metadata', () => {
    const graph = newGraph();
    const input = graph.input('input', 'float32', ['N', 3]);
    const { gemm, scalar, add } = createOperators(graph);
    const product = gemm(input, graph.floats([1, 2, 3, 4, 5, 6], [2, 3]), undefined, true);
    graph.output('forecast', add(product, scalar(0.5)), 'float32', ['N', 2]);
    graph.output('large', graph.ints([-1, 2 ** 40]), 'int64', [2]);
    graph.metadata('site', 'São Paulo');
    graph.metadata('a', 'first');
    const model = onnx.ModelProto.decode(graph.encode());
    expect(Number(model.irVersion)).toBe(10);
    expect(model.producerName).toBe('lifo4-ml');
    expect(model.opsetImport.map(({ domain, version }) => [domain, Number(version)])).toEqual([['', 21]]);
    expect(model.metadataProps.map(({ key, value }) => [key, value])).toEqual([
      ['a', 'first'],
      ['site', 'São Paulo'],
    ]);
    const dimensions = model.graph?.input?.[0]?.type?.tensorType?.shape?.dim ?? [];
    expect(dimensions.map((d) => d.dimParam || Number(d.dimValue))).toEqual(['N', 3]);
    expect(
      model.graph?.node?.map(({ opType, input: reads, output: writes }) => [opType, reads, writes]),
    ).toEqual([
      ['Gemm', ['input', 'constant_1'], ['Gemm_1']],
      ['Add', ['Gemm_1', 'constant_2'], ['Add_1']],
      ['Identity', ['Add_1'], ['forecast']],
      ['Identity', ['constant_3'], ['large']],
    ]);
    const transposed = model.graph?.node?.[0]?.attribute?.[0];
    expect([transposed?.name, Number(transposed?.i), transposed?.type]).toEqual(['transB', 1, 2]);
    const large = model.graph?.initializer?.[2]?.rawData ?? new Uint8Array();
    expect([...new BigInt64Array(large.slice().buffer)]).toEqual([-1n, 2n ** 40n]);
  });

  it('leaves out what no output needs, operator sets included', () => {
    const graph = newGraph();
    const input = graph.input('input', 'float32', ['N', 3]);
    const { add, scalar } = createOperators(graph);
    graph.node('Scaler', [add(input, scalar(2))], {}, { domain: 'ai.onnx.ml' });
    graph.output('result', add(input, scalar(1)), 'float32', ['N', 3]);
    const { graph: kept, opsetImport } = onnx.ModelProto.decode(graph.encode());
    expect(kept?.node?.map(({ opType, input: reads }) => [opType, reads])).toEqual([
      ['Add', ['input', 'constant_2']],
      ['Identity', ['Add_2']],
    ]);
    expect(kept?.initializer?.map(({ name }) => name)).toEqual(['constant_2']);
    expect(opsetImport.map(({ domain }) => domain)).toEqual(['']);
  });

  it('encodes whole numbers of any size as protobuf does', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -(2 ** 53) + 1, max: 2 ** 53 - 1 })), (values) => {
        const graph = newGraph();
        graph.output('o', graph.node('Op', [], { values: { ints: values } }), 'float32', []);
        const read = onnx.ModelProto.decode(graph.encode()).graph?.node?.[0]?.attribute?.[0]?.ints ?? [];
        expect(read.map(Number)).toEqual(values);
      }),
    );
  });

  it('has the same bytes for the same calls', () => {
    const build = () => {
      const graph = newGraph();
      const { relu } = createOperators(graph);
      graph.output('o', relu(graph.input('i', 'float32', [1])), 'float32', [1]);
      return graph.encode();
    };
    expect(build()).toEqual(build());
  });

  it('stores equal constants once and keeps 0 and −0, and shapes, apart', () => {
    const graph = newGraph();
    expect(graph.floats([1, 2], [2])).toBe(graph.floats([1, 2], [2]));
    expect(graph.floats([0])).not.toBe(graph.floats([-0]));
    expect(graph.floats([1, 2], [2])).not.toBe(graph.floats([1, 2], [1, 2]));
    expect(graph.ints([1])).not.toBe(graph.floats([1], [1]));
  });

  it('computes the same thing once, and other things apart', () => {
    const graph = newGraph();
    const input = graph.input('input', 'float32', ['N', 4]);
    const { topK, softmax, add } = createOperators(graph);
    expect(softmax(input, 1)).toBe(softmax(input, 1));
    expect(softmax(input, 1)).not.toBe(softmax(input, 0));
    expect(topK(add(input, input), 2, 1)).toEqual(topK(add(input, input), 2, 1));
    expect(topK(input, 2, 1)).not.toEqual(topK(input, 2, 1, false));
  });

  it.each([
    ['a value it does not have', (graph: GraphBuilder) => graph.node('Relu', ['ghost']), 'Relu reads ghost'],
    [
      'a second value of a name',
      (graph: GraphBuilder) => [1, 2].map(() => graph.input('i', 'float32', [1])),
      'named i already',
    ],
    [
      'a constant of another size',
      (graph: GraphBuilder) => graph.floats([1, 2, 3], [2]),
      'holds 2 values, not 3',
    ],
    ['no output', (graph: GraphBuilder) => graph.encode(), 'no output'],
  ])('refuses %s', (_, act, message) => {
    expect(() => act(newGraph())).toThrow(message);
  });
});

describe('operators run as they should', () => {
  const flat = (expected: readonly number[]) => ({ values: expected, shape: [2, 3] });

  it.each<[string, (operators: Operators, input: Value, graph: GraphBuilder) => Value, readonly number[]]>([
    [
      'arithmetic',
      (o, x) => o.subtract(o.divide(o.multiply(x, o.scalar(4)), o.scalar(2)), o.negate(x)),
      SIX.map((v) => 3 * v),
    ],
    ['clip', (o, x) => o.clip(x, -2, 3), [1, -2, 3, -2, 3, -2]],
    ['where', (o, x) => o.where(o.greater(x, o.scalar(0)), x, o.scalar(9)), [1, 9, 3, 9, 5, 9]],
    [
      'maximum and minimum',
      (o, x) => o.maximum(o.minimum(x, o.scalar(2)), o.scalar(-3)),
      [1, -2, 2, -3, 2, -3],
    ],
    ['abs and relu', (o, x) => o.subtract(o.abs(x), o.relu(x)), [0, 2, 0, 4, 0, 6]],
    ['reduce', (o, x) => o.add(o.reduce('sum', x, [1]), o.multiply(x, o.scalar(0))), [2, 2, 2, -5, -5, -5]],
    ['cumulative sum', (o, x) => o.cumulativeSum(x, 1), [1, -1, 2, -4, 1, -5]],
    [
      'slice',
      (o, x) =>
        o.concat([o.slice(x, { axis: 1, start: 1, end: 3 }), o.slice(x, { axis: 1, start: 0, end: 1 })], 1),
      [-2, 3, 1, 5, -6, -4],
    ],
    [
      'slice backwards',
      (o, x) => o.slice(x, { axis: 1, start: 2, end: -4, step: -1 }),
      [3, -2, 1, -6, 5, -4],
    ],
    ['gather', (o, x, g) => o.gather(x, g.ints([2, 0, 1]), 1), [3, 1, -2, -6, -4, 5]],
    ['transpose and reshape', (o, x) => o.reshape(o.transpose(x, [1, 0]), [2, 3]), [1, -4, -2, 5, 3, -6]],
    [
      'matrix product',
      (o, x, g) => o.matMul(x, g.floats([0, 1, 0, 0, 0, 1, 1, 0, 0], [3, 3])),
      [3, 1, -2, -6, -4, 5],
    ],
    ['top k', (o, x) => o.topK(x, 3, 1)[0], [3, 1, -2, 5, -4, -6]],
    [
      'arg max',
      (o, x, g) => o.expand(o.unsqueeze(o.cast(o.argMax(x, 1), 'float32'), [1]), g.ints([2, 3])),
      [2, 2, 2, 1, 1, 1],
    ],
    [
      'nan test',
      (o, x) => o.where(o.isNaN(o.sqrt(x)), o.scalar(0), o.scalar(1)),
      [1, 0, 1, 0, 1, 0].map(Number),
    ],
  ])('%s', async (_, build, expected) => {
    expect(await run(SIX, [2, 3], (o, x, g) => o.add(build(o, x, g), o.multiply(x, o.scalar(0))))).toEqual(
      flat(expected),
    );
  });

  it('softmax sums to one along its axis', async () => {
    const { values } = await run(SIX, [2, 3], (o, x) => o.reduce('sum', o.softmax(x, 1), [1], false));
    for (const sum of values) expect(sum).toBeCloseTo(1, 6);
  });

  it('gathers by coordinates and by element, splits and joins', async () => {
    const gathered = await run(SIX, [2, 3], (o, x, g) => o.gatherNd(x, g.ints([0, 2, 1, 1], [2, 2])));
    expect(gathered).toEqual({ values: [3, 5], shape: [2] });
    const elements = await run(SIX, [2, 3], (o, x, g) => o.gatherElements(x, g.ints([2, 0], [2, 1]), 1));
    expect(elements).toEqual({ values: [3, -4], shape: [2, 1] });
    const swapped = await run(SIX, [2, 3], (o, x) => o.concat([...o.split(x, [1, 2], 1)].reverse(), 1));
    expect(swapped).toEqual({ values: [-2, 3, 1, 5, -6, -4], shape: [2, 3] });
    const tiled = await run([7], [1], (o, x) => o.tile(x, [3]));
    expect(tiled).toEqual({ values: [7, 7, 7], shape: [3] });
  });
});

const python = process.env['PYTHON'] ?? 'python3';
const hasOnnx = spawnSync(python, ['-c', 'import onnx']).status === 0;

describe.runIf(hasOnnx)('the checker of ONNX itself', () => {
  it('accepts a graph', () => {
    const graph = newGraph();
    const input = graph.input('input', 'float32', ['N', 4]);
    const o = createOperators(graph);
    graph.output('forecast', o.softmax(o.topK(o.exp(input), 2, 1)[0], 1), 'float32', ['N', 2]);
    const check =
      'import onnx, sys; onnx.checker.check_model(onnx.load_model_from_string(sys.stdin.buffer.read()), full_check=True)';
    expect(execFileSync(python, ['-c', check], { input: graph.encode(), encoding: 'utf8' })).toBe('');
  });
});
