import type { DeploymentFact } from '../../events/deployment.ts';
import { streamId } from '../../events/stream-id.ts';
import type { ArtifactRef, ModelType } from '../../events/values.ts';
import { RegistryConflict, VersionConflict } from '../../ports/event-log.ts';
import {
  type Caller,
  type ControlPlane,
  Invalid,
  NotFound,
  type RestoreAnswer,
  RestoreRefused,
  type RestoreRequest,
} from '../control-plane.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { type OfferedModel, prepareOffer, runningOnDevice } from '../offers.ts';
import { type LoadedJob, loadDeployment, loadJob, loadSite, offerOf } from '../streams.ts';
import { readVersionFile } from '../version-artifact.ts';
import { type Evaluated, versionFile } from '../version-file.ts';
import { originOf, ownSite } from './site-control.ts';

type RestoreDependencies = Pick<
  CloudDependencies,
  'actors' | 'log' | 'clocks' | 'artifacts' | 'newId' | 'offerLifetimeMs'
>;
type Offer = Extract<DeploymentFact, { type: 'DeploymentOffered' }>['data'];

const VERSION_HINT = 'list the site’s versions with GET /api/v1/ml/systems/{id}/models';
/** Races for the next assignment number that may be lost. */
const MAX_RACES = 8;

const sameFile = (offer: Offer, { version, modelType, artifact }: OfferedModel): boolean =>
  offer.version === version && offer.modelType === modelType && offer.artifact.checksum === artifact.checksum;

/** Whether the offer is what the request asks for. */
const answersTo = (
  offer: Offer,
  { systemId, version, modelType = offer.modelType }: RestoreRequest,
): boolean => offer.systemId === systemId && offer.version === version && offer.modelType === modelType;

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

export function createRestoreControl(cloud: RestoreDependencies): Pick<ControlPlane, 'restoreModel'> {
  const { actors, log, artifacts, newId } = cloud;

  async function offerById(deploymentId: string): Promise<Offer> {
    return offerOf(await loadDeployment(actors, deploymentId));
  }

  /** The deployment that an earlier request with this key made. Throws {@link RestoreRefused} for another wish. */
  async function madeBefore(caller: Caller, request: RestoreRequest): Promise<RestoreAnswer | null> {
    const { idempotencyKey: key } = request;
    const made = key === undefined ? null : await log.lookup('restore-key', `${caller.tenant}/${key}`);
    if (made === null) return null;
    if (answersTo(await offerById(made), request)) return { deploymentId: made, created: false };
    const message = `this Idempotency-Key stands for deployment ${made}, which restored something else: use a new key`;
    throw new RestoreRefused('key-names-another', message, made);
  }

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
  async function wanted(caller: Caller, request: RestoreRequest): Promise<OfferedModel> {
    const { systemId, version, idempotencyKey } = request;
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
      restore: idempotencyKey === undefined ? {} : { idempotencyKey },
    };
  }

  /** Throws {@link RestoreRefused} when the device runs the very file. */
  async function assertNotRunning(model: OfferedModel): Promise<void> {
    const running = await runningOnDevice(cloud, model.systemId);
    if (running === null || !sameFile(offerOf(running), model)) return;
    const message = `version ${model.version} runs on the site’s device already`;
    throw new RestoreRefused('already-running', message, offerOf(running).deploymentId);
  }

  /**
   * The offer that may be ended for this one, null for none. Throws {@link RestoreRefused} when another person's wish,
   * or what runs, stands in the way.
   */
  async function replaceable(model: OfferedModel, replace: boolean): Promise<string | null> {
    const outstanding = await log.lookup('offered-deployment', model.systemId);
    if (outstanding === null) {
      await assertNotRunning(model);
      return null;
    }
    const { restore, deviceId, version } = await offerById(outstanding);
    if (restore === undefined || deviceId !== model.deviceId || replace) return outstanding;
    const message = `version ${version} is being restored: wait for the device’s answer, or repeat with "replace": true`;
    throw new RestoreRefused('restore-under-way', message, outstanding);
  }

  /** The file is there, whole, and kept without end from now on. Throws {@link RestoreRefused}. */
  async function secureFile({ version, artifact: { checksum } }: OfferedModel): Promise<void> {
    const found = await readVersionFile(artifacts, version, checksum);
    if ('code' in found) throw new RestoreRefused(found.code, found.message);
    await artifacts.unarchive(checksum);
  }

  /** What opens the deployment; null when that would end another offer than the one that may be ended. */
  async function appendsFor(caller: Caller, model: OfferedModel, replaces: string | null) {
    const { systemId, deploymentId } = model;
    const appends = await prepareOffer(cloud, model, originOf(caller, systemId, deploymentId));
    const touched = new Set([deploymentId, replaces].map((id) => streamId('deployment', id ?? '')));
    return appends.every((append) => touched.has(append.streamId)) ? appends : null;
  }

  /** Null when somebody was quicker: whoever it was is to be looked at. */
  async function attempt(caller: Caller, request: RestoreRequest): Promise<RestoreAnswer | null> {
    const model = await wanted(caller, request);
    const replaces = await replaceable(model, request.replace);
    await secureFile(model);
    const appends = await appendsFor(caller, model, replaces);
    if (appends === null) return null;
    try {
      await log.commit({ appends });
      return { deploymentId: model.deploymentId, created: true };
    } catch (error) {
      if (error instanceof RegistryConflict || error instanceof VersionConflict) return null;
      throw error;
    }
  }

  /** A request that is refused because the same one came first was not refused at all. */
  async function unlessMadeBefore(
    caller: Caller,
    request: RestoreRequest,
    error: unknown,
  ): Promise<RestoreAnswer> {
    const before = error instanceof RestoreRefused ? await madeBefore(caller, request) : null;
    if (before === null) throw error;
    return before;
  }

  async function restoreModel(caller: Caller, request: RestoreRequest): Promise<RestoreAnswer> {
    for (let race = 1; race <= MAX_RACES; race += 1) {
      const made = (await madeBefore(caller, request)) ?? attempt(caller, request);
      const answer = await Promise.resolve(made).catch((error: unknown) =>
        unlessMadeBefore(caller, request, error),
      );
      if (answer !== null) return answer;
    }
    const message = `site ${request.systemId} is being assigned other models just now: try again`;
    throw new RestoreRefused('restore-under-way', message);
  }

  return { restoreModel };
}
