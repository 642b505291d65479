import type { SiteDocument } from '../../projections/documents.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { loadDeployment, loadJob, loadSite, offerOf } from '../streams.ts';

export type UseDependencies = Pick<CloudDependencies, 'log' | 'actors' | 'readModels'>;

async function offersOf({ actors }: UseDependencies, deploymentIds: readonly (string | null)[]) {
  const known = deploymentIds.filter((id) => id !== null);
  return Promise.all(known.map(async (id) => offerOf(await loadDeployment(actors, id))));
}

/** The version that stands before the gate: deployed a moment later, or kept. */
async function unjudged({ log, actors }: UseDependencies, systemId: string): Promise<string | null> {
  const jobId = await log.lookup('unfinished-job', systemId);
  return jobId === null ? null : ((await loadJob(actors, jobId)).stage.context.evaluation?.version ?? null);
}

/**
 * Versions of a site whose files must be at hand: what runs, what is desired, what a device may go back to, and what
 * is being judged. From the log itself, and beside it from the site's page, which knows late answers: rather one
 * version too many than one too few. None once the site is decommissioned.
 */
export async function versionsInUse(cloud: UseDependencies, systemId: string): Promise<ReadonlySet<string>> {
  const { log, actors, readModels } = cloud;
  if ((await loadSite(actors, systemId)).stage.state === 'decommissioned') return new Set();
  const current = await offersOf(cloud, [
    await log.lookup('offered-deployment', systemId),
    await log.lookup('running-deployment', systemId),
  ]);
  const before = await offersOf(
    cloud,
    current.map(({ previousDeploymentId }) => previousDeploymentId),
  );
  const page = await readModels.get<SiteDocument>('sites', systemId);
  const shown = [page?.running, page?.desired, page?.previous].flatMap((model) => model?.version ?? []);
  const judged = await unjudged(cloud, systemId);
  const offered = [...current, ...before].map(({ version }) => version);
  return new Set([...offered, ...shown, ...(judged === null ? [] : [judged])]);
}
