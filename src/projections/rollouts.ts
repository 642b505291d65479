import type { SequencedFact } from '../events/envelope.ts';
import type { RolloutFact } from '../events/rollout.ts';
import { parseStreamId } from '../events/stream-id.ts';
import type { Projection, ReadDocument } from './projection.ts';

/** Sites of a rollout by where they stand; they add up to all of them. */
export interface RolloutCounts {
  readonly waiting: number;
  readonly heldBack: number;
  readonly skipped: number;
  readonly offered: number;
  readonly active: number;
  /** Rejected by their device, or rolled back. */
  readonly failed: number;
  /** Not answered in time. */
  readonly expired: number;
  readonly superseded: number;
  readonly reverting: number;
  readonly reverted: number;
  readonly notReverted: number;
}

/** A rollout as lists show it; key rolloutId. */
export interface RolloutDocument {
  readonly rolloutId: string;
  readonly tenant: string;
  readonly note: string;
  readonly status: 'rolling' | 'soaking' | 'paused' | 'reverting' | 'aborted' | 'completed';
  readonly sites: number;
  /** Name of the stage under way, or of the last one. */
  readonly stage: string;
  readonly stages: readonly string[];
  readonly counts: RolloutCounts;
  /** Why it is paused or was aborted. */
  readonly reason: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

type Count = keyof RolloutCounts;
type DataOf<Type extends RolloutFact['type']> = Extract<RolloutFact, { type: Type }>['data'];
type Outcome = DataOf<'OutcomesRecorded'>['outcomes'][number];

const NOBODY: RolloutCounts = {
  ...{ waiting: 0, heldBack: 0, skipped: 0, offered: 0, active: 0, failed: 0, expired: 0, superseded: 0 },
  ...{ reverting: 0, reverted: 0, notReverted: 0 },
};
const BY_OUTCOME: Readonly<Record<Outcome['outcome'], Count>> = {
  active: 'active',
  rejected: 'failed',
  rolledback: 'failed',
  expired: 'expired',
  superseded: 'superseded',
};

function moved(counts: RolloutCounts, from: Count, to: Count, sites = 1): RolloutCounts {
  return from === to ? counts : { ...counts, [from]: counts[from] - sites, [to]: counts[to] + sites };
}

function hear(counts: RolloutCounts, { was, outcome }: Outcome): RolloutCounts {
  if (was === 'reverting') return moved(counts, was, outcome === 'active' ? 'reverted' : 'notReverted');
  return moved(counts, was, BY_OUTCOME[outcome]);
}

const VERDICTS: Readonly<Record<string, Count>> = { worse: 'heldBack', unproven: 'skipped' };

function shadowed(counts: RolloutCounts, { results }: DataOf<'ShadowsCompared'>): RolloutCounts {
  return results.reduce((sum, { verdict }) => moved(sum, 'waiting', VERDICTS[verdict] ?? 'waiting'), counts);
}

function reverting(counts: RolloutCounts, { reverts }: DataOf<'RevertsMade'>): RolloutCounts {
  return reverts.reduce(
    (sum, { was, deploymentId }) => moved(sum, was, deploymentId === null ? 'notReverted' : 'reverting'),
    counts,
  );
}

const stageName = ({ stages }: RolloutDocument, passed: number): string =>
  stages[Math.min(passed + 1, stages.length - 1)] ?? '';

function change(doc: RolloutDocument, fact: RolloutFact): Partial<RolloutDocument> {
  const { counts } = doc;
  switch (fact.type) {
    case 'RolloutPlanned':
    case 'SitesPlanned':
    case 'RolloutStarted':
    case 'ShadowsRequested':
    case 'ErrorsCompared':
      return {};
    case 'ShadowsCompared':
      return { counts: shadowed(counts, fact.data) };
    case 'SitesOffered':
      return { counts: moved(counts, 'waiting', 'offered', fact.data.offers.length) };
    case 'SitesSkipped':
      return { counts: moved(counts, 'waiting', 'skipped', fact.data.sites.length) };
    case 'OutcomesRecorded':
      return { counts: fact.data.outcomes.reduce(hear, counts) };
    case 'SoakBegan':
      return { status: 'soaking' };
    case 'SoakEnded':
      return { status: 'rolling' };
    case 'StagePassed':
      return { stage: stageName(doc, doc.stages.indexOf(doc.stage)) };
    case 'RolloutPaused':
      return { status: 'paused', reason: fact.data.reason };
    case 'RolloutResumed':
      return { status: 'rolling', reason: null };
    case 'RolloutAborted':
      return { status: 'reverting', reason: fact.data.reason };
    case 'RevertsMade':
      return { counts: reverting(counts, fact.data) };
    case 'RolloutReverted':
      return { status: 'aborted' };
    case 'RolloutCompleted':
      return { status: 'completed' };
  }
}

function planned(fact: RolloutFact, at: string): RolloutDocument | null {
  if (fact.type !== 'RolloutPlanned') return null;
  const { rolloutId, tenant, note, sites, rules } = fact.data;
  const stages = [...(rules.shadowDays > 0 ? ['shadow'] : []), ...rules.stages.map(({ name }) => name)];
  return {
    ...{ rolloutId, tenant, note, sites, stages, status: 'rolling', stage: stages[0] ?? '', reason: null },
    ...{ counts: { ...NOBODY, waiting: sites }, createdAt: at, updatedAt: at },
  };
}

function document(doc: RolloutDocument): ReadDocument<RolloutDocument> {
  const { rolloutId, tenant, status, createdAt } = doc;
  return { key: rolloutId, tenant, systemId: null, status, sortAt: createdAt, doc };
}

/** Rollouts, newest first; key rolloutId. */
export const rolloutsProjection: Projection<RolloutDocument> = {
  name: 'rollouts',
  version: 1,
  keysOf({ streamId }: SequencedFact) {
    const stream = parseStreamId(streamId);
    return stream?.type === 'rollout' ? [stream.id] : [];
  },
  apply(current, { fact, metadata: { at } }) {
    // `keysOf` lets only facts of rollouts through, and the log checked their schema.
    const rolloutFact = fact as RolloutFact;
    const doc = current?.doc ?? planned(rolloutFact, at);
    return doc === null ? null : document({ ...doc, ...change(doc, rolloutFact), updatedAt: at });
  },
};
