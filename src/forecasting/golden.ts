import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { type Recipe, runRecipe } from './ensemble/recipe.ts';
import type { FeatureLayout } from './features/layout.ts';
import { HORIZON_HOURS } from './horizon.ts';
import { type ModelOutputs, UnusableModel } from './inference.ts';
import { viewOf } from './models/member.ts';
import { createProgram } from './tensor/program.ts';

/**
 * Golden rows: a few rows of input and what the trainer computes for them, carried in the artifact's metadata and so
 * covered by its signed checksum. A device whose runtime answers something else does not use the file.
 */

const OUTPUTS = ['forecast', 'lower', 'upper', 'peakProbability'] as const;
type Output = (typeof OUTPUTS)[number];

export interface Golden {
  /** [count × F]. */
  readonly rows: Float32Array;
  readonly count: number;
  /** Each [count × 48]. */
  readonly outputs: Readonly<Record<Output, Float32Array>>;
}

/** Rows that an artifact carries; they take some 9 KB. */
const CARRIED = 2;
/** Most rows that are read. */
const MOST_ROWS = 16;

/**
 * Difference that another processor may make, as a share of the row's largest |load|: ten times what the trainer
 * allows between itself and its file. Of a probability it is the mean that counts: two equal hours may swap.
 */
const TOLERANCE = 1e-3;
const CHANCE_TOLERANCE = 1e-2;

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

const packed = (values: Float32Array): string =>
  deflateRawSync(bytesOf(values), { level: 9 }).toString('base64');

/** The values, exactly `count` of them. Throws `UnusableModel`. */
function unpacked(text: unknown, count: number): Float32Array {
  if (typeof text !== 'string') throw new UnusableModel('the golden rows of the model are incomplete');
  try {
    const length = count * Float32Array.BYTES_PER_ELEMENT;
    const bytes = inflateRawSync(Buffer.from(text, 'base64'), { maxOutputLength: length });
    if (bytes.length === length) return new Float32Array(Uint8Array.from(bytes).buffer);
  } catch (cause) {
    throw new UnusableModel('the golden rows of the model cannot be read', { cause });
  }
  throw new UnusableModel(`the golden rows of the model do not hold ${count} values`);
}

/** First and last of `rows` [n × F]: of an old and a recent origin. */
function carriedRows({ width }: FeatureLayout, rows: Float32Array): Float32Array {
  const last = rows.subarray(rows.length - width);
  const carried = new Float32Array(Math.min(CARRIED, rows.length / width) * width);
  carried.set(rows.subarray(0, width));
  carried.set(last, carried.length - width);
  return carried;
}

/** What each recipe computes for the first and the last of the rows, as text for its artifact's metadata. */
export function goldenTexts(
  recipes: readonly Recipe[],
  layout: FeatureLayout,
  rows: Float32Array,
): readonly string[] {
  const input = carriedRows(layout, rows);
  const program = createProgram<string>(layout.width, (g, traced) => {
    const view = viewOf(g, layout, traced);
    return Object.fromEntries(
      recipes.flatMap((recipe, i) => {
        const outputs = runRecipe(g, recipe, view);
        return OUTPUTS.map((name) => [`${i}/${name}`, outputs[name]]);
      }),
    );
  });
  const computed = program.run(input);
  return recipes.map((_, i) => {
    const outputs = OUTPUTS.map((name) => [
      name,
      packed(computed[`${i}/${name}`]?.data ?? new Float32Array()),
    ]);
    return JSON.stringify({
      count: input.length / layout.width,
      rows: packed(input),
      ...Object.fromEntries(outputs),
    });
  });
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return { ...JSON.parse(text) };
  } catch (cause) {
    throw new UnusableModel('the golden rows of the model are no JSON', { cause });
  }
}

/** Reads the golden rows of an artifact with `width` features a row; null where it has none. @throws {UnusableModel} */
export function parseGolden(text: string | undefined, width: number): Golden | null {
  if (text === undefined) return null;
  const { count, rows, ...outputs } = parsed(text);
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 1 || count > MOST_ROWS)
    throw new UnusableModel(`the model has ${String(count)} golden rows, not 1 to ${MOST_ROWS}`);
  const values = (name: Output) => unpacked(outputs[name], count * HORIZON_HOURS);
  return {
    rows: unpacked(rows, count * width),
    count,
    outputs: {
      forecast: values('forecast'),
      lower: values('lower'),
      upper: values('upper'),
      peakProbability: values('peakProbability'),
    },
  };
}

const rowOf = (values: Float32Array, row: number): Float32Array =>
  values.subarray(row * HORIZON_HOURS, (row + 1) * HORIZON_HOURS);

function checkLoads(name: Output, row: number, found: Float32Array, golden: Golden): void {
  const level = rowOf(golden.outputs.forecast, row).reduce((most, kw) => Math.max(most, Math.abs(kw)), 1e-6);
  const expected = rowOf(golden.outputs[name], row);
  const odd = rowOf(found, row).findIndex(
    (kw, i) => !(Math.abs(kw - (expected[i] ?? 0)) <= TOLERANCE * level),
  );
  if (odd < 0) return;
  throw new UnusableModel(
    `this device computes ${rowOf(found, row)[odd]} kW as ${name} of lead ${odd + 1} of golden row ${row + 1}, the trainer ${expected[odd]} kW`,
  );
}

function checkChances(row: number, found: Float32Array, golden: Golden): void {
  const expected = rowOf(golden.outputs.peakProbability, row);
  const off = rowOf(found, row).map((chance, i) => {
    const other = expected[i] ?? Number.NaN;
    if (Number.isNaN(chance) && Number.isNaN(other)) return 0;
    return Number.isNaN(chance) || Number.isNaN(other) ? 1 : Math.abs(chance - other);
  });
  const mean = off.reduce((sum, one) => sum + one, 0) / HORIZON_HOURS;
  if (mean > CHANCE_TOLERANCE)
    throw new UnusableModel(`the peak probabilities of golden row ${row + 1} are off by ${mean.toFixed(3)}`);
}

/** Compares what the runtime here answers for the golden rows with what the trainer did. @throws {UnusableModel} */
export function checkGolden(golden: Golden, found: ModelOutputs): void {
  for (let row = 0; row < golden.count; row++) {
    for (const name of ['forecast', 'lower', 'upper'] as const) checkLoads(name, row, found[name], golden);
    checkChances(row, found.peakProbability, golden);
  }
}
