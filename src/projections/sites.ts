import type { DeploymentFact } from '../events/deployment.ts';
import type { Fact, SequencedFact } from '../events/envelope.ts';
import type { SiteFact } from '../events/site.ts';
import { parseStreamId } from '../events/stream-id.ts';
import type { RunningModel, SiteDocument } from './documents.ts';
import type { Projection, ReadDocument } from './projection.ts';

type Known = SiteFact | DeploymentFact;

function registered(fact: Fact, at: string): SiteDocument | null {
  const known = fact as Known;
  if (known.type !== 'SiteRegistered') return null;
  const { systemId, tenant, settings } = known.data;
  const models = { running: null, desired: null, previous: null, attempted: null, attemptedAt: null };
  const about = { systemId, tenant, zone: settings.zone, contract: settings.contract, deviceId: null };
  const schedule = { nextRetrain: null, retrainsPaused: null };
  return { ...about, status: 'registered', ...schedule, ...models, createdAt: at, updatedAt: at };
}

/** A later offer is out: it stays desired and attempted, whatever becomes of earlier deployments. */
const isOutdone = ({ attempted }: SiteDocument, deploymentId: string): boolean =>
  attempted !== null && attempted.status === 'offered' && attempted.deploymentId !== deploymentId;

/** The attempt ended without success: what runs is desired again. */
const failed = (
  { running, attempted }: SiteDocument,
  model: RunningModel,
  status: string,
  reason: string | null,
): Partial<SiteDocument> => ({
  desired: running,
  attempted: attempted === null ? null : { ...model, status, reason },
});

function rolledBack(
  doc: SiteDocument,
  model: RunningModel,
  { previousDeploymentId, answer }: Extract<DeploymentFact, { type: 'DeploymentRolledBack' }>['data'],
): Partial<SiteDocument> {
  const { runningVersion, reason } = answer;
  const running =
    previousDeploymentId === null || runningVersion === null
      ? null
      : { deploymentId: previousDeploymentId, version: runningVersion };
  // The device has put back the one model that it kept.
  const previous = running?.deploymentId === doc.running?.deploymentId ? doc.previous : null;
  if (isOutdone(doc, model.deploymentId)) return { running, previous };
  return { running, previous, ...failed({ ...doc, running }, model, 'rolledback', reason ?? null) };
}

function activated(doc: SiteDocument, model: RunningModel): Partial<SiteDocument> {
  const { running } = doc;
  // The same version under another deployment displaces nothing on the device.
  const previous = running === null || running.version === model.version ? doc.previous : running;
  if (isOutdone(doc, model.deploymentId)) return { running: model, previous };
  return {
    running: model,
    previous,
    desired: model,
    attempted: { ...model, status: 'active', reason: null },
  };
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
      return activated(doc, model);
    case 'DeploymentRejected':
      return failed(doc, model, 'rejected', fact.data.answer.reason ?? null);
    case 'DeploymentRolledBack':
      return rolledBack(doc, model, fact.data);
    case 'DeploymentExpired':
      return failed(doc, model, 'expired', 'the device did not answer in time');
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
      // What its predecessor ran went with it; the new one is offered the same model next.
      return { deviceId: fact.data.deviceId, running: null, desired: null, previous: null };
    case 'RetrainScheduled':
      return { nextRetrain: fact.data.slot };
    case 'RetrainsPaused':
      return { retrainsPaused: fact.data.reason };
    case 'RetrainsResumed':
      return { retrainsPaused: null };
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
  version: 4,
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
    const attempt = change.attempted === undefined ? {} : { attemptedAt: at };
    return document({ ...doc, ...change, ...attempt, updatedAt: at });
  },
};
