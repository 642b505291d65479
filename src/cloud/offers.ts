import type { Origin } from '../actors/stream-actor.ts';
import type { DeploymentFact } from '../events/deployment.ts';
import { deployment } from '../machines/deployment.ts';
import type { StreamAppend } from '../ports/event-log.ts';
import type { CloudDependencies } from './dependencies.ts';
import { type LoadedDeployment, loadDeployment, offerOf } from './streams.ts';

type Offer = Extract<DeploymentFact, { type: 'DeploymentOffered' }>['data'];

/** What is offered to whom; the rest of the offer follows from the site's present state. */
export type OfferedModel = Omit<Offer, 'assignment' | 'previousDeploymentId' | 'expires'>;

type OfferDependencies = Pick<CloudDependencies, 'actors' | 'log' | 'clocks' | 'offerLifetimeMs'>;

/** Another model went into service while the challenger was judged: its verdict is to be reached anew. */
class ChampionChanged extends Error {
  override readonly name = 'ChampionChanged';

  constructor(systemId: string, now: string | null) {
    super(`site ${systemId} now runs deployment ${now}: judge again`);
  }
}

/** The deployment that runs on the site's device. A replaced device takes what it ran with it. */
export async function runningOnDevice(
  { actors, log }: Pick<CloudDependencies, 'actors' | 'log'>,
  systemId: string,
): Promise<LoadedDeployment | null> {
  const running = await log.lookup('running-deployment', systemId);
  if (running === null) return null;
  const loaded = await loadDeployment(actors, running);
  return offerOf(loaded).deviceId === (await log.lookup('active-device', systemId)) ? loaded : null;
}

export const deploymentIdOf = (loaded: LoadedDeployment | null): string | null =>
  loaded === null ? null : offerOf(loaded).deploymentId;

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

/**
 * The appends that open a deployment, with the next assignment number, and end the offer it replaces. With
 * `expectedRunning`, throws {@link ChampionChanged} when another deployment runs by now.
 */
export async function prepareOffer(
  cloud: OfferDependencies,
  model: OfferedModel,
  origin: Origin,
  expectedRunning?: string | null,
): Promise<readonly StreamAppend[]> {
  const { actors, log, clocks, offerLifetimeMs } = cloud;
  const { systemId, deploymentId } = model;
  const last = await log.lookup('latest-assignment', systemId);
  // Before what runs is read: an answer that comes in between then makes the append fail.
  const ended = await superseded(cloud, model, origin);
  const previousDeploymentId = deploymentIdOf(await runningOnDevice(cloud, systemId));
  if (expectedRunning !== undefined && expectedRunning !== previousDeploymentId)
    throw new ChampionChanged(systemId, previousDeploymentId);
  const offer = {
    ...model,
    assignment: Number(last ?? 0) + 1,
    previousDeploymentId,
    expires: new Date(clocks.site.now().getTime() + offerLifetimeMs).toISOString(),
  };
  const opened = actors.prepare(
    deployment,
    await loadDeployment(actors, deploymentId),
    { type: 'offer', offer },
    origin,
  );
  return [ended, opened].filter((append) => append !== null);
}
