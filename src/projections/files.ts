import type { SequencedFact } from '../events/envelope.ts';
import { parseStreamId } from '../events/stream-id.ts';
import type { TrainingJobFact } from '../events/training-job.ts';
import type { FileDocument, FileHolder } from './documents.ts';
import type { Projection, ReadDocument } from './projection.ts';

type Naming = Extract<TrainingJobFact, { type: 'DataCollected' | 'ModelEvaluated' }>;

const namesFiles = (fact: SequencedFact['fact']): fact is Naming =>
  fact.type === 'DataCollected' || fact.type === 'ModelEvaluated';

function checksumsIn(fact: Naming): readonly string[] {
  switch (fact.type) {
    case 'DataCollected':
      return [fact.data.dataSet.checksum];
    case 'ModelEvaluated': {
      const { artifact, modelArtifacts = [] } = fact.data;
      const all = [artifact, ...modelArtifacts.map((file) => file.artifact)];
      return [...new Set(all.map(({ checksum }) => checksum))];
    }
  }
}

function holderOf(fact: Naming, { metadata, streamId }: SequencedFact): FileHolder {
  const version = fact.type === 'ModelEvaluated' ? fact.data.version : null;
  return {
    systemId: metadata.systemId ?? '',
    jobId: parseStreamId(streamId)?.id ?? '',
    version,
    at: metadata.at,
  };
}

function document(doc: FileDocument, sortAt: string): ReadDocument<FileDocument> {
  // Files belong to no tenant: two may have trained the very same bytes.
  return { key: doc.checksum, tenant: '', systemId: null, status: doc.kind, sortAt, doc };
}

/**
 * Files of the artifact store with all who need them, by content: versions need their models, jobs their data set.
 * Key is the checksum; status is the kind of file.
 */
export const filesProjection: Projection<FileDocument> = {
  name: 'files',
  version: 1,
  keysOf: ({ fact }) => (namesFiles(fact) ? checksumsIn(fact) : []),
  apply(current, recorded, checksum) {
    const { fact } = recorded;
    if (!namesFiles(fact)) return current ?? null;
    const kind = fact.type === 'ModelEvaluated' ? 'model' : 'data-set';
    const doc = current?.doc ?? { checksum, kind, holders: [] };
    const holders = [...doc.holders, holderOf(fact, recorded)];
    return document({ ...doc, holders }, current?.sortAt ?? recorded.metadata.at);
  },
};
