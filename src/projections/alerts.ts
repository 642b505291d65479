import type { AlertFact, AlertRule, OpenedAlert } from '../events/alert.ts';
import type { SequencedFact } from '../events/envelope.ts';
import { parseStreamId } from '../events/stream-id.ts';
import type { Projection, ReadDocument } from './projection.ts';

/** An alert as lists show it; key alertId. */
export interface AlertDocument {
  readonly alertId: string;
  readonly systemId: string;
  readonly tenant: string;
  readonly rule: AlertRule;
  readonly status: 'open' | 'acknowledged' | 'resolved';
  readonly day: string;
  readonly evidence: OpenedAlert['evidence'];
  readonly actions: OpenedAlert['actions'];
  readonly proposedFlag: OpenedAlert['proposedFlag'];
  readonly acceptedFlag: string | null;
  readonly retrainJobId: string | null;
  readonly openedAt: string;
  readonly updatedAt: string;
}

function change(fact: AlertFact): Partial<AlertDocument> {
  switch (fact.type) {
    case 'AlertOpened':
      return {};
    case 'AlertAcknowledged':
      return { status: 'acknowledged' };
    case 'AlertRetrainStarted':
      return { retrainJobId: fact.data.jobId };
    case 'ProposedFlagAccepted':
      return { acceptedFlag: fact.data.label };
    case 'AlertResolved':
      return { status: 'resolved' };
  }
}

function opened(fact: AlertFact, at: string): AlertDocument | null {
  if (fact.type !== 'AlertOpened') return null;
  const nothing = { acceptedFlag: null, retrainJobId: null } as const;
  return { ...fact.data, ...nothing, status: 'open', openedAt: at, updatedAt: at };
}

function document(doc: AlertDocument): ReadDocument<AlertDocument> {
  const { alertId, tenant, systemId, status, openedAt } = doc;
  return { key: alertId, tenant, systemId, status, sortAt: openedAt, doc };
}

/** Alerts, newest first; key alertId. */
export const alertsProjection: Projection<AlertDocument> = {
  name: 'alerts',
  version: 1,
  keysOf({ streamId }: SequencedFact) {
    const stream = parseStreamId(streamId);
    return stream?.type === 'alert' ? [stream.id] : [];
  },
  apply(current, { fact, metadata: { at } }) {
    // `keysOf` lets only facts of alerts through, and the log checked their schema.
    const alertFact = fact as AlertFact;
    const doc = current?.doc ?? opened(alertFact, at);
    return doc === null ? null : document({ ...doc, ...change(alertFact), updatedAt: at });
  },
};
