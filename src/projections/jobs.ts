import type { SequencedFact } from '../events/envelope.ts';
import { parseStreamId } from '../events/stream-id.ts';
import type { TrainingJobFact } from '../events/training-job.ts';
import type { JobDocument } from './documents.ts';
import type { Projection, ReadDocument } from './projection.ts';

/** What a fact changes in its job's document. */
function change(fact: TrainingJobFact): Partial<JobDocument> {
  switch (fact.type) {
    case 'JobRequested':
      return { status: 'pending' };
    case 'DataCollected':
      return { status: 'training' };
    case 'ModelEvaluated':
      return { status: 'evaluated', version: fact.data.version };
    case 'JobDeployed':
      return { status: 'deployed' };
    case 'JobKept':
      return { status: 'kept', reason: fact.data.reason };
    case 'JobAcked':
      return { status: 'acked' };
    case 'JobRolledBack':
      return { status: 'rolledback', reason: fact.data.reason };
    case 'JobUndelivered':
      return { status: 'undelivered', reason: fact.data.reason };
    case 'JobFailed':
      return { status: 'failed', reason: fact.data.reason };
    case 'JobCancelled':
      return { status: 'cancelled', reason: fact.data.reason };
  }
}

function requested(fact: TrainingJobFact, at: string): JobDocument | null {
  if (fact.type !== 'JobRequested') return null;
  const { jobId, systemId, tenant, modelType, trigger } = fact.data;
  const about = { jobId, systemId, tenant, modelType, trigger };
  return { ...about, status: 'pending', version: null, reason: null, createdAt: at, updatedAt: at };
}

function document(doc: JobDocument): ReadDocument<JobDocument> {
  const { jobId, tenant, systemId, status, createdAt } = doc;
  return { key: jobId, tenant, systemId, status, sortAt: createdAt, doc };
}

/** Training jobs, newest first; key jobId. */
export const jobsProjection: Projection<JobDocument> = {
  name: 'jobs',
  version: 1,
  keysOf({ streamId }: SequencedFact) {
    const stream = parseStreamId(streamId);
    return stream?.type === 'training-job' ? [stream.id] : [];
  },
  apply(current, { fact, metadata: { at } }) {
    // `keysOf` lets only facts of training jobs through, and the log checked their schema.
    const jobFact = fact as TrainingJobFact;
    const doc = current?.doc ?? requested(jobFact, at);
    return doc === null ? null : document({ ...doc, ...change(jobFact), updatedAt: at });
  },
};
