import type { Answer, DeploymentFact } from '../events/deployment.ts';
import type { SequencedFact } from '../events/envelope.ts';
import { parseStreamId } from '../events/stream-id.ts';
import type { DeploymentDocument } from './documents.ts';
import type { Projection, ReadDocument } from './projection.ts';

const answered = (status: string, { reason, inferenceMs }: Answer): Partial<DeploymentDocument> => ({
  status,
  reason: reason ?? null,
  inferenceMs: inferenceMs ?? null,
});

function change(fact: DeploymentFact): Partial<DeploymentDocument> {
  switch (fact.type) {
    case 'DeploymentOffered':
      return { status: 'offered' };
    case 'DeploymentActivated':
      return answered('active', fact.data.answer);
    case 'DeploymentRejected':
      return answered('rejected', fact.data.answer);
    case 'DeploymentRolledBack':
      return answered('rolledback', fact.data.answer);
    case 'DeploymentExpired':
      return { status: 'expired', reason: 'the device did not answer in time' };
    case 'DeploymentSuperseded':
      return { status: 'superseded', reason: `replaced by ${fact.data.byDeploymentId}` };
    case 'LateAnswerRecorded':
      return {};
  }
}

function offered(fact: DeploymentFact, at: string): DeploymentDocument | null {
  if (fact.type !== 'DeploymentOffered') return null;
  const { artifact: _, previousDeploymentId: __, trainedUntil: ___, ...about } = fact.data;
  return { ...about, status: 'offered', reason: null, inferenceMs: null, offeredAt: at, updatedAt: at };
}

function document(doc: DeploymentDocument): ReadDocument<DeploymentDocument> {
  const { deploymentId, tenant, systemId, status, offeredAt } = doc;
  return { key: deploymentId, tenant, systemId, status, sortAt: offeredAt, doc };
}

/** Deployments, newest first; key deploymentId. */
export const deploymentsProjection: Projection<DeploymentDocument> = {
  name: 'deployments',
  version: 1,
  keysOf({ streamId }: SequencedFact) {
    const stream = parseStreamId(streamId);
    return stream?.type === 'deployment' ? [stream.id] : [];
  },
  apply(current, { fact, metadata: { at } }) {
    // `keysOf` lets only facts of deployments through, and the log checked their schema.
    const deploymentFact = fact as DeploymentFact;
    const doc = current?.doc ?? offered(deploymentFact, at);
    return doc === null ? null : document({ ...doc, ...change(deploymentFact), updatedAt: at });
  },
};
