import type { HourlySeries } from './series.ts';
import { HOUR_MS } from './series.ts';

/**
 * A cleaned series as bytes, so that it can be stored and found again by its hash. Little-endian:
 * `LIFO4DS` and the format's number (8 bytes), columns as bits (uint32: 1 load, 2 temperature), hours (uint32),
 * epoch ms of the first hour (float64), then each column as float64; a missing value is the one canonical NaN.
 */

const MAGIC = 'LIFO4DS';
const FORMAT = 1;
const HEADER_BYTES = 24;
const LOAD = 1;
const TEMPERATURE = 2;
/** Twenty years of hours: more is no data set of ours. */
const MOST_HOURS = 175_320;

/** The bytes are no data set that this program can read. */
export class InvalidDataSet extends Error {
  override readonly name = 'InvalidDataSet';
}

function writeColumn(view: DataView, offset: number, values: Float64Array): void {
  for (const [i, value] of values.entries()) {
    if (Number.isNaN(value)) {
      // The bits of a NaN are the engine's choice, and equal data must be equal bytes.
      view.setUint32(offset + i * 8, 0, true);
      view.setUint32(offset + i * 8 + 4, 0x7ff80000, true);
    } else {
      view.setFloat64(offset + i * 8, value, true);
    }
  }
}

/** Equal series give equal bytes. */
export function encodeDataSet(series: HourlySeries): Uint8Array {
  const hours = series.load.length;
  const columns = series.temperature === null ? [series.load] : [series.load, series.temperature];
  const bytes = new Uint8Array(HEADER_BYTES + columns.length * hours * 8);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(MAGIC));
  view.setUint8(MAGIC.length, FORMAT);
  view.setUint32(8, series.temperature === null ? LOAD : LOAD | TEMPERATURE, true);
  view.setUint32(12, hours, true);
  view.setFloat64(16, series.start, true);
  for (const [k, column] of columns.entries()) writeColumn(view, HEADER_BYTES + k * hours * 8, column);
  return bytes;
}

interface Header {
  readonly columns: number;
  readonly hours: number;
  readonly start: number;
}

function readHeader(bytes: Uint8Array, view: DataView): Header {
  const magic = new TextDecoder('latin1').decode(bytes.subarray(0, MAGIC.length));
  if (bytes.length < HEADER_BYTES || magic !== MAGIC)
    throw new InvalidDataSet('These bytes are no data set.');
  const format = view.getUint8(MAGIC.length);
  if (format !== FORMAT) {
    throw new InvalidDataSet(`The data set has format ${format}; this program reads format ${FORMAT}.`);
  }
  const columns = view.getUint32(8, true);
  return { columns, hours: view.getUint32(12, true), start: view.getFloat64(16, true) };
}

/** @throws {InvalidDataSet} */
export function decodeDataSet(bytes: Uint8Array): HourlySeries {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { columns, hours, start } = readHeader(bytes, view);
  const hasTemperature = columns === (LOAD | TEMPERATURE);
  const expected = HEADER_BYTES + hours * 8 * (hasTemperature ? 2 : 1);
  const whole = Number.isInteger(start) && start % HOUR_MS === 0;
  if ((columns !== LOAD && !hasTemperature) || hours > MOST_HOURS || !whole || bytes.length !== expected) {
    throw new InvalidDataSet('The data set is damaged: its header does not agree with its size.');
  }
  const column = (k: number): Float64Array =>
    Float64Array.from({ length: hours }, (_, i) => view.getFloat64(HEADER_BYTES + (k * hours + i) * 8, true));
  return { start, load: column(0), temperature: hasTemperature ? column(1) : null };
}
