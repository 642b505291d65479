import {
  type Attribute,
  type Dimension,
  type ElementType,
  initializerField,
  modelFields,
  nodeBody,
  nodeField,
  valueInfo,
} from './messages.ts';
import { join, messageField, stringField } from './wire.ts';

/** Opset of ONNX's own operators and of `ai.onnx.ml` in the graphs written here; any runtime ≥ 1.18 has both. */
export const OPSET = 21;
export const ML_OPSET = 3;
const IR_VERSION = 10;

/** The name of a tensor in a graph. */
export type Value = string;

interface NodeOptions {
  readonly domain?: string;
  /** Number of outputs, 1 by default. */
  readonly outputs?: number;
}

/**
 * Collects an ONNX graph and encodes it. Values must exist before they are used, so nodes are in a running order
 * by construction. Names are numbered, so the same calls give the same bytes. A constant or node that is there
 * already is not added again, and one that no output needs is left out: models share much of their arithmetic, and a
 * runtime takes long to load large graphs.
 */
export interface GraphBuilder {
  /** An input of the graph; a dimension that is known only at run time is given by name. */
  input(name: string, type: ElementType, dimensions: readonly Dimension[]): Value;
  /** Publishes a value as an output of the graph under `name`; outputs keep the order of the calls. */
  output(name: string, value: Value, type: ElementType, dimensions: readonly Dimension[]): void;
  /** A float32 constant; a scalar has no dimensions. */
  floats(values: ArrayLike<number>, dimensions?: readonly number[]): Value;
  /** An int64 constant, one-dimensional unless dimensions are given. */
  ints(values: readonly number[], dimensions?: readonly number[]): Value;
  /** Adds a node with one output and answers it. */
  node(
    operator: string,
    inputs: readonly Value[],
    attributes?: Readonly<Record<string, Attribute>>,
    options?: NodeOptions,
  ): Value;
  /** Adds a node and answers all its outputs. */
  nodes(
    operator: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, Attribute>>,
    options: NodeOptions,
  ): readonly Value[];
  /** Sets an entry of `metadata_props`; an earlier entry of that key is replaced. */
  metadata(key: string, value: string): void;
  /** The ModelProto's bytes. Throws when there is no output. */
  encode(): Uint8Array;
}

export interface GraphOptions {
  readonly name: string;
  readonly producerName: string;
  readonly producerVersion: string;
}

const checkSize = (count: number, dimensions: readonly number[]): void => {
  const size = dimensions.reduce((product, dimension) => product * dimension, 1);
  if (size !== count)
    throw new RangeError(`a constant of shape [${dimensions}] holds ${size} values, not ${count}`);
};

/** Names of the graph's values: numbered, unique, and known before use. */
const createNames = () => {
  const known = new Set<Value>();
  const counters = new Map<string, number>();
  return {
    declare(name: string): Value {
      if (known.has(name)) throw new Error(`the graph has a value named ${name} already`);
      known.add(name);
      return name;
    },
    next(stem: string): Value {
      const number = (counters.get(stem) ?? 0) + 1;
      counters.set(stem, number);
      return this.declare(`${stem}_${number}`);
    },
    /** An empty name stands for an optional input that is left out. */
    check(values: readonly Value[], operator: string): void {
      const unknown = values.find((value) => value !== '' && !known.has(value));
      if (unknown !== undefined)
        throw new Error(`${operator} reads ${unknown}, which the graph does not have`);
    },
  };
};

/** The bytes as text that names them: equal bytes, equal text. */
const keyOf = (bytes: ArrayBufferView): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

/** An entry of the graph, encoded, with the values it reads and gives. */
interface Part {
  readonly field: Uint8Array;
  readonly domain: string;
  readonly reads: readonly Value[];
  readonly writes: readonly Value[];
}

