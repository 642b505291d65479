import { NoHistory } from '../forecasting/cleaning/history.ts';
import type { InstalledModel } from '../machines/device-update-model.ts';
import { type ModelProver, ProofDisturbed, ProofFailed } from '../ports/model-prover.ts';
import type { EffectAnswer } from './effect-runner.ts';
import type { ModelFolder } from './model-folder.ts';
import { proofOrder } from './proof.ts';
import { ModelRejected } from './refusals.ts';
import { inspectSiteModel, type Situation } from './site-model.ts';

export interface ProbationOptions {
  readonly systemId: string;
  readonly folder: ModelFolder;
  readonly prover: ModelProver;
  /** What a forecast of this hour would be made from. Rejects with `NoHistory`, or when that cannot be told now. */
  readonly situation: () => Promise<Situation>;
  readonly watchUntil: () => string;
}

/** Tries the model that has taken its place, and answers whether it stays. Rejects when it could not be tried now. */
export type Probation = (
  model: InstalledModel,
  attempts: number,
  signal: AbortSignal,
) => Promise<EffectAnswer>;

/** A proof that was begun so often without an end: the device itself fell over, or could not hold it. */
const MOST_PROOFS = 5;
/** So often is it begun anew where somebody else ends it; a machine whose memory it takes would never be done. */
const MOST_DISTURBED = 5;

const failure = (assignment: number, reason: string): EffectAnswer => ({
  command: { type: 'fail', assignment, reason: reason.slice(0, 500) },
});

const isVerdict = (error: unknown): error is Error =>
  error instanceof ProofFailed || error instanceof ModelRejected || error instanceof NoHistory;

export function createProbation(options: ProbationOptions): Probation {
  const { systemId, folder, prover, situation, watchUntil } = options;

  async function proven(
    bytes: Uint8Array,
    { assignment, version }: InstalledModel,
    signal: AbortSignal,
  ): Promise<EffectAnswer> {
    const layout = inspectSiteModel(bytes, { systemId, version });
    const order = proofOrder(systemId, bytes, layout, await situation());
    const { inferenceMs } = await prover.prove(order, signal);
    return { command: { type: 'record-proof', assignment, inferenceMs, watchUntil: watchUntil() } };
  }

  async function tried(model: InstalledModel, signal: AbortSignal): Promise<EffectAnswer> {
    const bytes = await folder.readModel(model.artifact.checksum);
    if (bytes === null) return failure(model.assignment, 'the file is lost or damaged');
    return proven(bytes, model, signal);
  }

  let disturbed = { assignment: 0, times: 0 };

  /** What speaks for good against the model; null when it may be tried again. */
  function verdictOf(assignment: number, error: unknown): string | null {
    if (isVerdict(error)) return error.message;
    if (!(error instanceof ProofDisturbed)) return null;
    const before = disturbed.assignment === assignment ? disturbed.times : 0;
    disturbed = { assignment, times: before + 1 };
    return before + 1 < MOST_DISTURBED ? null : `${error.message}, ${MOST_DISTURBED} times`;
  }

  return async (model, attempts, signal) => {
    const { assignment } = model;
    if (attempts > MOST_PROOFS)
      return failure(assignment, `the model was not through its proof after ${MOST_PROOFS} tries`);
    try {
      return await tried(model, signal);
    } catch (error) {
      const reason = verdictOf(assignment, error);
      if (reason === null) throw error;
      return failure(assignment, reason);
    }
  };
}
