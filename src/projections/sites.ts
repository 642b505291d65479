import type { DeploymentFact } from '../events/deployment.ts';
import type { Fact, SequencedFact } from '../events/envelope.ts';
import type { SiteFact } from '../events/site.ts';
import { parseStreamId } from '../events/stream-id.ts';
import type { SiteDocument } from './documents.ts';
import type { Projection, ReadDocument } from './projection.ts';

type Known = SiteFact | DeploymentFact;

function registered(fact: Fact, at: string): SiteDocument | null {
  const known = fact as Known;
  if (known.type !== 'SiteRegistered') return null;
  const { systemId, tenant, settings } = known.data;
  const models = { running: null, desired: null, attempted: null };
  const about = { systemId, tenant, zone: settings.zone, contract: settings.contract, deviceId: null };
  return { ...about, status: 'registered', nextRetrain: null, ...models, createdAt: at, updatedAt: at };
}

/** The attempt ended without success: what runs is desired again. */
const failed = (doc: SiteDocument, status: string, reason: string | null): Partial<SiteDocument> => ({
  desired: doc.running,
  attempted: doc.attempted === null ? null : { ...doc.attempted, status, reason },
});

function rolledBack(
  doc: SiteDocument,
  { previousDeploymentId, answer }: Extract<DeploymentFact, { type: 'DeploymentRolledBack' }>['data'],
): Partial<SiteDocument> {
  const { runningVersion, reason } = answer;
  const running =
    previousDeploymentId === null || runningVersion === null
      ? null
      : { deploymentId: previousDeploymentId, version: runningVersion };
  return failed({ ...doc, running }, 'rolledback', reason ?? null);
}

function deploymentChange(
  doc: SiteDocument,
  fact: DeploymentFact,
  deploymentId: string,
): Partial<SiteDocument> {
  const model = { deploymentId, version: fact.data.version };
  switch (fact.type) {
    case 'DeploymentOffered':
      return { desired: model, attempted: { ...model, status: 'offered', reason: null } };
    case 'DeploymentActivated':
      return { running: model, desired: model, attempted: { ...model, status: 'active', reason: null } };
    case 'DeploymentRejected':
      return failed(doc, 'rejected', fact.data.answer.reason ?? null);
    case 'DeploymentRolledBack': {
      const change = rolledBack(doc, fact.data);
      return { ...change, running: change.desired ?? null };
    }
    case 'DeploymentExpired':
      return failed(doc, 'expired', 'the device did not answer in time');
    case 'DeploymentSuperseded':
    case 'LateAnswerRecorded':
      return {};
  }
}

function siteChange(fact: SiteFact): Partial<SiteDocument> {
  switch (fact.type) {
    case 'SiteRegistered':
    case 'SiteChanged':
      return { zone: fact.data.settings.zone, contract: fact.data.settings.contract };
    case 'DeviceAssigned':
      return { deviceId: fact.data.deviceId };
    case 'RetrainScheduled':
      return { nextRetrain: fact.data.slot };
    case 'SiteDecommissioned':
      return { status: 'decommissioned', deviceId: null, desired: null, nextRetrain: null };
  }
}

function document(doc: SiteDocument): ReadDocument<SiteDocument> {
  const { systemId, tenant, status, createdAt } = doc;
  return { key: systemId, tenant, systemId, status, sortAt: createdAt, doc };
}

/** Sites with what their devices run, should run and last tried; key systemId. */
export const sitesProjection: Projection<SiteDocument> = {
  name: 'sites',
  version: 1,
  keysOf({ streamId, metadata }: SequencedFact) {
    const type = parseStreamId(streamId)?.type;
    return (type === 'site' || type === 'deployment') && metadata.systemId !== null
      ? [metadata.systemId]
      : [];
  },
  apply(current, { streamId, fact, metadata: { at } }) {
    const doc = current?.doc ?? registered(fact, at);
    const stream = parseStreamId(streamId);
    if (doc === null || stream === null) return null;
    // `keysOf` lets only facts of sites and deployments through, and the log checked their schema.
    const change =
      stream.type === 'site'
        ? siteChange(fact as SiteFact)
        : deploymentChange(doc, fact as DeploymentFact, stream.id);
    return document({ ...doc, ...change, updatedAt: at });
  },
};
