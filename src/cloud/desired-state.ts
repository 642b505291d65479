import { buildAssignment } from '../ota/assignment.ts';
import { modelUrl } from '../ota/versions.ts';
import type { CloudDependencies } from './dependencies.ts';
import { type LoadedDeployment, loadDeployment, offerOf } from './streams.ts';

type DesiredStateDependencies = Pick<CloudDependencies, 'log' | 'actors' | 'link' | 'signer' | 'modelsUrl'>;

/** The deployment whose model the site's device should run: the one on offer, else the one that runs. */
async function desiredDeployment(
  { log, actors }: DesiredStateDependencies,
  systemId: string,
): Promise<LoadedDeployment | null> {
  const offered = await log.lookup('offered-deployment', systemId);
  const deploymentId = offered ?? (await log.lookup('running-deployment', systemId));
  return deploymentId === null ? null : loadDeployment(actors, deploymentId);
}

/**
 * Publishes the retained desired state that the log calls for: the offer, else what runs, else nothing. Safe to
 * repeat at any time, so whoever doubts what the broker holds calls it again.
 */
export async function publishDesiredState(cloud: DesiredStateDependencies, systemId: string): Promise<void> {
  const { link, signer, modelsUrl } = cloud;
  const deployment = await desiredDeployment(cloud, systemId);
  if (deployment === null) {
    await link.publishDesired(systemId, null);
    return;
  }
  const { deviceId, deploymentId, assignment, version, modelType, artifact, accuracy, expires } =
    offerOf(deployment);
  const url = modelUrl(modelsUrl, systemId, version);
  const offer = {
    systemId,
    deviceId,
    deploymentId,
    assignment,
    version,
    modelType,
    artifact,
    accuracy,
    url,
    expires,
  };
  await link.publishDesired(systemId, await buildAssignment(offer, signer));
}
