import type { ModelDocument, SiteDocument } from '../../projections/documents.ts';
import { presentAccuracy, presentDecision, presentMember, presentMetrics } from './metrics.ts';

/** The stable address of a model's file on this origin. */
export const modelPath = (systemId: string, version: string): string =>
  `/models/${systemId}/v${version}.onnx`;

/** `site` tells which version the device runs; null while the lists have not caught up with a new site. */
export function presentModel(document: ModelDocument, site: SiteDocument | null) {
  const { tenant: _tenant, ...model } = document;
  return {
    ...model,
    status: site?.running?.version === model.version ? 'active' : 'legacy',
    url: modelPath(model.systemId, model.version),
    accuracy: presentAccuracy(model.accuracy),
    metrics: presentMetrics(model.metrics),
    members: model.members.map(presentMember),
    decision: model.decision === null ? null : presentDecision(model.decision),
  };
}
