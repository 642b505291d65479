import type { CloudDependencies } from '../dependencies.ts';
import { deploymentIdOf, runningOnDevice } from '../offers.ts';
import { loadDeployment, type offerOf } from '../streams.ts';

type Dependencies = Pick<CloudDependencies, 'log' | 'actors'>;
type Offer = ReturnType<typeof offerOf>;

/** The deployment itself, or its nearest predecessor, that never failed. */
async function nearestSound({ actors }: Dependencies, deploymentId: string | null): Promise<string | null> {
  let candidate = deploymentId;
  while (candidate !== null) {
    const { state, context } = (await loadDeployment(actors, candidate)).stage;
    if (state === 'active') return candidate;
    candidate = context.offer?.previousDeploymentId ?? null;
  }
  return null;
}

/**
 * The deployment that the device runs after `offer` was rolled back: what runs in the cloud's eyes if that is another
 * one, else the nearest predecessor that never failed. Null when the device says that nothing serves.
 */
export async function restoredDeployment(
  cloud: Dependencies,
  { systemId, deploymentId, previousDeploymentId }: Offer,
  runningVersion: string | null,
): Promise<string | null> {
  if (runningVersion === null) return null;
  const running = deploymentIdOf(await runningOnDevice(cloud, systemId));
  return nearestSound(cloud, running === null || running === deploymentId ? previousDeploymentId : running);
}
