import type { Logger } from 'pino';
import type { ArtifactEvaluation, EvaluationProgress } from '../forecasting/evaluate-artifact.ts';
import type { ReadingsEvaluation } from '../forecasting/evaluate-readings.ts';

/**
 * The artifact cannot be run or the readings cannot be scored; trying again gives the same. `code` is that of the
 * unusable data, `nothing-to-score`, `unusable-model` or `unknown-layout`.
 */
export class EvaluationRefused extends Error {
  override readonly name = 'EvaluationRefused';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface Evaluator {
  /**
   * Rejects with {@link EvaluationRefused}, with the signal's reason when aborted, or with a retryable error. What there
   * is to say on the way goes to `logger`; to the evaluator's own without.
   */
  evaluate(
    request: ReadingsEvaluation,
    signal: AbortSignal,
    onProgress?: (progress: EvaluationProgress) => void,
    logger?: Logger,
  ): Promise<ArtifactEvaluation>;
  /** Ends what runs and what waits, and takes no more. */
  close(): Promise<void>;
}
