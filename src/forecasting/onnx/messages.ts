import {
  bytesField,
  floatField,
  intField,
  join,
  littleEndian,
  messageField,
  packedFloats,
  packedInts,
  stringField,
} from './wire.ts';

/** Element types used in our graphs, with ONNX's numbers for them. */
export const ELEMENT_TYPES = { float32: 1, int64: 7, bool: 9, float64: 11 } as const;
export type ElementType = keyof typeof ELEMENT_TYPES;

/** A fixed size, or the name of one that is known only when the graph runs. */
export type Dimension = number | string;

/** An attribute of a node; ONNX keeps whole and real numbers apart, so each says what it is. */
export type Attribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly string: string }
  | { readonly ints: readonly number[] }
  | { readonly floats: Float32Array }
  | { readonly strings: readonly string[] };

const utf8 = new TextEncoder();

/** Payload and type number of an AttributeProto. */
const attributeBody = (attribute: Attribute): readonly [payload: readonly Uint8Array[], type: number] => {
  if ('int' in attribute) return [[intField(3, attribute.int)], 2];
  if ('float' in attribute) return [[floatField(2, attribute.float)], 1];
  if ('string' in attribute) return [[bytesField(4, utf8.encode(attribute.string))], 3];
  if ('ints' in attribute) return [[packedInts(8, attribute.ints)], 7];
  if ('floats' in attribute) return [[packedFloats(7, attribute.floats)], 6];
  return [attribute.strings.map((text) => bytesField(9, utf8.encode(text))), 8];
};

const attributeField = (name: string, attribute: Attribute): Uint8Array => {
  const [payload, type] = attributeBody(attribute);
  return messageField(5, [stringField(1, name), ...payload, intField(20, type)]);
};

export interface NodeParts {
  readonly operator: string;
  /** Empty for ONNX's own operators. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** What a NodeProto computes: all of it but its outputs and name. */
export const nodeBody = ({ operator, domain, inputs, attributes }: NodeParts): Uint8Array =>
  join([
    ...inputs.map((name) => stringField(1, name)),
    stringField(4, operator),
    ...Object.entries(attributes).map(([name, attribute]) => attributeField(name, attribute)),
    ...(domain === '' ? [] : [stringField(7, domain)]),
  ]);

/** A NodeProto as a field of its graph, named after its first output. */
export const nodeField = (body: Uint8Array, outputs: readonly string[]): Uint8Array =>
  messageField(1, [body, ...outputs.map((name) => stringField(2, name)), stringField(3, outputs[0] ?? '')]);

/** A TensorProto as an initializer of its graph, the values as raw bytes. */
export const initializerField = (
  name: string,
  values: Float32Array | BigInt64Array,
  dimensions: readonly number[],
): Uint8Array =>
  messageField(5, [
    packedInts(1, dimensions),
    intField(2, values instanceof Float32Array ? ELEMENT_TYPES.float32 : ELEMENT_TYPES.int64),
    stringField(8, name),
    bytesField(9, littleEndian(values)),
  ]);

/** The body of a ValueInfoProto: name, element type and shape of an input or output. */
export const valueInfo = (
  name: string,
  type: ElementType,
  dimensions: readonly Dimension[],
): readonly Uint8Array[] => {
  const shape = dimensions.map((size) =>
    messageField(1, [typeof size === 'number' ? intField(1, size) : stringField(2, size)]),
  );
  const tensor = messageField(1, [intField(1, ELEMENT_TYPES[type]), messageField(2, shape)]);
  return [stringField(1, name), messageField(2, [tensor])];
};

export interface ModelParts {
  readonly irVersion: number;
  readonly producerName: string;
  readonly producerVersion: string;
  readonly graph: readonly Uint8Array[];
  readonly opsets: readonly { readonly domain: string; readonly version: number }[];
  readonly metadata: readonly (readonly [key: string, value: string])[];
}

/** The fields of a ModelProto. */
export const modelFields = (model: ModelParts): readonly Uint8Array[] => [
  intField(1, model.irVersion),
  stringField(2, model.producerName),
  stringField(3, model.producerVersion),
  messageField(7, model.graph),
  ...model.opsets.map(({ domain, version }) =>
    messageField(8, [stringField(1, domain), intField(2, version)]),
  ),
  ...model.metadata.map(([key, value]) => messageField(14, [stringField(1, key), stringField(2, value)])),
];
