import fc from 'fast-check';
import { onnx } from 'onnx-proto';
import { describe, expect, it } from 'vitest';
import { createGraph } from './graph.ts';
import { readMetadata, readModel, UnsafeModel } from './model-reader.ts';
import { createOperators } from './operators.ts';

const encoded = (): Uint8Array => {
  const graph = createGraph({ name: 'g', producerName: 'lifo4-ml', producerVersion: '0.1.0' });
  const input = graph.input('input', 'float32', ['N', 3]);
  const { matMul } = createOperators(graph);
  graph.output('forecast', matMul(input, graph.floats([1, 2, 3, 4, 5, 6], [3, 2])), 'float32', ['N', 2]);
  graph.metadata('site', 'câmara-1');
  return graph.encode();
};

/** A model changed through protobuf's own library. */
const changed = (change: (model: onnx.ModelProto, graph: onnx.IGraphProto) => void): Uint8Array => {
  const model = onnx.ModelProto.decode(encoded());
  if (!model.graph) throw new Error('no graph');
  change(model, model.graph);
  return onnx.ModelProto.encode(model).finish();
};

describe('the structure of a model', () => {
  it('names inputs, outputs, constants, nodes, opsets and metadata', () => {
    expect(readModel(encoded())).toEqual({
      irVersion: 10,
      producerName: 'lifo4-ml',
      producerVersion: '0.1.0',
      opsets: new Map([['', 21]]),
      inputs: [{ name: 'input', elementType: 1, dimensions: ['N', 3] }],
      outputs: [{ name: 'forecast', elementType: 1, dimensions: ['N', 2] }],
      constants: [{ name: 'constant_1', elementType: 1, dimensions: [3, 2], byteLength: 24 }],
      nodes: [
        { operator: 'MatMul', domain: '', inputs: ['input', 'constant_1'], outputs: ['MatMul_1'] },
        { operator: 'Identity', domain: '', inputs: ['MatMul_1'], outputs: ['forecast'] },
      ],
      metadata: { site: 'câmara-1' },
    });
    expect(readMetadata(encoded())).toEqual({ site: 'câmara-1' });
  });

  it('is the same when another encoder wrote the file', () => {
    expect(readModel(changed(() => undefined))).toEqual(readModel(encoded()));
  });
});

const external: onnx.ITensorProto = {
  name: 'w',
  dims: [1],
  dataType: 1,
  dataLocation: 1,
  externalData: [{ key: 'location', value: '../../etc/passwd' }],
};
const subgraph: onnx.IGraphProto = { name: 'inner', initializer: [external] };

describe('refuses', () => {
  it.each<[string, Uint8Array, string]>([
    [
      'external data',
      changed((_, graph) => graph.initializer?.push(external)),
      'tensor w keeps its data outside the file',
    ],
    [
      'an external location alone',
      changed((_, graph) => graph.initializer?.push({ ...external, externalData: [] })),
      'outside the file',
    ],
    [
      'external data in an attribute',
      changed((_, graph) =>
        graph.node?.push({
          opType: 'Constant',
          output: ['c'],
          attribute: [{ name: 'value', type: 4, t: external }],
        }),
      ),
      'outside the file',
    ],
    [
      'a nested graph',
      changed((_, graph) =>
        graph.node?.push({ opType: 'If', attribute: [{ name: 'then_branch', type: 5, g: subgraph }] }),
      ),
      'a nested graph in If',
    ],
    [
      'a sparse tensor',
      changed((_, graph) => {
        graph.sparseInitializer = [{ values: external }];
      }),
      'sparse tensors',
    ],
    [
      'functions',
      changed((model) => {
        model.functions = [{ name: 'f' }];
      }),
      'functions of its own',
    ],
    [
      'training graphs',
      changed((model) => {
        model.trainingInfo = [{}];
      }),
      'training graphs',
    ],
    ['a second graph', Uint8Array.from([...encoded(), 0x3a, 0]), '2 graphs instead of one'],
    ['nothing', new Uint8Array(), '0 graphs'],
    ['a pickle', Uint8Array.from([0x80, 4, 0x95, 0x0b, 0, 0, 0]), 'not an ONNX file'],
    ['a web page', new TextEncoder().encode('<!doctype html><html></html>'), 'not an ONNX file'],
    ['half a file', encoded().slice(0, 150), 'not an ONNX file'],
  ])('%s', (_, bytes, message) => {
    expect(() => readModel(bytes)).toThrow(UnsafeModel);
    expect(() => readModel(bytes)).toThrow(message);
  });

  it('whatever else is thrown at it, with the same error', () => {
    const whole = encoded();
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), fc.nat(whole.length), (changes, length) => {
        const bytes = whole.slice();
        for (const [at, value] of changes) bytes[at] = value;
        expect(outcome(bytes.slice(0, length))).toBeInstanceOf(Object);
      }),
      { numRuns: 500 },
    );
  });
});

/** The structure, or the error when it is the typed one; any other error fails the test. */
const outcome = (bytes: Uint8Array): object => {
  try {
    return readModel(bytes);
  } catch (error) {
    if (error instanceof UnsafeModel) return error;
    throw error;
  }
};