/** Those of the parts, in running order, that the values wanted depend on. */
const neededParts = (parts: readonly Part[], wanted: readonly Value[]): readonly Part[] => {
  const needed = new Set(wanted);
  const kept = parts.toReversed().filter(({ reads, writes }) => {
    if (!writes.some((value) => needed.has(value))) return false;
    for (const value of reads) needed.add(value);
    return true;
  });
  return kept.reverse();
};

/** Constants of the graph, equal ones stored once. */
const createConstants = (next: (stem: string) => Value) => {
  const parts: Part[] = [];
  const known = new Map<string, Value>();
  return {
    parts,
    add(values: Float32Array | BigInt64Array, dimensions: readonly number[]): Value {
      checkSize(values.length, dimensions);
      const key = `${values.constructor.name}[${dimensions}]${keyOf(values)}`;
      const existing = known.get(key);
      if (existing !== undefined) return existing;
      const name = next('constant');
      known.set(key, name);
      parts.push({
        field: initializerField(name, values, dimensions),
        domain: '',
        reads: [],
        writes: [name],
      });
      return name;
    },
  };
};

export const createGraph = ({ name, producerName, producerVersion }: GraphOptions): GraphBuilder => {
  const names = createNames();
  const constants = createConstants((stem) => names.next(stem));
  const nodeParts: Part[] = [];
  const inputs: Uint8Array[] = [];
  const outputs: Uint8Array[] = [];
  const published: Value[] = [];
  const metadata = new Map<string, string>();
  const computed = new Map<string, readonly Value[]>();

  const nodes: GraphBuilder['nodes'] = (operator, reads, attributes, { domain = '', outputs: count = 1 }) => {
    names.check(reads, operator);
    const body = nodeBody({ operator, domain, inputs: reads, attributes });
    const key = `${count} ${keyOf(body)}`;
    const existing = computed.get(key);
    if (existing !== undefined) return existing;
    const writes = Array.from({ length: count }, () => names.next(operator));
    computed.set(key, writes);
    nodeParts.push({ field: nodeField(body, writes), domain, reads, writes });
    return writes;
  };

  return {
    nodes,
    node: (operator, reads, attributes = {}, options = {}) =>
      nodes(operator, reads, attributes, { ...options, outputs: 1 })[0] ?? '',
    input(inputName, type, dimensions) {
      inputs.push(messageField(11, valueInfo(names.declare(inputName), type, dimensions)));
      return inputName;
    },
    output(outputName, value, type, dimensions) {
      names.check([value], 'the output');
      const body = nodeBody({ operator: 'Identity', domain: '', inputs: [value], attributes: {} });
      const writes = [names.declare(outputName)];
      nodeParts.push({ field: nodeField(body, writes), domain: '', reads: [value], writes });
      published.push(outputName);
      outputs.push(messageField(12, valueInfo(outputName, type, dimensions)));
    },
    floats: (values, dimensions = []) => constants.add(Float32Array.from(values), dimensions),
    ints: (values, dimensions = [values.length]) =>
      constants.add(BigInt64Array.from(values, BigInt), dimensions),
    metadata(key, value) {
      metadata.set(key, value);
    },
    encode() {
      if (outputs.length === 0) throw new Error('the graph has no output');
      const needed = new Set(neededParts([...constants.parts, ...nodeParts], published));
      const fieldsOf = (parts: readonly Part[]): Uint8Array[] =>
        parts.filter((part) => needed.has(part)).map(({ field }) => field);
      const domains = new Set(['', ...[...needed].map(({ domain }) => domain)]);
      const opsets = [...domains].map((domain) => ({ domain, version: domain === '' ? OPSET : ML_OPSET }));
      const graph = [
        ...fieldsOf(nodeParts),
        stringField(2, name),
        ...fieldsOf(constants.parts),
        ...inputs,
        ...outputs,
      ];
      const entries = [...metadata].sort(([a], [b]) => (a < b ? -1 : 1));
      return join(
        modelFields({
          irVersion: IR_VERSION,
          producerName,
          producerVersion,
          graph,
          opsets,
          metadata: entries,
        }),
      );
    },
  };
};
