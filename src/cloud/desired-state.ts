import { buildAssignment } from '../ota/assignment.ts';
import { targetName } from '../ota/tuf/target-name.ts';
import { modelUrl } from '../ota/versions.ts';
import type { CloudDependencies } from './dependencies.ts';
import { runningOnDevice } from './offers.ts';
import { type LoadedDeployment, loadDeployment, offerOf } from './streams.ts';

/** What an assignment is signed with. */
export type AssignmentDependencies = Pick<CloudDependencies, 'signer' | 'modelsUrl'>;

type DesiredStateDependencies = Pick<
  CloudDependencies,
  'log' | 'actors' | 'clocks' | 'link' | 'signer' | 'modelsUrl' | 'trust' | 'logger'
>;

/** The signer has not signed the offered file yet: a device would refuse it. It is offered a moment later. */
export class TargetNotSigned extends Error {
  override readonly name = 'TargetNotSigned';
  readonly systemId: string;
  readonly version: string;

  constructor(systemId: string, version: string) {
    super(`version ${version} is not signed for site ${systemId} yet: is the signer running?`);
    this.systemId = systemId;
    this.version = version;
  }
}

/**
 * What runs stays desired for as long as the message is retained: a device that lost its memory must be able to
 * fetch it long after the offer's own end.
 */
const RUNNING_VALID_MS = 400 * 86_400_000;

/** The deployment whose model the site's device should run: the one on offer, else the one that runs. */
async function desiredDeployment(
  cloud: DesiredStateDependencies,
  systemId: string,
): Promise<LoadedDeployment | null> {
  const { log, actors } = cloud;
  const offered = await log.lookup('offered-deployment', systemId);
  if (offered === null) return runningOnDevice(cloud, systemId);
  const loaded = await loadDeployment(actors, offered);
  // The device of this offer was replaced, or its site decommissioned: nobody may act upon it.
  return offerOf(loaded).deviceId === (await log.lookup('active-device', systemId)) ? loaded : null;
}

type Offer = ReturnType<typeof offerOf>;

/**
 * Has the offered file signed before it is offered. What runs was signed before it came to run, so that it is desired
 * on whether the signer answers or not; only a device that lost its memory asks for it again.
 */
async function haveSigned({ trust, logger }: DesiredStateDependencies, offer: Offer, runs: boolean) {
  const { systemId, version } = offer;
  const isSigned = await trust.ensure({ ...offer, name: targetName(offer) }).catch((err: unknown) => {
    if (!runs) throw err;
    logger.warn({ err, systemId, version }, 'what runs could not be signed again');
    return true;
  });
  if (!isSigned && !runs) throw new TargetNotSigned(systemId, version);
}

/** What a device is told to run, signed. */
export function assignmentOf(
  { signer, modelsUrl }: AssignmentDependencies,
  offer: Offer,
): Promise<Uint8Array> {
  const { deviceId, deploymentId, assignment, version, modelType, artifact, accuracy, systemId, expires } =
    offer;
  const url = modelUrl(modelsUrl, { systemId, version, modelType });
  const about = { systemId, deviceId, deploymentId, assignment, version };
  return buildAssignment({ ...about, modelType, artifact, accuracy, url, expires }, signer);
}

/**
 * Publishes the retained desired state that the log calls for: the offer, else what runs, else nothing. Safe to
 * repeat at any time, so whoever doubts what the broker holds calls it again. Rejects with {@link TargetNotSigned}.
 */
export async function publishDesiredState(cloud: DesiredStateDependencies, systemId: string): Promise<void> {
  const { clocks, link } = cloud;
  const deployment = await desiredDeployment(cloud, systemId);
  if (deployment === null) {
    await link.publishDesired(systemId, null);
    return;
  }
  const offer = offerOf(deployment);
  const runs = deployment.stage.state === 'active';
  await haveSigned(cloud, offer, runs);
  const expires = runs
    ? new Date(clocks.site.now().getTime() + RUNNING_VALID_MS).toISOString()
    : offer.expires;
  await link.publishDesired(systemId, await assignmentOf(cloud, { ...offer, expires }));
}
