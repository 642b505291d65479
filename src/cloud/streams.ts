import type { Loaded, Origin, StreamActors } from '../actors/stream-actor.ts';
import { streamId } from '../events/stream-id.ts';
import { type DeploymentContext, type DeploymentState, deployment } from '../machines/deployment.ts';
import { type DeviceContext, type DeviceState, device } from '../machines/device.ts';
import { type EvaluationContext, type EvaluationState, evaluation } from '../machines/evaluation.ts';
import { rollout } from '../machines/rollout.ts';
import type { RolloutState } from '../machines/rollout-commands.ts';
import type { RolloutContext } from '../machines/rollout-model.ts';
import { type SiteContext, type SiteState, site } from '../machines/site.ts';
import { type TrainingJobContext, type TrainingJobState, trainingJob } from '../machines/training-job.ts';
import { CLOUD_ACTOR } from './dependencies.ts';

/** Reading the cloud's streams by the ids that people know. */

export type LoadedSite = Loaded<SiteState, SiteContext>;
export type LoadedJob = Loaded<TrainingJobState, TrainingJobContext>;
export type LoadedDeployment = Loaded<DeploymentState, DeploymentContext>;
export type LoadedEvaluation = Loaded<EvaluationState, EvaluationContext>;
export type LoadedRollout = Loaded<RolloutState, RolloutContext>;
type LoadedDevice = Loaded<DeviceState, DeviceContext>;

export const loadSite = (actors: StreamActors, systemId: string): Promise<LoadedSite> =>
  actors.load(site, streamId('site', systemId));
export const loadJob = (actors: StreamActors, jobId: string): Promise<LoadedJob> =>
  actors.load(trainingJob, streamId('training-job', jobId));
export const loadDeployment = (actors: StreamActors, deploymentId: string): Promise<LoadedDeployment> =>
  actors.load(deployment, streamId('deployment', deploymentId));
export const loadEvaluation = (actors: StreamActors, evaluationId: string): Promise<LoadedEvaluation> =>
  actors.load(evaluation, streamId('evaluation', evaluationId));
export const loadRollout = (actors: StreamActors, rolloutId: string): Promise<LoadedRollout> =>
  actors.load(rollout, streamId('rollout', rolloutId));
export const loadDevice = (actors: StreamActors, deviceId: string): Promise<LoadedDevice> =>
  actors.load(device, streamId('device', deviceId));

/** The job's first fact; throws for a stream that has none. */
export function requestOf({ stage, streamId: id }: LoadedJob) {
  const { request } = stage.context;
  if (request === null) throw new Error(`stream ${id} is empty`);
  return request;
}

/** The deployment's first fact; throws for a stream that has none. */
export function offerOf({ stage, streamId: id }: LoadedDeployment) {
  const { offer } = stage.context;
  if (offer === null) throw new Error(`stream ${id} is empty`);
  return offer;
}

/** The cloud itself acts, in answer to the effect `causationId`. */
export const cloudOrigin = (
  subject: { readonly tenant: string; readonly systemId: string },
  correlationId: string,
  causationId: string,
): Origin => ({
  actor: CLOUD_ACTOR,
  tenant: subject.tenant,
  systemId: subject.systemId,
  correlationId,
  causationId,
});
