import { type Recipe, runRecipe } from './ensemble/recipe.ts';
import { blockOf, type FeatureLayout } from './features/layout.ts';
import { HISTORY_HOURS, HORIZON_HOURS } from './horizon.ts';
import type { LoadModel, ModelOutputs, ModelSession } from './inference.ts';
import { numericView, viewOf } from './models/member.ts';
import type { Tensor } from './tensor/numeric.ts';
import { createProgram } from './tensor/program.ts';

/** Rows on which file and trainer must agree before an artifact leaves the trainer. */
const PARITY_ROWS = 1000;

/** Largest relative difference of a load; and largest mean difference of a probability. */
const TOLERANCE = 1e-4;

/** Loads nearer to zero than this share of their row's level are compared with that share instead. */
const RELATIVE_FLOOR = 1e-2;

/** Rows compared at a time: more of them leave the processor's cache, and cost a quarter more. */
const BATCH = 96;

/** The file does not compute what the trainer does; it must not be published. */
class ParityBroken extends Error {
  override readonly name = 'ParityBroken';
  readonly code = 'parity-broken';
}

/** `count` rows from those given; repeated ones at another level, so that no two are equal. */
export function parityRows(layout: FeatureLayout, inputs: Float32Array, count = PARITY_ROWS): Float32Array {
  const available = inputs.length / layout.width;
  const history = blockOf(layout, 'history');
  const rows = new Float32Array(count * layout.width);
  for (let r = 0; r < count; r++) {
    const repeat = Math.floor(r / available);
    // Spread over what is available, so that old and new origins are both compared.
    const from = available >= count ? Math.floor((r * available) / count) : r % available;
    const row = rows.subarray(r * layout.width, (r + 1) * layout.width);
    row.set(inputs.subarray(from * layout.width, (from + 1) * layout.width));
    if (repeat === 0 || history === null) continue;
    const factor = 1 + 0.1 * repeat;
    for (let i = history.offset; i < history.offset + HISTORY_HOURS; i++)
      row[i] = (row[i] as number) * factor;
  }
  return rows;
}

type Loads = Exclude<keyof ModelOutputs, 'peakProbability'>;
const LOADS: readonly Loads[] = ['forecast', 'lower', 'upper', 'quantiles'];
const COMPARED = [...LOADS, 'peakProbability'] as const;

function compareLoads(name: string, file: Float32Array, own: Float32Array, scale: Float32Array): void {
  const perRow = own.length / scale.length;
  for (let i = 0; i < own.length; i++) {
    const expected = own[i] as number;
    const floor = RELATIVE_FLOOR * (scale[Math.floor(i / perRow)] as number);
    const difference = Math.abs((file[i] as number) - expected) / Math.max(Math.abs(expected), floor);
    if (difference <= TOLERANCE) continue;
    throw new ParityBroken(
      `The artifact (${name}) differs from the trainer's by ${difference.toExponential(2)} relative (${file[i]} against ${expected} kW); ${TOLERANCE} is allowed. It is not published; report this with the job's id.`,
    );
  }
}

/** Sum of differences; a path whose two highest hours tie to the last bit may fall to either, hence no maximum. */
function compareChances(file: Float32Array, own: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < own.length; i++) {
    const [a, b] = [file[i] as number, own[i] as number];
    if (Number.isNaN(a) !== Number.isNaN(b))
      throw new ParityBroken('The artifact and the trainer disagree on which days are whole.');
    if (!Number.isNaN(a)) sum += Math.abs(a - b);
  }
  return sum;
}

/** A file with the recipe that it was written from. */
export interface Publication {
  /** Names the file in messages. */
  readonly name: string;
  readonly artifact: Uint8Array;
  readonly recipe: Recipe;
}

/** What the recipes compute, all in one program: models that are in several files forecast once. */
function ownProgram(publications: readonly Publication[], layout: FeatureLayout) {
  return createProgram<string>(layout.width, (g, input) => {
    const view = viewOf(g, layout, input);
    return Object.fromEntries(
      publications.flatMap(({ name, recipe }) => {
        const outputs = runRecipe(g, recipe, view);
        return COMPARED.map((output) => [`${name}/${output}`, outputs[output]]);
      }),
    );
  });
}

interface Opened {
  readonly name: string;
  readonly session: ModelSession;
  /** Sum of the differences of probabilities so far. */
  chance: number;
}

/** Runs a file on rows and compares with what the trainer computes. */
async function compareRows(
  file: Opened,
  rows: Float32Array,
  own: Readonly<Record<string, Tensor>>,
  scale: Float32Array,
): Promise<void> {
  const { name, session } = file;
  const outputs = await session.run(rows, scale.length);
  const ownOf = (output: keyof ModelOutputs): Float32Array => (own[`${name}/${output}`] as Tensor).data;
  for (const load of LOADS) compareLoads(`${name}'s ${load}`, outputs[load], ownOf(load), scale);
  file.chance += compareChances(outputs.peakProbability, ownOf('peakProbability'));
}

function requireChances({ name, chance }: Opened, count: number): void {
  const mean = chance / (count * HORIZON_HOURS);
  if (mean <= TOLERANCE) return;
  throw new ParityBroken(
    `The artifact's peak probabilities (${name}) differ from the trainer's by ${mean.toExponential(2)} on average.`,
  );
}

async function compareAll(
  files: readonly Opened[],
  publications: readonly Publication[],
  layout: FeatureLayout,
  rows: Float32Array,
): Promise<void> {
  const program = ownProgram(publications, layout);
  for (let first = 0; first < rows.length; first += BATCH * layout.width) {
    const batch = rows.subarray(first, first + BATCH * layout.width);
    const own = program.run(batch);
    const { scale } = numericView(layout, batch, batch.length / layout.width).lags;
    for (const file of files) await compareRows(file, batch, own, scale.data);
  }
  for (const file of files) requireChances(file, rows.length / layout.width);
}

/**
 * Runs every file and its recipe on the same rows [count × F].
 * @throws {ParityBroken} when a load differs by more than 1e-4 relative or the peak probabilities do on average
 */
export async function proveParity(
  publications: readonly Publication[],
  layout: FeatureLayout,
  rows: Float32Array,
  loadModel: LoadModel,
): Promise<void> {
  const files: Opened[] = [];
  try {
    for (const { name, artifact } of publications) {
      files.push({ name, session: await loadModel(artifact), chance: 0 });
    }
    await compareAll(files, publications, layout, rows);
  } finally {
    for (const { session } of files) await session.close();
  }
}
