import type { Dimension } from './messages.ts';
import {
  type Field,
  MalformedMessage,
  parts,
  type ReadingBudget,
  readFields,
  text,
  textOf,
  wholeNumber,
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

/** Fields in all messages of a file, and numbers of its shapes; a trained ensemble has some 11,000. */
const MOST_PARTS = 500_000;

/**
 * Fields that ONNX gives each message and that cannot reach beyond the graph. All others are refused, whatever
 * they mean to some runtime: functions, training graphs, sparse tensors, external data, nested graphs.
 */
const FIELDS = {
  model: [1, 2, 3, 4, 5, 6, 7, 8, 14],
  graph: [1, 2, 5, 10, 11, 12, 13],
  node: [1, 2, 3, 4, 5, 6, 7],
  attribute: [1, 2, 3, 4, 7, 8, 9, 13, 20],
  tensor: [1, 2, 4, 5, 7, 8, 9, 10, 11, 12],
} as const;

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
 * ONNX model and for models with external data, sparse tensors, nested graphs, functions, training graphs or
 * anything unknown, wherever in the file they hide.
 */
export const readModel = (bytes: Uint8Array): ModelStructure => {
  try {
    return readModelProto(bytes, { left: MOST_PARTS });
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

const readModelProto = (bytes: Uint8Array, budget: ReadingBudget): ModelStructure => {
  const model = readFields(bytes, budget);
  refuse(model, 20, 'training graphs');
  refuse(model, 25, 'functions of its own');
  const graphs = parts(model, 7);
  const [graph] = graphs;
  if (!graph || graphs.length > 1)
    throw new UnsafeModel(`the file has ${graphs.length} graphs instead of one`);
  refuseUnknown(model, 'model');
  const fields = readFields(graph, budget);
  refuse(fields, 15, 'sparse tensors');
  refuseUnknown(fields, 'graph');
  const all = <Part>(number: number, read: (part: Uint8Array, budget: ReadingBudget) => Part) =>
    parts(fields, number).map((part) => read(part, budget));
  return {
    irVersion: wholeNumber(model, 1, budget),
    producerName: text(model, 2),
    producerVersion: text(model, 3),
    opsets: new Map(unique(parts(model, 8).map((part) => readOpset(part, budget)))),
    inputs: all(11, readTensorInfo),
    outputs: all(12, readTensorInfo),
    constants: all(5, readConstant),
    nodes: all(1, readNode),
    metadata: Object.fromEntries(unique(parts(model, 14).map((part) => readEntry(part, budget)))),
  };
};

const refuse = (fields: readonly Field[], number: number, what: string): void => {
  if (fields.some((field) => field.number === number)) throw new UnsafeModel(`the model has ${what}`);
};

const refuseUnknown = (fields: readonly Field[], message: keyof typeof FIELDS): void => {
  const known: readonly number[] = FIELDS[message];
  const unknown = fields.find(({ number }) => !known.includes(number));
  if (unknown) throw new UnsafeModel(`the ${message} has an unknown field ${unknown.number}`);
};

/** Of two entries with one key, one reader takes the first and another the last. */
const unique = <Value>(entries: readonly (readonly [string, Value])[]): typeof entries => {
  const keys = new Set<string>();
  for (const [key] of entries) {
    if (keys.has(key)) throw new UnsafeModel(`the model says ${key === '' ? 'ai.onnx' : key} twice`);
    keys.add(key);
  }
  return entries;
};

const readOpset = (bytes: Uint8Array, budget: ReadingBudget): readonly [string, number] => {
  const fields = readFields(bytes, budget);
  return [text(fields, 1), wholeNumber(fields, 2, budget)];
};

const readEntry = (bytes: Uint8Array, budget: ReadingBudget): readonly [string, string] => {
  const fields = readFields(bytes, budget);
  return [text(fields, 1), text(fields, 2)];
};

const readTensorInfo = (bytes: Uint8Array, budget: ReadingBudget): TensorInfo => {
  const fields = readFields(bytes, budget);
  const name = text(fields, 1);
  const type = readFields(parts(fields, 2).at(-1) ?? new Uint8Array(), budget);
  const [tensor] = parts(type, 1);
  if (!tensor) throw new UnsafeModel(`${name} is not a tensor`);
  const shaped = readFields(tensor, budget);
  const shape = parts(shaped, 2).at(-1);
  return {
    name,
    elementType: wholeNumber(shaped, 1, budget),
    dimensions: shape ? parts(readFields(shape, budget), 1).map((part) => readDimension(part, budget)) : null,
  };
};

const readDimension = (bytes: Uint8Array, budget: ReadingBudget): Dimension => {
  const fields = readFields(bytes, budget);
  const size = wholeNumbers(fields, 1, budget).at(-1);
  return size === undefined ? text(fields, 2) : size;
};

/** Fields of a TensorProto that hold values within the file. */
const VALUE_FIELDS = [4, 5, 6, 7, 9, 10, 11];

const readConstant = (bytes: Uint8Array, budget: ReadingBudget): ConstantInfo => {
  const fields = readFields(bytes, budget);
  const name = text(fields, 8);
  const elsewhere = wholeNumbers(fields, 14, budget).some((location) => location !== 0);
  if (elsewhere || fields.some(({ number }) => number === 13)) {
    throw new UnsafeModel(`tensor ${name} keeps its data outside the file`);
  }
  // A location that says "within the file" is the default.
  refuseUnknown(
    fields.filter(({ number }) => number !== 14),
    'tensor',
  );
  const values = fields.filter(({ number }) => VALUE_FIELDS.includes(number));
  return {
    name,
    elementType: wholeNumber(fields, 2, budget),
    dimensions: wholeNumbers(fields, 1, budget),
    byteLength: values.reduce((sum, field) => sum + (field.bytes?.length ?? 0), 0),
  };
};

const readNode = (bytes: Uint8Array, budget: ReadingBudget): NodeInfo => {
  const fields = readFields(bytes, budget);
  const operator = text(fields, 4);
  refuseUnknown(fields, 'node');
  for (const attribute of parts(fields, 5)) checkAttribute(attribute, operator, budget);
  return {
    operator,
    domain: text(fields, 7),
    inputs: parts(fields, 1).map(textOf),
    outputs: parts(fields, 2).map(textOf),
  };
};

/** Constants are the graph's own: those within attributes, nested graphs and sparse tensors are refused. */
const checkAttribute = (bytes: Uint8Array, operator: string, budget: ReadingBudget): void => {
  const attribute = readFields(bytes, budget);
  for (const number of [6, 11]) refuse(attribute, number, `a nested graph in ${operator}`);
  for (const number of [22, 23]) refuse(attribute, number, `a sparse tensor in ${operator}`);
  for (const number of [5, 10]) for (const tensor of parts(attribute, number)) readConstant(tensor, budget);
  for (const number of [5, 10]) refuse(attribute, number, `a tensor in ${operator}`);
  refuseUnknown(attribute, 'attribute');
};
