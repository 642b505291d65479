import type { EffectAnswer, EffectHandler } from '../../actors/effect-handler.ts';
import type { LeasedEffect } from '../../ports/effect-queue.ts';
import type { FileDocument } from '../../projections/documents.ts';
import { type SorterDependencies, sortFile } from '../files/file-sorter.ts';
import { versionsInUse } from '../files/versions-in-use.ts';
import { loadDeployment, loadJob, offerOf, requestOf } from '../streams.ts';
import { filesEffect } from './effect-data.ts';

/** Until the list of files knows of a version that was just made. */
const LOOK_AGAIN_MS = 1_000;
/** The deployment itself, what it displaced, and what that one had displaced: further back nothing is at hand. */
const STEPS_BACK = 3;

interface Touched {
  readonly systemId: string;
  readonly versions: readonly string[];
}

async function touchedByDeployment({ actors }: SorterDependencies, deploymentId: string): Promise<Touched> {
  const first = offerOf(await loadDeployment(actors, deploymentId));
  const versions = [first.version];
  let previous = first.previousDeploymentId;
  for (let step = 1; step < STEPS_BACK && previous !== null; step += 1) {
    const offer = offerOf(await loadDeployment(actors, previous));
    versions.push(offer.version);
    previous = offer.previousDeploymentId;
  }
  return { systemId: first.systemId, versions: [...new Set(versions)] };
}

async function touchedBy(cloud: SorterDependencies, effect: LeasedEffect): Promise<Touched> {
  const data = filesEffect(effect);
  if ('deploymentId' in data) return touchedByDeployment(cloud, data.deploymentId);
  const job = await loadJob(cloud.actors, data.jobId);
  const version = job.stage.context.evaluation?.version;
  return { systemId: requestOf(job).systemId, versions: version === undefined ? [] : [version] };
}

async function checksumsOf({ log, actors }: SorterDependencies, systemId: string, version: string) {
  const jobId = await log.lookup('model-version', `${systemId}/${version}`);
  const evaluation = jobId === null ? null : (await loadJob(actors, jobId)).stage.context.evaluation;
  if (evaluation === null) return [];
  const { artifact, modelArtifacts = [] } = evaluation;
  return [artifact, ...modelArtifacts.map((file) => file.artifact)].map(({ checksum }) => checksum);
}

/**
 * Moves the files of the versions that the fact concerns into the archive or out of it. What it cannot know, such as
 * a replaced device's last model, the file keeper finds in its rounds.
 */
export function sortFiles(cloud: SorterDependencies): EffectHandler {
  return {
    async handle(effect, { logger }): Promise<EffectAnswer> {
      const { systemId, versions } = await touchedBy(cloud, effect);
      const all = await Promise.all(versions.map((version) => checksumsOf(cloud, systemId, version)));
      const checksums = [...new Set(all.flat())];
      const files = await Promise.all(
        checksums.map((checksum) => cloud.readModels.get<FileDocument>('files', checksum)),
      );
      const known = files.filter((file) => file !== null);
      if (known.length < checksums.length) return { kind: 'again', afterMs: LOOK_AGAIN_MS };
      for (const file of known)
        await sortFile({ ...cloud, logger }, file, (site) => versionsInUse(cloud, site));
      return { kind: 'done' };
    },
  };
}
