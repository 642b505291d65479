import type { SequencedFact } from '../events/envelope.ts';
import { parseStreamId } from '../events/stream-id.ts';
import type { TrainingJobFact } from '../events/training-job.ts';
import type { ModelDocument } from './documents.ts';
import type { Projection, ReadDocument } from './projection.ts';

/** Facts of a job that name a model version. */
type ModelFact = Extract<TrainingJobFact, { type: 'ModelEvaluated' | 'JobDeployed' | 'JobKept' }>;

const isModelFact = (fact: SequencedFact['fact']): fact is ModelFact =>
  fact.type === 'ModelEvaluated' || fact.type === 'JobDeployed' || fact.type === 'JobKept';

function evaluated(
  { data }: Extract<ModelFact, { type: 'ModelEvaluated' }>,
  { metadata, streamId }: SequencedFact,
): ModelDocument {
  const { version, modelType, artifact, accuracy, metrics, members, layoutVersion, trainedUntil } = data;
  const { modelArtifacts = [{ modelType, artifact, metrics }], errorProfile = null } = data;
  return {
    systemId: metadata.systemId ?? '',
    tenant: metadata.tenant,
    jobId: parseStreamId(streamId)?.id ?? '',
    createdAt: metadata.at,
    ...{ version, modelType, artifact, accuracy, metrics, members, modelArtifacts, errorProfile },
    ...{ layoutVersion, trainedUntil },
    verdict: null,
    decision: null,
  };
}

function apply(
  current: ModelDocument | undefined,
  fact: ModelFact,
  recorded: SequencedFact,
): ModelDocument | null {
  switch (fact.type) {
    case 'ModelEvaluated':
      return evaluated(fact, recorded);
    case 'JobDeployed':
      return current === undefined ? null : { ...current, verdict: 'deployed', decision: fact.data.decision };
    case 'JobKept':
      return current === undefined ? null : { ...current, verdict: 'kept', decision: fact.data.decision };
  }
}

function document(doc: ModelDocument): ReadDocument<ModelDocument> {
  const { systemId, tenant, version, verdict, createdAt } = doc;
  return { key: `${systemId}/${version}`, tenant, systemId, status: verdict, sortAt: createdAt, doc };
}

/** The catalogue of model versions, newest first; key `systemId/version`. */
export const modelsProjection: Projection<ModelDocument> = {
  name: 'models',
  version: 3,
  keysOf: ({ fact, metadata }) => (isModelFact(fact) ? [`${metadata.systemId}/${fact.data.version}`] : []),
  apply(current, recorded) {
    if (!isModelFact(recorded.fact)) return current ?? null;
    const doc = apply(current?.doc, recorded.fact, recorded);
    return doc === null ? null : document(doc);
  },
};
