import { evaluationAnswer } from '../../cloud/control/evaluation-answer.ts';
import type { EvaluationView } from '../../cloud/control-plane.ts';
import type { EvaluationDocument } from '../../projections/evaluations.ts';

interface Progress {
  readonly daysDone: number;
  readonly days: number;
}

const isProgress = (value: unknown): value is Progress =>
  typeof value === 'object' && value !== null && 'daysDone' in value && 'days' in value;

function progressOf({ effects }: EvaluationView): Progress | null {
  const found = effects.find(({ type }) => type === 'evaluate-version')?.progress;
  return isProgress(found) ? { daysDone: found.daysDone, days: found.days } : null;
}

function statusOf({ stage, effects }: EvaluationView): string {
  if (stage.state !== 'requested') return stage.state;
  return effects.some(({ state }) => state === 'running') ? 'running' : 'pending';
}

/** Where an evaluation is looked at. */
const statusUrlOf = (evaluationId: string): string => `/api/v1/ml/evaluations/${evaluationId}`;

/** An evaluation as lists show it. */
export function presentEvaluationRow({ tenant: _, version, result, ...row }: EvaluationDocument) {
  return {
    ...row,
    modelVersion: version,
    statusUrl: statusUrlOf(row.evaluationId),
    result: result === null ? null : evaluationAnswer(result),
  };
}

/** An evaluation as its status call shows it. */
export function presentEvaluation(view: EvaluationView) {
  const { evaluationId, systemId, version, modelType, startDate, endDate } = view.request;
  const { result, failure } = view.stage.context;
  return {
    ...{ evaluationId, systemId, modelVersion: version, modelType, startDate, endDate },
    status: statusOf(view),
    statusUrl: statusUrlOf(evaluationId),
    progress: progressOf(view),
    result: result === null ? null : evaluationAnswer(result),
    failure,
    createdAt: view.facts.at(0)?.metadata.at ?? '',
    updatedAt: view.facts.at(-1)?.metadata.at ?? '',
  };
}
