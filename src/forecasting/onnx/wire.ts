/** Writing protobuf's wire format (https://protobuf.dev/programming-guides/encoding), as much as ONNX needs. */

/** Encoded parts of one message, in order. */
export type Parts = readonly Uint8Array[];

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

const utf8 = new TextEncoder();

/** Appends a 64-bit varint; negative numbers take ten bytes, as two's complement. */
const pushVarint = (bytes: number[], value: number): void => {
  let rest = value;
  if (value < 0 || !Number.isSafeInteger(value)) {
    let wide = BigInt.asUintN(64, BigInt(value));
    for (; wide >= 0x80n; wide >>= 7n) bytes.push(Number(wide & 0x7fn) | 0x80);
    rest = Number(wide);
  }
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
};

const varint = (value: number): Uint8Array => {
  const bytes: number[] = [];
  pushVarint(bytes, value);
  return Uint8Array.from(bytes);
};

const tag = (field: number, wireType: number): Uint8Array => varint(field * 8 + wireType);

/** One run of bytes from many. */
export const join = (parts: Parts): Uint8Array => {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
};

/** Field of type int32, int64 or enum. */
export const intField = (field: number, value: number): Uint8Array =>
  join([tag(field, VARINT), varint(value)]);

/** Field of type bytes, or a message that is encoded already. */
export const bytesField = (field: number, bytes: Uint8Array): Uint8Array =>
  join([tag(field, LENGTH_DELIMITED), varint(bytes.length), bytes]);

export const stringField = (field: number, text: string): Uint8Array => bytesField(field, utf8.encode(text));

export const messageField = (field: number, parts: Parts): Uint8Array => bytesField(field, join(parts));

export const floatField = (field: number, value: number): Uint8Array =>
  join([tag(field, FIXED32), littleEndian(Float32Array.of(value))]);

/** Packed repeated int64. */
export const packedInts = (field: number, values: readonly number[]): Uint8Array => {
  const bytes: number[] = [];
  for (const value of values) pushVarint(bytes, value);
  return bytesField(field, Uint8Array.from(bytes));
};

/** Packed repeated float. */
export const packedFloats = (field: number, values: Float32Array): Uint8Array =>
  bytesField(field, littleEndian(values));

/** The values' bytes, least significant first, whatever the machine's order. */
export const littleEndian = (values: Float32Array | BigInt64Array): Uint8Array => {
  const bytes = new Uint8Array(values.byteLength);
  const view = new DataView(bytes.buffer);
  if (values instanceof Float32Array) {
    for (let i = 0; i < values.length; i += 1) view.setFloat32(4 * i, values[i] ?? 0, true);
  } else {
    for (let i = 0; i < values.length; i += 1) view.setBigInt64(8 * i, values[i] ?? 0n, true);
  }
  return bytes;
};
