import type { Dimension } from './messages.ts';
import {
  type Field,
  MalformedMessage,
  parts,
  readFields,
  text,
  textOf,
  wholeNumbers,
} from './wire-reader.ts';

/**
 * The file is no ONNX model that may be loaded: not the format at all, or something in it that could read other
 * files, hide data or run what was never judged.
 */
export class UnsafeModel extends Error {
  override readonly name = 'UnsafeModel';
}

/** An input or output of a graph. */
export interface TensorInfo {
  readonly name: string;
  /** ONNX's element type number: 1 is float32, 7 int64. */
  readonly elementType: number;
  /** Null when the file does not say. */
  readonly dimensions: readonly Dimension[] | null;
}

/** A constant of the graph; its values are left where they are. */
interface ConstantInfo {
  readonly name: string;
  readonly elementType: number;
  readonly dimensions: readonly number[];
  readonly byteLength: number;
}

interface NodeInfo {
  readonly operator: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** What a model file is made of, without its numbers. */
export interface ModelStructure {
  readonly irVersion: number;
  readonly producerName: string;
  readonly producerVersion: string;
  /** Version of each operator set by its domain; '' is ONNX's own. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  readonly constants: readonly ConstantInfo[];
  readonly nodes: readonly NodeInfo[];
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads the structure of a model from bytes and nothing else. Throws {@link UnsafeModel} for bytes that are no
 * ONNX model and for models with external data, sparse tensors, nested graphs, functions or training graphs,
 * wherever in the file they hide.
 */
export const readModel = (bytes: Uint8Array): ModelStructure => {
  try {
    return readModelProto(readFields(bytes));
  } catch (error) {
    if (error instanceof MalformedMessage) {
      throw new UnsafeModel(`not an ONNX file: ${error.message}`, { cause: error });
    }
    throw error;
  }
};

/** `metadata_props` of a model file. Throws like {@link readModel}. */
export const readMetadata = (bytes: Uint8Array): Readonly<Record<string, string>> =>
  readModel(bytes).metadata;

const readModelProto = (model: readonly Field[]): ModelStructure => {
  refuse(model, 20, 'training graphs');
  refuse(model, 25, 'functions of its own');
  const graphs = parts(model, 7);
  const [graph] = graphs;
  if (!graph || graphs.length > 1)
    throw new UnsafeModel(`the file has ${graphs.length} graphs instead of one`);
  const fields = readFields(graph);
  refuse(fields, 15, 'sparse tensors');
  return {
    irVersion: wholeNumbers(model, 1).at(-1) ?? 0,
    producerName: text(model, 2),
    producerVersion: text(model, 3),
    opsets: new Map(parts(model, 8).map(readOpset)),
    inputs: parts(fields, 11).map(readTensorInfo),
    outputs: parts(fields, 12).map(readTensorInfo),
    constants: parts(fields, 5).map(readConstant),
    nodes: parts(fields, 1).map(readNode),
    metadata: readEntries(parts(model, 14)),
  };
};

const refuse = (fields: readonly Field[], number: number, what: string): void => {
  if (fields.some((field) => field.number === number)) throw new UnsafeModel(`the model has ${what}`);
};

const readOpset = (bytes: Uint8Array): readonly [string, number] => {
  const fields = readFields(bytes);
  return [text(fields, 1), wholeNumbers(fields, 2).at(-1) ?? 0];
};

const readEntries = (entries: readonly Uint8Array[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    entries.map((entry) => {
      const fields = readFields(entry);
      return [text(fields, 1), text(fields, 2)];
    }),
  );

const readTensorInfo = (bytes: Uint8Array): TensorInfo => {
  const fields = readFields(bytes);
  const name = text(fields, 1);
  const type = readFields(parts(fields, 2).at(-1) ?? new Uint8Array());
  const [tensor] = parts(type, 1);
  if (!tensor) throw new UnsafeModel(`${name} is not a tensor`);
  const shaped = readFields(tensor);
  const shape = parts(shaped, 2).at(-1);
  return {
    name,
    elementType: wholeNumbers(shaped, 1).at(-1) ?? 0,
    dimensions: shape ? parts(readFields(shape), 1).map(readDimension) : null,
  };
};

const readDimension = (bytes: Uint8Array): Dimension => {
  const fields = readFields(bytes);
  const size = wholeNumbers(fields, 1).at(-1);
  return size === undefined ? text(fields, 2) : size;
};

/** Fields of a TensorProto that hold values within the file. */
const VALUE_FIELDS = [4, 5, 6, 7, 9, 10, 11];

const readConstant = (bytes: Uint8Array): ConstantInfo => {
  const fields = readFields(bytes);
  const name = text(fields, 8);
  const elsewhere = wholeNumbers(fields, 14).some((location) => location !== 0);
  if (elsewhere || fields.some(({ number }) => number === 13)) {
    throw new UnsafeModel(`tensor ${name} keeps its data outside the file`);
  }
  const values = fields.filter(({ number }) => VALUE_FIELDS.includes(number));
  return {
    name,
    elementType: wholeNumbers(fields, 2).at(-1) ?? 0,
    dimensions: wholeNumbers(fields, 1),
    byteLength: values.reduce((sum, field) => sum + (field.bytes?.length ?? 0), 0),
  };
};

const readNode = (bytes: Uint8Array): NodeInfo => {
  const fields = readFields(bytes);
  const operator = text(fields, 4);
  for (const attribute of parts(fields, 5)) checkAttribute(readFields(attribute), operator);
  return {
    operator,
    domain: text(fields, 7),
    inputs: parts(fields, 1).map(textOf),
    outputs: parts(fields, 2).map(textOf),
  };
};

/** Tensors within attributes are constants too; nested graphs and sparse tensors are refused. */
const checkAttribute = (attribute: readonly Field[], operator: string): void => {
  for (const number of [6, 11]) refuse(attribute, number, `a nested graph in ${operator}`);
  for (const number of [22, 23]) refuse(attribute, number, `a sparse tensor in ${operator}`);
  for (const number of [5, 10]) for (const tensor of parts(attribute, number)) readConstant(tensor);
};
