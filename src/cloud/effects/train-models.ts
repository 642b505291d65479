import type { Logger } from 'pino';
import type { EffectAnswer, EffectHandler, EffectRun } from '../../actors/effect-handler.ts';
import type { ErrorPoint, ModelArtifact } from '../../events/training-job.ts';
import type { ErrorProfilePoint } from '../../forecasting/metrics.ts';
import { type TrainingJobCommand, trainingJob } from '../../machines/training-job.ts';
import { nextVersion } from '../../ota/versions.ts';
import { ArtifactCorrupt, ArtifactMissing } from '../../ports/artifact-store.ts';
import type { LeasedEffect } from '../../ports/effect-queue.ts';
import {
  type Champion,
  type FittedModel,
  type TrainingProgress,
  TrainingRefused,
  type TrainingRequest,
  type TrainingResult,
} from '../../ports/trainer.ts';
import type { TrainingDependencies } from '../dependencies.ts';
import { runningOnDevice } from '../offers.ts';
import { placeOf } from '../site-place.ts';
import { cloudOrigin, type LoadedJob, loadJob, loadSite, offerOf, requestOf } from '../streams.ts';
import { jobEffect } from './effect-data.ts';
import { failJob } from './fail-job.ts';
import { progressBoard } from './progress-board.ts';
import { shareFits } from './share-fits.ts';
import { type StageSpans, stageSpans } from './stage-spans.ts';

/** Another try after a crash of the training process; more would only burn hours. */
const MAX_ATTEMPTS = 3;

/**
 * The model that runs on the site's device. One whose file is lost or damaged cannot be compared with: the job goes
 * on without, and the gate then keeps its model back unless it is forced.
 */
async function championOf(
  cloud: TrainingDependencies,
  systemId: string,
  logger: Logger,
): Promise<Champion | null> {
  const running = await runningOnDevice(cloud, systemId);
  if (running === null) return null;
  const { deploymentId, version, artifact, trainedUntil } = offerOf(running);
  try {
    return { version, deploymentId, artifact: await cloud.artifacts.get(artifact.checksum), trainedUntil };
  } catch (err) {
    if (!(err instanceof ArtifactMissing || err instanceof ArtifactCorrupt)) throw err;
    logger.error({ err, systemId, version }, 'the model in service cannot be compared with');
    return null;
  }
}

async function trainingRequest(
  cloud: TrainingDependencies,
  job: LoadedJob,
  logger: Logger,
): Promise<TrainingRequest> {
  const { log, actors, artifacts, layoutVersion } = cloud;
  const { systemId, modelType, members, seed } = requestOf(job);
  const { dataSet } = job.stage.context;
  const { settings } = (await loadSite(actors, systemId)).stage.context;
  if (dataSet === null || settings === null) throw new Error(`job of ${systemId} has no data set or no site`);
  const last = await log.lookup('latest-model-version', systemId);
  const lastLayout = await log.lookup('latest-model-layout', systemId);
  return {
    systemId,
    version: nextVersion(last, lastLayout !== null && lastLayout !== String(layoutVersion)),
    modelType,
    members,
    seed,
    ...placeOf(settings),
    eventFlags: settings.eventFlags ?? [],
    dataSet: await artifacts.get(dataSet.checksum),
    warmupHours: dataSet.warmupHours,
    champion: await championOf(cloud, systemId, logger),
  };
}

const DIGITS = 5;

/** JSON has no NaN; and five digits say all that an error says. */
const rounded = (value: number): number | null =>
  Number.isFinite(value) ? Number(value.toPrecision(DIGITS)) : null;

const errorPoint = ({ at, mape, meanAbsoluteError, hours }: ErrorProfilePoint): ErrorPoint => ({
  ...{ at, hours },
  mape: rounded(mape),
  meanAbsoluteError: rounded(meanAbsoluteError),
});

/** Trains every model of the job in child processes, and stores the artifact before the fact names it. */
export function trainModels(cloud: TrainingDependencies): EffectHandler {
  const { actors, artifacts, clocks, trainer, tracing, sharing, layoutVersion } = cloud;
  const share = sharing === undefined ? null : shareFits(cloud, sharing);

  /** Models of this job that were fitted by whichever nodes had room; none where the training is to fit them. */
  async function fittedApart(
    effect: LeasedEffect,
    { zone, ibgeCode, imported = [], eventFlags = [] }: TrainingRequest,
    run: EffectRun,
    report: (step: TrainingProgress) => void,
  ): Promise<readonly FittedModel[]> {
    const { jobId } = jobEffect(effect);
    const inputs = { jobId, layoutVersion, place: { zone, ibgeCode, imported }, eventFlags };
    return share === null ? [] : share(effect, inputs, run, report);
  }

  async function stored(files: TrainingResult['modelArtifacts']): Promise<ModelArtifact[]> {
    const all: ModelArtifact[] = [];
    for (const { artifact, ...file } of files) all.push({ ...file, artifact: await artifacts.put(artifact) });
    return all;
  }

  async function evaluated(
    job: LoadedJob,
    version: string,
    result: TrainingResult,
    causation: string,
  ): Promise<EffectAnswer> {
    const { artifact: bytes, modelArtifacts: files, members, timings, errorProfile, ...rest } = result;
    const { modelType, jobId } = requestOf(job);
    const { mape, rmse } = rest.metrics;
    const artifact = await artifacts.put(bytes);
    const modelArtifacts = await stored(files);
    const evaluation = {
      ...rest,
      version,
      modelType,
      artifact,
      modelArtifacts,
      members: [...members],
      errorProfile: {
        byLead: errorProfile.byLead.map(errorPoint),
        byLocalHour: errorProfile.byLocalHour.map(errorPoint),
      },
      timings: [...timings],
      accuracy: { mape, rmse },
    };
    const command: TrainingJobCommand = { type: 'record-evaluation', evaluation };
    const append = actors.prepare(trainingJob, job, command, cloudOrigin(requestOf(job), jobId, causation));
    return { kind: 'commit', appends: append === null ? [] : [append] };
  }

  /** As the trainer does it, with its stages in the trace. */
  async function trained(
    request: TrainingRequest,
    stages: StageSpans,
    report: (step: TrainingProgress) => void,
    { signal, logger }: EffectRun,
  ): Promise<TrainingResult> {
    let timings: TrainingResult['timings'] = [];
    try {
      const result = await trainer.train(request, report, signal, logger);
      ({ timings } = result);
      const { systemId, version } = request;
      logger.info({ systemId, version, cpuSeconds: result.cpuSeconds, timings }, 'models trained');
      return result;
    } finally {
      stages.record(timings);
    }
  }

  return {
    maxAttempts: MAX_ATTEMPTS,
    async handle(effect: LeasedEffect, run: EffectRun): Promise<EffectAnswer> {
      const job = await loadJob(actors, jobEffect(effect).jobId);
      if (job.stage.state !== 'training') return { kind: 'done' };
      const request = await trainingRequest(cloud, job, run.logger);
      const stages = stageSpans(tracing, clocks.machine);
      const publish = progressBoard(run.progress);
      const report = (step: TrainingProgress): void => {
        stages.note(step);
        publish(step);
      };
      const fitted = await fittedApart(effect, request, run, report);
      try {
        const result = await trained({ ...request, fitted }, stages, report, run);
        return await evaluated(job, request.version, result, effect.key);
      } catch (error) {
        if (error instanceof TrainingRefused) return failJob(cloud, effect, error.code, error.message);
        throw error;
      }
    },
    giveUp: (effect, error) => failJob(cloud, effect, 'training-crashed', error.message),
  };
}
