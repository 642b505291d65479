/** The bytes are no protobuf message. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
}

/** One field of a message: a varint as int64, or a view of the bytes of any other type. */
export interface Field {
  readonly number: number;
  readonly varint: number | null;
  readonly bytes: Uint8Array | null;
}

/** The largest number that a field may have. A reader that cuts longer tags off would see another field than this one. */
const LARGEST_NUMBER = 2 ** 29 - 1;

/** Fields and numbers that may still be read: a small file can be made of more of them than fit in memory. */
export interface ReadingBudget {
  left: number;
}

const spend = (budget: ReadingBudget): void => {
  budget.left -= 1;
  if (budget.left < 0) throw new MalformedMessage('the message has more parts than any model needs');
};

const utf8 = new TextDecoder('utf-8', { fatal: true });

export const textOf = (bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new MalformedMessage('a text is not UTF-8');
  }
};

/** Position in a message that is being read. */
interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

/** An int64. Nearly all are tags and lengths of a few bytes, which need no big integers. */
const readVarint = (cursor: Cursor): number => {
  let value = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = readByte(cursor);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  return readLongVarint(cursor, BigInt(value));
};

/** The rest of a varint after its first 28 bits. */
const readLongVarint = (cursor: Cursor, low: bigint): number => {
  let value = low;
  for (let shift = 28n; shift < 70n; shift += 7n) {
    const byte = readByte(cursor);
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return Number(BigInt.asIntN(64, value));
  }
  throw new MalformedMessage('a number is longer than 64 bits');
};

const readByte = (cursor: Cursor): number => {
  const byte = cursor.bytes[cursor.at];
  if (byte === undefined) throw new MalformedMessage('the message ends within a number');
  cursor.at += 1;
  return byte;
};

/** Views, never copies: a large tensor costs nothing to pass over. */
const readBytes = (cursor: Cursor, length: number): Uint8Array => {
  if (length < 0 || length > cursor.bytes.length - cursor.at) {
    throw new MalformedMessage('the message ends within a field');
  }
  const bytes = cursor.bytes.subarray(cursor.at, cursor.at + length);
  cursor.at += length;
  return bytes;
};

const readField = (cursor: Cursor): Field => {
  const tag = readVarint(cursor);
  const number = Math.floor(tag / 8);
  if (number < 1 || number > LARGEST_NUMBER) throw new MalformedMessage(`a field has number ${number}`);
  switch (tag % 8) {
    case 0:
      return { number, varint: readVarint(cursor), bytes: null };
    case 1:
      return { number, varint: null, bytes: readBytes(cursor, 8) };
    case 2:
      return { number, varint: null, bytes: readBytes(cursor, readVarint(cursor)) };
    case 5:
      return { number, varint: null, bytes: readBytes(cursor, 4) };
  }
  throw new MalformedMessage(`field ${number} has an unknown wire type`);
};

/** The fields of a message in order. Throws {@link MalformedMessage}, also when the budget is spent. */
export const readFields = (bytes: Uint8Array, budget: ReadingBudget): readonly Field[] => {
  const cursor = { bytes, at: 0 };
  const fields: Field[] = [];
  while (cursor.at < bytes.length) {
    spend(budget);
    fields.push(readField(cursor));
  }
  return fields;
};

/** Whole numbers of a repeated field, packed or not. Throws as {@link readFields}. */
export const wholeNumbers = (
  fields: readonly Field[],
  number: number,
  budget: ReadingBudget,
): readonly number[] =>
  fields
    .filter((field) => field.number === number)
    .flatMap(({ varint, bytes }) => (bytes ? packedVarints(bytes, budget) : [varint ?? 0]));

const packedVarints = (bytes: Uint8Array, budget: ReadingBudget): readonly number[] => {
  const cursor = { bytes, at: 0 };
  const values: number[] = [];
  while (cursor.at < bytes.length) {
    spend(budget);
    values.push(readVarint(cursor));
  }
  return values;
};

/** The last whole number of a field, 0 when absent, as protobuf reads it. */
export const wholeNumber = (fields: readonly Field[], number: number, budget: ReadingBudget): number =>
  wholeNumbers(fields, number, budget).at(-1) ?? 0;

/** Every message, bytes or text of a field, in order. Throws {@link MalformedMessage} for another type. */
export const parts = (fields: readonly Field[], number: number): readonly Uint8Array[] =>
  fields
    .filter((field) => field.number === number)
    .map(({ bytes }) => {
      if (bytes === null) throw new MalformedMessage(`field ${number} has an unexpected type`);
      return bytes;
    });

/** The last value of a text field, '' when absent, as protobuf reads it. */
export const text = (fields: readonly Field[], number: number): string => {
  const last = parts(fields, number).at(-1);
  return last ? textOf(last) : '';
};
