import type { Origin } from '../actors/stream-actor.ts';
import type { DeploymentFact } from '../events/deployment.ts';
import { deployment } from '../machines/deployment.ts';
import type { StreamAppend } from '../ports/event-log.ts';
import type { CloudDependencies } from './dependencies.ts';
import { loadDeployment } from './streams.ts';

type Offer = Extract<DeploymentFact, { type: 'DeploymentOffered' }>['data'];

/** What is offered to whom; the rest of the offer follows from the site's present state. */
export type OfferedModel = Omit<Offer, 'assignment' | 'previousDeploymentId' | 'expires'>;

type OfferDependencies = Pick<CloudDependencies, 'actors' | 'log' | 'clocks' | 'offerLifetimeMs'>;

async function superseded(
  { actors, log }: OfferDependencies,
  { systemId, deploymentId }: OfferedModel,
  origin: Origin,
): Promise<StreamAppend | null> {
  const outstanding = await log.lookup('offered-deployment', systemId);
  if (outstanding === null) return null;
  const loaded = await loadDeployment(actors, outstanding);
  if (loaded.stage.state !== 'offered') return null;
  return actors.prepare(deployment, loaded, { type: 'supersede', byDeploymentId: deploymentId }, origin);
}

/** The appends that open a deployment, with the next assignment number, and end the offer it replaces. */
export async function prepareOffer(
  cloud: OfferDependencies,
  model: OfferedModel,
  origin: Origin,
): Promise<readonly StreamAppend[]> {
  const { actors, log, clocks, offerLifetimeMs } = cloud;
  const { systemId, deploymentId } = model;
  const last = await log.lookup('latest-assignment', systemId);
  const offer = {
    ...model,
    assignment: Number(last ?? 0) + 1,
    previousDeploymentId: await log.lookup('running-deployment', systemId),
    expires: new Date(clocks.site.now().getTime() + offerLifetimeMs).toISOString(),
  };
  const opened = actors.prepare(
    deployment,
    await loadDeployment(actors, deploymentId),
    { type: 'offer', offer },
    origin,
  );
  return [await superseded(cloud, model, origin), opened].filter((append) => append !== null);
}
