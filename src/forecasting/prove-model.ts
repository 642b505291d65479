import { METADATA } from './artifact.ts';
import { checkOutputs } from './forecast-at.ts';
import { checkGolden, parseGolden } from './golden.ts';
import { HORIZON_HOURS } from './horizon.ts';
import { type LoadModel, type ModelOutputs, type ModelSession, UnusableModel } from './inference.ts';

/** Inferences of a proof; their median time is what the cloud is told. */
export const PROOF_RUNS = 5;
/** Of the contract: an inference takes less than 50 ms and a model less than 100 MB. */
export const MOST_MS = 50;
export const MOST_MB = 100;

/** What a proof is given: see the port of the same shape. */
interface ProofMaterial {
  readonly bytes: Uint8Array;
  readonly row: Float32Array;
  readonly plausible: { readonly fromKw: number; readonly toKw: number };
}

export interface ProofTools {
  readonly loadModel: LoadModel;
  /** Resident memory of this process, MB. */
  readonly residentMb: () => number;
}

/** @throws {UnusableModel} when a load is beyond what the site has ever shown */
export function checkPlausible(loads: ArrayLike<number>, { fromKw, toKw }: ProofMaterial['plausible']): void {
  const odd = Array.from(loads).findIndex((kw) => kw < fromKw || kw > toKw);
  if (odd < 0) return;
  const range = `${fromKw.toFixed(1)} to ${toKw.toFixed(1)} kW`;
  throw new UnusableModel(
    `lead ${(odd % HORIZON_HOURS) + 1} is ${loads[odd]?.toFixed(1)} kW, beyond what the site has ever shown (${range})`,
  );
}

async function runGolden(session: ModelSession, width: number): Promise<void> {
  const golden = parseGolden(session.metadata[METADATA.golden], width);
  if (golden !== null) checkGolden(golden, await session.run(golden.rows, golden.count));
}

/** Times of the runs, ms, ascending. */
async function timedRuns(
  session: ModelSession,
  { row, plausible }: ProofMaterial,
): Promise<readonly number[]> {
  const times: number[] = [];
  for (let run = 0; run < PROOF_RUNS; run += 1) {
    const begun = performance.now();
    const outputs: ModelOutputs = await session.run(row, 1);
    times.push(performance.now() - begun);
    checkOutputs(outputs, 1);
    checkPlausible(outputs.forecast, plausible);
  }
  return times.sort((a, b) => a - b);
}

function refuseExcess(inferenceMs: number, memoryMb: number): void {
  if (inferenceMs > MOST_MS)
    throw new UnusableModel(
      `an inference takes ${inferenceMs.toFixed(1)} ms, at most ${MOST_MS} are allowed`,
    );
  if (memoryMb > MOST_MB)
    throw new UnusableModel(`the model takes ${memoryMb.toFixed(0)} MB, at most ${MOST_MB} are allowed`);
}

/** Whatever a runtime says of it, an allocation that was refused included, the model is the one that cannot be run. */
const unusable = (error: unknown): UnusableModel => {
  if (error instanceof UnusableModel) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new UnusableModel(`the model cannot be run: ${message}`, { cause: error });
};

async function runAll(session: ModelSession, material: ProofMaterial): Promise<readonly number[]> {
  try {
    await runGolden(session, material.row.length);
    return await timedRuns(session, material);
  } catch (error) {
    throw unusable(error);
  } finally {
    await session.close();
  }
}

/**
 * Loads a model and runs it: the golden rows it carries must come out as at the trainer, the site's own row finite,
 * plausible, quickly and in little memory. Meant for a process of its own, whose memory it measures.
 * @throws {UnusableModel} saying what it did wrong
 */
export async function proveModelFile(
  material: ProofMaterial,
  { loadModel, residentMb }: ProofTools,
): Promise<{ readonly inferenceMs: number; readonly memoryMb: number }> {
  const before = residentMb();
  const session = await loadModel(material.bytes).catch((error: unknown) => {
    throw unusable(error);
  });
  const times = await runAll(session, material);
  const memoryMb = Math.max(0, residentMb() - before);
  refuseExcess(times[0] ?? Number.NaN, memoryMb);
  return { inferenceMs: times[Math.floor(PROOF_RUNS / 2)] ?? Number.NaN, memoryMb };
}
