import type { ModelDocument } from '../../projections/documents.ts';
import { presentAccuracy, presentDecision, presentMember, presentMetrics } from './metrics.ts';

/** The stable address of a model's file on this origin. */
export const modelPath = (systemId: string, version: string): string =>
  `/models/${systemId}/v${version}.onnx`;

export function presentModel(document: ModelDocument) {
  const { tenant: _tenant, ...model } = document;
  return {
    ...model,
    url: modelPath(model.systemId, model.version),
    accuracy: presentAccuracy(model.accuracy),
    metrics: presentMetrics(model.metrics),
    members: model.members.map(presentMember),
    decision: model.decision === null ? null : presentDecision(model.decision),
  };
}
