import type { DeploymentFact } from '../../events/deployment.ts';
import { SITES_A_FACT } from '../../events/rollout.ts';
import type { Outcome, RolloutSite } from '../../machines/rollout-model.ts';
import type { DeploymentDocument } from '../../projections/documents.ts';
import { type LoadedDeployment, loadDeployment } from '../streams.ts';
import type { RolloutLook, Work } from './step.ts';

/** What came of a rollout's offers. */

const MAX_REASON = 500;
/** Rolled-back deployments looked through for those that had been active. */
const LATE_ROWS = 200;

type Was = Outcome['was'];

const isWatched = ({ status }: RolloutSite): boolean =>
  status === 'offered' || status === 'reverting' || status === 'expired';

function reasonOf(fact: DeploymentFact): string | null {
  switch (fact.type) {
    case 'DeploymentRejected':
    case 'DeploymentRolledBack':
      return fact.data.answer.reason ?? null;
    case 'DeploymentExpired':
      return 'the device did not answer in time';
    case 'DeploymentSuperseded':
      return `replaced by ${fact.data.byDeploymentId}`;
    case 'DeploymentOffered':
    case 'DeploymentActivated':
    case 'LateAnswerRecorded':
      return null;
  }
}

/** Where the deployment stands; null while it is on offer. */
function outcomeOf({
  stage: { state },
  facts,
}: LoadedDeployment): Omit<Outcome, 'systemId' | 'deploymentId' | 'was'> | null {
  if (state === 'new' || state === 'offered') return null;
  const last = facts.findLast(({ fact }) => fact.type !== 'LateAnswerRecorded');
  // The stream of a deployment holds no other facts.
  const reason = last === undefined ? null : reasonOf(last.fact as DeploymentFact);
  return { outcome: state, reason: reason?.slice(0, MAX_REASON) || null, at: last?.metadata.at ?? '' };
}

async function answerOf({ cloud }: RolloutLook, site: RolloutSite): Promise<readonly Outcome[]> {
  const { systemId, status } = site;
  const deploymentId = (status === 'reverting' ? site.revertId : site.deploymentId) ?? '';
  const outcome = outcomeOf(await loadDeployment(cloud.actors, deploymentId));
  // What expired is known already; what is heard of it later is not.
  return outcome === null || outcome.outcome === status
    ? []
    : [{ systemId, deploymentId, was: status as Was, ...outcome }];
}

/** Models that served, and were taken back by their device afterwards. */
async function lateRollbacks({ cloud, tenant, context }: RolloutLook): Promise<readonly Outcome[]> {
  const active = new Map(
    context.sites.flatMap((site) => (site.status === 'active' ? [[site.deploymentId, site] as const] : [])),
  );
  if (active.size === 0) return [];
  const query = { tenant, status: 'rolledback', limit: LATE_ROWS };
  const { items } = await cloud.readModels.list<DeploymentDocument>('deployments', query);
  return items
    .filter(({ deploymentId }) => active.has(deploymentId))
    .map(({ systemId, deploymentId, reason, updatedAt }) => ({
      ...{ systemId, deploymentId, was: 'active', outcome: 'rolledback', reason, at: updatedAt },
    }));
}

/** Records what devices have answered since, and what they took back. */
export const hearOutcomes: Work = async (look) => {
  const watched = look.context.sites.filter(isWatched).slice(0, SITES_A_FACT);
  const answered = (await Promise.all(watched.map((site) => answerOf(look, site)))).flat();
  const outcomes = [...answered, ...(await lateRollbacks(look))].slice(0, SITES_A_FACT);
  return outcomes.length === 0 ? null : { command: { type: 'record-outcomes', outcomes } };
};
