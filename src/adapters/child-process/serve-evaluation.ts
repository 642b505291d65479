import { UnusableData } from '../../forecasting/cleaning/findings.ts';
import type { ArtifactEvaluation, EvaluationProgress } from '../../forecasting/evaluate-artifact.ts';
import type { ReadingsEvaluation } from '../../forecasting/evaluate-readings.ts';
import { UnknownLayout } from '../../forecasting/features/layout.ts';
import { UnusableModel } from '../../forecasting/inference.ts';
import { NothingToScore } from '../../forecasting/metrics.ts';
import { type Service, serveOrder } from './serve-order.ts';

/** Evaluates one artifact. Throws what `evaluateReadings` throws. */
type Evaluate = Service<ReadingsEvaluation, EvaluationProgress, ArtifactEvaluation>['perform'];

/** Makes this process one that evaluates the one artifact its parent sends, and ends. */
export const serveEvaluation = (evaluate: Evaluate): void => serveOrder({ perform: evaluate, refusalCode });

const refusalCode = (error: unknown): string | null => {
  if (error instanceof UnusableData) return error.code;
  if (error instanceof NothingToScore) return 'nothing-to-score';
  if (error instanceof UnusableModel) return 'unusable-model';
  return error instanceof UnknownLayout ? 'unknown-layout' : null;
};
