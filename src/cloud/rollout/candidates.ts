import type { PlannedSite } from '../../events/rollout-plan.ts';
import type { ModelType } from '../../events/values.ts';
import type { DeploymentDocument, ModelDocument, SiteDocument } from '../../projections/documents.ts';
import type { CloudDependencies } from '../dependencies.ts';
import type { RolloutRequest, UnplannedSite } from './request.ts';

/** What each site of a rollout is to run: the version that was named, or its latest one that passed the gate. */

type Dependencies = Pick<CloudDependencies, 'readModels' | 'log'>;
type Wish = Omit<NonNullable<RolloutRequest['sites']>[number], 'systemId'>;

/** Versions looked back on for one that may be offered. */
const VERSIONS = 20;
const FAILED = ['rejected', 'rolledback'] as const;

/** Whether a version is good enough by itself; how it compares with what runs, the shadow tells. */
const passed = ({ decision, keptReason }: ModelDocument): boolean =>
  decision !== null && keptReason !== 'target-missed' && keptReason !== 'not-better-than-naive';

/** Versions that the site's device refused or gave back: they are not offered again by themselves. */
async function failedVersions(
  { readModels }: Dependencies,
  site: SiteDocument,
): Promise<ReadonlySet<string>> {
  const { tenant, systemId } = site;
  const pages = await Promise.all(
    FAILED.map((status) =>
      readModels.list<DeploymentDocument>('deployments', {
        tenant,
        systemIds: [systemId],
        status,
        limit: VERSIONS,
      }),
    ),
  );
  return new Set(pages.flatMap(({ items }) => items.map(({ version }) => version)));
}

/** The latest version that passed, unless what runs is as new; or why there is none. */
async function latest(cloud: Dependencies, site: SiteDocument): Promise<ModelDocument | string> {
  const { tenant, systemId, running } = site;
  const { items } = await cloud.readModels.list<ModelDocument>('models', {
    ...{ tenant, systemIds: [systemId], limit: VERSIONS },
  });
  const at = items.findIndex(({ version }) => version === running?.version);
  const newer = (at < 0 ? items : items.slice(0, at)).filter(passed);
  if (newer.length === 0)
    return items.length === 0 ? 'no version was trained' : 'no newer version that passed its gate';
  const failed = await failedVersions(cloud, site);
  return (
    newer.find(({ version }) => !failed.has(version)) ?? 'its device refused or gave back every newer version'
  );
}

async function named(
  { readModels }: Dependencies,
  { systemId, running }: SiteDocument,
  version: string,
): Promise<ModelDocument | string> {
  const model = await readModels.get<ModelDocument>('models', `${systemId}/${version}`);
  if (model === null || model.verdict === null)
    return `there is no version ${version}, or it is not judged yet`;
  return running?.version === version ? `version ${version} runs there already` : model;
}

/** Whether the version has a file of this model: its own at least, whether listed or not. */
const hasFile = ({ modelType, modelArtifacts }: ModelDocument, wanted: ModelType): boolean =>
  wanted === modelType || modelArtifacts.some((file) => file.modelType === wanted);

/** What the site is to run, or why it is left as it is. */
export async function candidateOf(
  cloud: Dependencies,
  site: SiteDocument,
  { version, modelType }: Wish,
): Promise<PlannedSite | UnplannedSite> {
  const { systemId, zone, running, deviceId } = site;
  if (deviceId === null) return { systemId, reason: 'it has no device' };
  const busy = await cloud.log.lookup('rollout-site', systemId);
  if (busy !== null) return { systemId, reason: `it takes part in rollout ${busy}` };
  const model = version === undefined ? await latest(cloud, site) : await named(cloud, site, version);
  if (typeof model === 'string') return { systemId, reason: model };
  const type = modelType ?? model.modelType;
  if (!hasFile(model, type)) return { systemId, reason: `version ${model.version} has no file of ${type}` };
  return { systemId, version: model.version, modelType: type, zone, running: running?.version ?? null };
}
