import type { HourlySeries, IssuedValues } from './series.ts';
import { HOUR_MS } from './series.ts';

/**
 * A cleaned series as bytes, so that it can be stored and found again by its hash. Little-endian: `LIFO4DS` and
 * the format's number (8 bytes), what it holds as bits (uint32), hours (uint32), epoch ms of the first hour
 * (float64); then each column as float64, a missing value being the one canonical NaN; then each list of issued
 * values: how many (uint32), and for each `issuedAt` and `start` (float64), its hours (uint32) and values.
 */

const MAGIC = 'LIFO4DS';
const FORMAT = 1;
const HEADER_BYTES = 24;
/** Twenty years of hours: more is no data set of ours. */
const MOST_HOURS = 175_320;
/** A temperature forecast every hour of three years, with room. */
const MOST_ISSUED = 30_000;

/** Columns in the order in which they lie; a bit never changes its meaning. */
const COLUMNS = { load: 1, temperature: 2, battery: 4, pv: 8 } as const;
const LISTS = { temperature: 16, price: 32 } as const;

type ColumnName = keyof typeof COLUMNS;
type ListName = keyof typeof LISTS;

const COLUMN_NAMES = Object.keys(COLUMNS) as ColumnName[];
const LIST_NAMES = Object.keys(LISTS) as ListName[];
const KNOWN_BITS = [...Object.values(COLUMNS), ...Object.values(LISTS)].reduce<number>((a, b) => a | b, 0);

/** The bytes are no data set that this program can read. */
export class InvalidDataSet extends Error {
  override readonly name = 'InvalidDataSet';
}

function refuseDamaged(): never {
  throw new InvalidDataSet('The data set is damaged: its header does not agree with its size.');
}

function writeValues(view: DataView, offset: number, values: Float64Array): number {
  for (const [i, value] of values.entries()) {
    if (Number.isNaN(value)) {
      // The bits of a NaN are the engine's choice, and equal data must be equal bytes.
      view.setUint32(offset + i * 8, 0, true);
      view.setUint32(offset + i * 8 + 4, 0x7ff80000, true);
    } else {
      view.setFloat64(offset + i * 8, value, true);
    }
  }
  return offset + values.length * 8;
}

function writeList(view: DataView, start: number, list: readonly IssuedValues[]): number {
  view.setUint32(start, list.length, true);
  let offset = start + 4;
  for (const entry of list) {
    view.setFloat64(offset, entry.issuedAt, true);
    view.setFloat64(offset + 8, entry.start, true);
    view.setUint32(offset + 16, entry.values.length, true);
    offset = writeValues(view, offset + 20, entry.values);
  }
  return offset;
}

const listBytes = (list: readonly IssuedValues[]): number =>
  list.reduce((bytes, { values }) => bytes + 20 + values.length * 8, 4);

/** Equal series give equal bytes. */
export function encodeDataSet(series: HourlySeries): Uint8Array {
  const hours = series.load.length;
  const columns = COLUMN_NAMES.flatMap((name) => {
    const values = series[name] ?? null;
    return values === null ? [] : [{ bit: COLUMNS[name], values }];
  });
  const lists = LIST_NAMES.flatMap((name) => {
    const list = series.outlook?.[name] ?? [];
    return list.length === 0 ? [] : [{ bit: LISTS[name], list }];
  });
  const size = lists.reduce(
    (sum, { list }) => sum + listBytes(list),
    HEADER_BYTES + columns.length * hours * 8,
  );
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(MAGIC));
  view.setUint8(MAGIC.length, FORMAT);
  view.setUint32(
    8,
    [...columns, ...lists].reduce((bits, { bit }) => bits | bit, 0),
    true,
  );
  view.setUint32(12, hours, true);
  view.setFloat64(16, series.start, true);
  let offset = HEADER_BYTES;
  for (const { values } of columns) offset = writeValues(view, offset, values);
  for (const { list } of lists) offset = writeList(view, offset, list);
  return bytes;
}

/** Reads forward and refuses to read beyond the end. */
function createReader(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = HEADER_BYTES;
  const take = (size: number): number => {
    const at = offset;
    offset += size;
    if (offset > bytes.length) refuseDamaged();
    return at;
  };
  return {
    count: (): number => view.getUint32(take(4), true),
    number: (): number => view.getFloat64(take(8), true),
    values(count: number): Float64Array {
      const at = take(count * 8);
      return Float64Array.from({ length: count }, (_, i) => view.getFloat64(at + i * 8, true));
    },
    finish(): void {
      if (offset !== bytes.length) refuseDamaged();
    },
  };
}

type Reader = ReturnType<typeof createReader>;

const isWholeHour = (time: number): boolean => Number.isInteger(time) && time % HOUR_MS === 0;

function readList(reader: Reader): IssuedValues[] {
  const count = reader.count();
  if (count > MOST_ISSUED) refuseDamaged();
  return Array.from({ length: count }, () => {
    const issuedAt = reader.number();
    const start = reader.number();
    if (!Number.isFinite(issuedAt) || !isWholeHour(start)) refuseDamaged();
    return { issuedAt, start, values: reader.values(reader.count()) };
  });
}

interface Header {
  readonly bits: number;
  readonly hours: number;
  readonly start: number;
}

function readHeader(bytes: Uint8Array): Header {
  const magic = new TextDecoder('latin1').decode(bytes.subarray(0, MAGIC.length));
  if (bytes.length < HEADER_BYTES || magic !== MAGIC)
    throw new InvalidDataSet('These bytes are no data set.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const format = view.getUint8(MAGIC.length);
  if (format !== FORMAT) {
    throw new InvalidDataSet(`The data set has format ${format}; this program reads format ${FORMAT}.`);
  }
  const header = {
    bits: view.getUint32(8, true),
    hours: view.getUint32(12, true),
    start: view.getFloat64(16, true),
  };
  const unknown = (header.bits & ~KNOWN_BITS) !== 0 || (header.bits & COLUMNS.load) === 0;
  if (unknown || header.hours > MOST_HOURS || !isWholeHour(header.start)) refuseDamaged();
  return header;
}

/** @throws {InvalidDataSet} */
export function decodeDataSet(bytes: Uint8Array): HourlySeries {
  const { bits, hours, start } = readHeader(bytes);
  const reader = createReader(bytes);
  const column = (name: ColumnName): Float64Array | null =>
    (bits & COLUMNS[name]) === 0 ? null : reader.values(hours);
  const list = (name: ListName): IssuedValues[] => ((bits & LISTS[name]) === 0 ? [] : readList(reader));
  const [load, temperature, battery, pv] = COLUMN_NAMES.map(column);
  const outlook = { temperature: list('temperature'), price: list('price') };
  reader.finish();
  const told = outlook.temperature.length + outlook.price.length > 0;
  return {
    start,
    load: load ?? new Float64Array(0),
    temperature: temperature ?? null,
    ...(battery ? { battery } : {}),
    ...(pv ? { pv } : {}),
    ...(told ? { outlook } : {}),
  };
}
