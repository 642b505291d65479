import type { SequencedFact } from '../events/envelope.ts';
import type { EvaluationFact, EvaluationResult } from '../events/evaluation.ts';
import { parseStreamId } from '../events/stream-id.ts';
import type { Projection, ReadDocument } from './projection.ts';

/** An evaluation that is fetched later, as lists show it; key evaluationId. */
export interface EvaluationDocument {
  readonly evaluationId: string;
  readonly systemId: string;
  readonly tenant: string;
  readonly version: string;
  readonly modelType: string;
  readonly startDate: string;
  readonly endDate: string;
  /** What has not ended is pending, whether somebody works on it or not. */
  readonly status: 'pending' | 'completed' | 'failed' | 'cancelled';
  readonly result: EvaluationResult | null;
  readonly failure: { readonly code: string; readonly reason: string } | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

function change(fact: EvaluationFact): Partial<EvaluationDocument> {
  switch (fact.type) {
    case 'EvaluationRequested':
      return {};
    case 'EvaluationCompleted':
      return { status: 'completed', result: fact.data.result };
    case 'EvaluationFailed':
      return { status: 'failed', failure: fact.data };
    case 'EvaluationCancelled':
      return { status: 'cancelled' };
  }
}

function requested(fact: EvaluationFact, at: string): EvaluationDocument | null {
  if (fact.type !== 'EvaluationRequested') return null;
  const { artifact: _, ...request } = fact.data;
  return { ...request, status: 'pending', result: null, failure: null, createdAt: at, updatedAt: at };
}

function document(doc: EvaluationDocument): ReadDocument<EvaluationDocument> {
  const { evaluationId, tenant, systemId, status, createdAt } = doc;
  return { key: evaluationId, tenant, systemId, status, sortAt: createdAt, doc };
}

/** Evaluations that are fetched later, newest first; key evaluationId. */
export const evaluationsProjection: Projection<EvaluationDocument> = {
  name: 'evaluations',
  version: 1,
  keysOf({ streamId }: SequencedFact) {
    const stream = parseStreamId(streamId);
    return stream?.type === 'evaluation' ? [stream.id] : [];
  },
  apply(current, { fact, metadata: { at } }) {
    // `keysOf` lets only facts of evaluations through, and the log checked their schema.
    const known = fact as EvaluationFact;
    const doc = current?.doc ?? requested(known, at);
    return doc === null ? null : document({ ...doc, ...change(known), updatedAt: at });
  },
};
