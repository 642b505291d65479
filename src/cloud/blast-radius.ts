import type { RecordedFact } from '../events/envelope.ts';
import { streamId } from '../events/stream-id.ts';
import { fleet } from '../machines/fleet.ts';
import type { DeploymentDocument } from '../projections/documents.ts';
import type { CloudDependencies } from './dependencies.ts';
import { againAfterRaces } from './races.ts';
import { cloudOrigin } from './streams.ts';

/** Stops a tenant's automatic deployments when too many of the last ones failed. */

/** Deployments looked back on, and the share of them that may have failed. */
const WINDOW = 100;
const LIMIT = 0.02;
/** Rows read to find that many which ended: offers that are out or were replaced say nothing. */
const ROWS = 3 * WINDOW;

const FAILED = new Set(['rejected', 'rolledback']);
/** A device that was new or reset says nothing about the model. */
const NO_FAULT = 'no-history';

type Dependencies = Pick<CloudDependencies, 'actors' | 'log' | 'readModels'>;

type Outcome = Pick<DeploymentDocument, 'deploymentId' | 'status' | 'reason' | 'updatedAt'>;

const isSettled = ({ status, reason }: Outcome): boolean =>
  status === 'active' || (FAILED.has(status) && !(reason ?? '').startsWith(NO_FAULT));

export const fleetStream = (tenant: string): string => streamId('fleet', tenant);

const resumedAt = (facts: readonly RecordedFact[]): string =>
  facts.findLast(({ fact }) => fact.type === 'FleetResumed')?.metadata.at ?? '';

/** Whether models of this tenant do not go out by themselves now. */
export const isFleetStopped = async ({ log }: Pick<Dependencies, 'log'>, tenant: string): Promise<boolean> =>
  (await log.lookup('stopped-fleet', tenant)) !== null;

/**
 * Stops the tenant's fleet when more than 2 % of the last 100 deployments that ended since it was last resumed have
 * failed: more than two, also while there are fewer than a hundred. `latest` is an outcome that lists may not show
 * yet. Answers whether the fleet is stopped.
 */
export function guardFleet(cloud: Dependencies, tenant: string, latest: Outcome | null): Promise<boolean> {
  const { actors, log, readModels } = cloud;
  return againAfterRaces(async () => {
    const loaded = await actors.load(fleet, fleetStream(tenant));
    if (loaded.stage.state === 'stopped') return true;
    const since = resumedAt(loaded.facts);
    const { items } = await readModels.list<DeploymentDocument>('deployments', { tenant, limit: ROWS });
    const others = items.filter(({ deploymentId }) => deploymentId !== latest?.deploymentId);
    const ended = [...(latest === null ? [] : [latest]), ...others]
      .filter((outcome) => isSettled(outcome) && outcome.updatedAt > since)
      .slice(0, WINDOW);
    const failed = ended.filter(({ status }) => FAILED.has(status));
    if (failed.length <= LIMIT * WINDOW) return false;
    const stop = {
      ...{ tenant, failed: failed.length, settled: ended.length, window: WINDOW, limit: LIMIT },
      deploymentIds: failed.map(({ deploymentId }) => deploymentId),
    };
    const origin = { ...cloudOrigin({ tenant, systemId: '' }, tenant, tenant), systemId: null };
    const append = actors.prepare(fleet, loaded, { type: 'stop', stop }, origin);
    if (append !== null) await log.commit({ appends: [append] });
    return true;
  });
}
