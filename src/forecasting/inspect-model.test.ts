import fc from 'fast-check';
import { onnx } from 'onnx-proto';
import { describe, expect, it } from 'vitest';
import { tinyModel } from '../../test/edge/tiny-model.ts';
import { UnusableModel } from './inference.ts';
import { inspectModel } from './inspect-model.ts';

const whole = tinyModel({ version: '1.0.0' });

/** The model changed through protobuf's own library. */
function changed(change: (graph: onnx.GraphProto, model: onnx.ModelProto) => void): Uint8Array {
  const model = onnx.ModelProto.decode(whole);
  change(model.graph as onnx.GraphProto, model);
  return onnx.ModelProto.encode(model).finish();
}

const withNode = (node: onnx.INodeProto) => changed(({ node: nodes }) => nodes.unshift(node));
const withConstant = (tensor: onnx.ITensorProto) =>
  changed(({ initializer }) => initializer.push({ name: 'w', dataType: 1, ...tensor }));
const external = (location: string): onnx.ITensorProto => ({
  dims: [1],
  dataLocation: 1,
  externalData: [{ key: 'location', value: location }],
});
const opset = (domain: string, version: number) =>
  changed((_, { opsetImport }) => opsetImport.push({ domain, version }));

/** A field of a message within another: its number, and the bytes of its value. */
const field = (number: number, body: readonly number[]): number[] => {
  const tag = number * 8 + 2;
  const varint: number[] = [];
  for (let rest = tag; rest > 0; rest = Math.floor(rest / 128))
    varint.push((rest % 128) + (rest >= 128 ? 128 : 0));
  return [...varint, body.length, ...body];
};

describe('a model file', () => {
  it('is known by its metadata and the width of its rows', () => {
    const { metadata, width } = inspectModel(whole);
    expect(metadata['site']).toBe('bess-456');
    expect(width).toBeGreaterThan(720);
  });

  it.each<[string, Uint8Array, string]>([
    ['external data', withConstant(external('../../etc/passwd')), 'keeps its data outside the file'],
    ['external data in memory', withConstant(external('*/_ORT_MEM_ADDR_/*')), 'outside the file'],
    [
      'sparse external data',
      changed((graph) => {
        graph.sparseInitializer = [{ values: external('x'), dims: [1] }];
      }),
      'sparse tensors',
    ],
    [
      'a sparse tensor in a node',
      withNode({ opType: 'Constant', attribute: [{ name: 'v', sparseTensor: {} }] }),
      'a sparse tensor in Constant',
    ],
    [
      'a tensor in a node',
      withNode({ opType: 'ConstantOfShape', attribute: [{ name: 'v', t: { dataType: 1 } }] }),
      'a tensor in ConstantOfShape',
    ],
    ['a loop', withNode({ opType: 'Loop', attribute: [{ name: 'body', g: {} }] }), 'a nested graph in Loop'],
    ['an operator nobody here writes', withNode({ opType: 'RandomNormal' }), 'ai.onnx.RandomNormal is not'],
    [
      'an operator of somebody else',
      withNode({ opType: 'Inverse', domain: 'com.microsoft' }),
      'operator com.microsoft.Inverse is not allowed',
    ],
    [
      'a known name of a foreign domain',
      withNode({ opType: 'Add', domain: 'ai.onnx' }),
      'operator ai.onnx.Add is not allowed',
    ],
    ['a foreign operator set', opset('com.microsoft', 1), 'operator set com.microsoft is not allowed'],
    ['an operator set to come', opset('ai.onnx.ml', 99), 'operator set ai.onnx.ml 99 is not supported'],
    ['an operator set named twice', opset('', 20), 'says ai.onnx twice'],
    [
      'no operator set',
      changed((_, model) => {
        model.opsetImport = [];
      }),
      'does not say which operator set',
    ],
    [
      'a file format to come',
      changed((_, model) => {
        model.irVersion = 99;
      }),
      'ONNX format 99 is not supported',
    ],
    ['a huge shape', withConstant({ dims: [2 ** 30, 2 ** 30] }), 'constant w has the shape'],
    ['a shape below nothing', withConstant({ dims: [-1] }), 'constant w has the shape [-1]'],
    ['a shape of nothing and much', withConstant({ dims: [0, 2 ** 40] }), 'constant w has the shape'],
    ['more values than bytes', withConstant({ dims: [1000], rawData: new Uint8Array(4) }), 'holds 4 bytes'],
    ['texts as values', withConstant({ dims: [1], dataType: 8 }), 'element type 8'],
    [
      'thousands of nodes',
      changed(({ node }) => {
        for (let i = 0; i < 20_001; i++) node.push({ opType: 'Abs' });
      }),
      'nodes, more than 20000',
    ],
    [
      'metadata that says two things',
      changed((_, model) => model.metadataProps.push({ key: 'site', value: 'bess-457' })),
      'says site twice',
    ],
    [
      'another input',
      changed(({ input }) => input.push({ name: 'extra', type: input[0]?.type ?? null })),
      'the only input must be input',
    ],
    ['functions', changed((_, model) => model.functions.push({ name: 'f' })), 'functions of its own'],
    ['a field that ONNX does not have', Uint8Array.from([...whole, ...field(99, [])]), 'unknown field 99'],
    [
      'a field whose number a careless reader cuts off',
      Uint8Array.from([...whole, ...field(2 ** 29 + 25, [])]),
      'not an ONNX file',
    ],
  ])('with %s is refused', (_, bytes, message) => {
    expect(() => inspectModel(bytes)).toThrow(UnusableModel);
    expect(() => inspectModel(bytes)).toThrow(message);
  });

  it('made of more parts than a model needs is refused before they fill the memory', () => {
    const many = new Uint8Array(32 * 1024 * 1024);
    for (let i = 0; i < many.length; i += 2) many[i] = 0x72;
    expect(() => inspectModel(many)).toThrow('more parts than any model needs');
  });

  it('however it is damaged, is taken or refused with the typed error', () => {
    const byte = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    const splice = fc.tuple(fc.nat(whole.length), fc.nat(64), fc.uint8Array({ maxLength: 64 }));
    fc.assert(
      fc.property(
        fc.array(byte, { maxLength: 12 }),
        fc.array(splice, { maxLength: 3 }),
        fc.nat(whole.length),
        (bytes, splices, length) => {
          const mutated = whole.slice();
          for (const [at, value] of bytes) mutated[at] = value;
          let file = [...mutated];
          for (const [at, remove, insert] of splices) file = file.toSpliced(at, remove, ...insert);
          expect(() => outcome(Uint8Array.from(file.slice(0, length)))).not.toThrow();
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

/** Nothing, or the error when it is another than the typed one. */
function outcome(bytes: Uint8Array): void {
  try {
    inspectModel(bytes);
  } catch (error) {
    if (!(error instanceof UnusableModel)) throw error;
  }
}
