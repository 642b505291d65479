import type { RecordedFact } from '../../events/envelope.ts';
import { deploymentsProjection } from '../../projections/deployments.ts';
import type { DeploymentDocument } from '../../projections/documents.ts';
import type { ReadDocument } from '../../projections/projection.ts';
import { presentAccuracy } from './metrics.ts';

export function presentDeployment({ tenant: _tenant, ...document }: DeploymentDocument) {
  return { ...document, rolloutId: document.rolloutId ?? null, accuracy: presentAccuracy(document.accuracy) };
}

/** A deployment as its own facts tell it, for when the lists may not have caught up; null for no facts. */
export function foldDeployment(facts: readonly RecordedFact[]): DeploymentDocument | null {
  const folded = facts.reduce<ReadDocument<DeploymentDocument> | undefined>(
    (current, fact) =>
      deploymentsProjection.apply(current, { ...fact, seq: fact.version }, '', undefined) ?? undefined,
    undefined,
  );
  return folded?.doc ?? null;
}
