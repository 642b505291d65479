import { type Recipe, runRecipe } from './ensemble/recipe.ts';
import { blockOf, type FeatureLayout } from './features/layout.ts';
import { HISTORY_HOURS, HORIZON_HOURS } from './horizon.ts';
import type { LoadModel, ModelOutputs } from './inference.ts';
import { numericView } from './models/member.ts';
import { numeric } from './tensor/numeric.ts';

/** Rows on which file and trainer must agree before an artifact leaves the trainer. */
const PARITY_ROWS = 1000;

/** Largest relative difference of a load; and largest mean difference of a probability. */
const TOLERANCE = 1e-4;

/** Loads nearer to zero than this share of their row's level are compared with that share instead. */
const RELATIVE_FLOOR = 1e-2;

/** Rows compared at a time. */
const BATCH = 250;

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

function compareLoads(name: Loads, file: Float32Array, own: Float32Array, scale: Float32Array): void {
  const perRow = own.length / scale.length;
  for (let i = 0; i < own.length; i++) {
    const expected = own[i] as number;
    const floor = RELATIVE_FLOOR * (scale[Math.floor(i / perRow)] as number);
    const difference = Math.abs((file[i] as number) - expected) / Math.max(Math.abs(expected), floor);
    if (difference <= TOLERANCE) continue;
    throw new ParityBroken(
      `The artifact's ${name} differs from the trainer's by ${difference.toExponential(2)} relative (${file[i]} against ${expected} kW); ${TOLERANCE} is allowed. It is not published; report this with the job's id.`,
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

/**
 * Runs the file and the recipe on the same rows [count × F].
 * @throws {ParityBroken} when a load differs by more than 1e-4 relative or the peak probabilities do on average
 */
export async function proveParity(
  artifact: Uint8Array,
  recipe: Recipe,
  layout: FeatureLayout,
  rows: Float32Array,
  loadModel: LoadModel,
): Promise<void> {
  const session = await loadModel(artifact);
  try {
    const count = rows.length / layout.width;
    let chance = 0;
    for (let first = 0; first < count; first += BATCH) {
      const size = Math.min(BATCH, count - first);
      const batch = rows.subarray(first * layout.width, (first + size) * layout.width);
      const view = numericView(layout, batch, size);
      const own = runRecipe(numeric, recipe, view);
      const file = await session.run(batch, size);
      for (const name of LOADS) compareLoads(name, file[name], own[name].data, view.lags.scale.data);
      chance += compareChances(file.peakProbability, own.peakProbability.data);
    }
    const mean = chance / (count * HORIZON_HOURS);
    if (!(mean <= TOLERANCE)) {
      throw new ParityBroken(
        `The artifact's peak probabilities differ from the trainer's by ${mean.toExponential(2)} on average.`,
      );
    }
  } finally {
    await session.close();
  }
}
