import type { DeploymentFact } from '../../events/deployment.ts';
import type { ArtifactRef, ModelType } from '../../events/values.ts';
import type { Caller } from '../control-plane.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { type OfferedModel, runningOnDevice } from '../offers.ts';
import { Invalid, NotFound, RestoreRefused } from '../refusals.ts';
import { type LoadedJob, loadJob, loadSite, offerOf } from '../streams.ts';
import { readVersionFile } from '../version-artifact.ts';
import { type Evaluated, versionFile } from '../version-file.ts';
import { ownSite } from './site-control.ts';

/** Versions of the catalogue as they can be offered again: by a person, and by a rollout. */

type Dependencies = Pick<CloudDependencies, 'actors' | 'log' | 'artifacts' | 'newId'>;
type Offer = Extract<DeploymentFact, { type: 'DeploymentOffered' }>['data'];

interface WantedVersion {
  readonly systemId: string;
  readonly version: string;
  /** The model of that version; the one that its job judged when absent. */
  readonly modelType?: ModelType;
}

const VERSION_HINT = 'list the site’s versions with GET /api/v1/ml/systems/{id}/models';

const sameFile = (offer: Offer, { version, modelType, artifact }: OfferedModel): boolean =>
  offer.version === version && offer.modelType === modelType && offer.artifact.checksum === artifact.checksum;

/** The file that is wanted. Throws {@link Invalid} for a model that has none to deploy. */
function fileOf(evaluation: Evaluated, modelType: ModelType): ArtifactRef {
  if (modelType === 'arima') {
    const message = 'ARIMA is trained as a reference and never deployed: name another modelType.';
    throw new Invalid('model-not-deployable', message);
  }
  const file = versionFile(evaluation, modelType);
  if (file !== null) return file;
  const { version } = evaluation;
  throw new Invalid(
    'model-without-file',
    `Version ${version} has no file of ${modelType}: its page lists them.`,
  );
}

function accuracyOf(evaluation: Evaluated, modelType: ModelType) {
  const { metrics } = evaluation.modelArtifacts?.find((file) => file.modelType === modelType) ?? {};
  return metrics === undefined ? evaluation.accuracy : { mape: metrics.mape, rmse: metrics.rmse };
}

/** Throws {@link RestoreRefused} while the gate has the version before it. */
function assertJudged({ stage }: LoadedJob, version: string): void {
  if (stage.state !== 'evaluated') return;
  throw new RestoreRefused('not-judged-yet', `version ${version} is being judged: try again in a moment`);
}

export function createVersionOffers(cloud: Dependencies) {
  const { actors, log, artifacts, newId } = cloud;

  async function siteFor(caller: Caller, systemId: string) {
    const loaded = await loadSite(actors, systemId);
    const { state, context } = loaded.stage;
    if (state === 'decommissioned' && context.tenant === caller.tenant) {
      const message = `site ${systemId} was decommissioned and has no device any more: nothing can be deployed to it`;
      throw new RestoreRefused('site-decommissioned', message);
    }
    return ownSite(caller, systemId, loaded);
  }

  async function evaluatedVersion(systemId: string, version: string): Promise<Evaluated> {
    const jobId = await log.lookup('model-version', `${systemId}/${version}`);
    const job = jobId === null ? null : await loadJob(actors, jobId);
    const evaluation = job?.stage.context.evaluation ?? null;
    if (job === null || evaluation === null) throw new NotFound('model', version, VERSION_HINT);
    assertJudged(job, version);
    return evaluation;
  }

  /** What is to be offered, with nothing yet known of what stands in its way. */
  async function wanted(caller: Caller, request: WantedVersion): Promise<OfferedModel> {
    const { systemId, version } = request;
    const { tenant, deviceId } = await siteFor(caller, systemId);
    const evaluation = await evaluatedVersion(systemId, version);
    const modelType = request.modelType ?? evaluation.modelType;
    const artifact = fileOf(evaluation, modelType);
    if (deviceId === null) {
      const message = `site ${systemId} has no device: add one with POST /api/v1/systems/${systemId}/devices`;
      throw new RestoreRefused('no-device', message);
    }
    return {
      ...{ deploymentId: newId(), systemId, tenant, deviceId, jobId: null, version, modelType, artifact },
      accuracy: accuracyOf(evaluation, modelType),
      trainedUntil: evaluation.trainedUntil,
    };
  }

  /** Throws {@link RestoreRefused} when the device runs the very file. */
  async function assertNotRunning(model: OfferedModel): Promise<void> {
    const running = await runningOnDevice(cloud, model.systemId);
    if (running === null || !sameFile(offerOf(running), model)) return;
    const message = `version ${model.version} runs on the site’s device already`;
    throw new RestoreRefused('already-running', message, offerOf(running).deploymentId);
  }

  /** The file is there, whole, and kept without end from now on. Throws {@link RestoreRefused}. */
  async function secureFile({ version, artifact: { checksum } }: OfferedModel): Promise<void> {
    const found = await readVersionFile(artifacts, version, checksum);
    if ('code' in found) throw new RestoreRefused(found.code, found.message);
    await artifacts.unarchive(checksum);
  }

  return { wanted, assertNotRunning, secureFile };
}
