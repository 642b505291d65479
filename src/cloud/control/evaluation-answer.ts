import type { EvaluationResult } from '../../events/evaluation.ts';
import type { EvaluationAnswer } from '../control-plane.ts';

const percent = (share: number): number => share * 100;

/** As people read it: shares in percent. */
export function evaluationAnswer({ accuracyTolerance, ...result }: EvaluationResult): EvaluationAnswer {
  return {
    ...result,
    mape: percent(result.mape),
    accuracy24h: percent(result.accuracy24h),
    accuracy48h: percent(result.accuracy48h),
    mape24h: percent(result.mape24h),
    mape48h: percent(result.mape48h),
    accuracyTolerancePct: percent(accuracyTolerance),
  };
}
