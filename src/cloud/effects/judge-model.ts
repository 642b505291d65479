import type { EffectAnswer, EffectHandler } from '../../actors/effect-handler.ts';
import type { Origin } from '../../actors/stream-actor.ts';
import type { Decision } from '../../events/training-job.ts';
import { judge } from '../../forecasting/gate.ts';
import { type TrainingJobCommand, trainingJob } from '../../machines/training-job.ts';
import { guardFleet } from '../blast-radius.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { deploymentIdOf, prepareOffer, runningOnDevice } from '../offers.ts';
import { targetOf } from '../site-target.ts';
import { cloudOrigin, type LoadedJob, type LoadedSite, loadJob, loadSite, requestOf } from '../streams.ts';
import { jobEffect } from './effect-data.ts';
import { failJob } from './fail-job.ts';

type Kept = Extract<TrainingJobCommand, { type: 'keep' }>['kept'];

function evaluationOf({ stage, streamId }: LoadedJob) {
  const { evaluation } = stage.context;
  if (evaluation === null) throw new Error(`stream ${streamId} has no evaluation`);
  return evaluation;
}

const comparedWith = (job: LoadedJob): string | null =>
  evaluationOf(job).comparison?.championDeploymentId ?? null;

/** Until a job that is held looks again whether the fleet was resumed. */
const HELD_MS = 15_000;

/** A model that a rollout is to send is kept, however good it is. */
const wishOf = ({ hold }: ReturnType<typeof requestOf>): Kept['reason'] | null =>
  hold === true ? 'held-for-rollout' : null;

/** Automatic deployments wait while the fleet is stopped; what a person asked for goes out. */
const isHeld = async (
  cloud: CloudDependencies,
  { tenant, trigger }: ReturnType<typeof requestOf>,
): Promise<boolean> => trigger !== 'manual' && guardFleet(cloud, tenant, null);

/**
 * The gate. A verdict to deploy writes the job's fact, the new deployment's offer and the end of an offer that
 * it replaces in one transaction.
 */
export function judgeModel(cloud: CloudDependencies): EffectHandler {
  const { actors, log, clocks, newId } = cloud;

  const tellTimings = (job: LoadedJob): void => cloud.observeTraining?.(evaluationOf(job).timings ?? []);

  /** Reasons to keep the model that the numbers cannot know. */
  async function obstacle(job: LoadedJob, site: LoadedSite): Promise<Kept['reason'] | null> {
    const { systemId } = requestOf(job);
    if (site.stage.state !== 'registered') return 'site-gone';
    const champion = deploymentIdOf(await runningOnDevice(cloud, systemId));
    // A forced redeploy skips the comparison, and with it the question whom it was made with.
    if (!requestOf(job).forceRedeploy && champion !== comparedWith(job)) return 'champion-changed';
    if ((await log.lookup('active-device', systemId)) === null) return 'no-device';
    return null;
  }

  async function deploy(job: LoadedJob, decision: Decision, origin: Origin): Promise<EffectAnswer> {
    const { systemId, tenant, jobId, forceRedeploy } = requestOf(job);
    const { version, modelType, artifact, accuracy, trainedUntil } = evaluationOf(job);
    const deviceId = await log.lookup('active-device', systemId);
    if (deviceId === null) throw new Error(`site ${systemId} lost its device while its model was judged`);
    const deploymentId = newId();
    const about = { deploymentId, systemId, tenant, deviceId, jobId };
    const offer = await prepareOffer(
      cloud,
      { ...about, version, modelType, artifact, accuracy, trainedUntil },
      origin,
      forceRedeploy ? undefined : comparedWith(job),
    );
    const command = { type: 'deploy', deployment: { version, deploymentId, decision } } as const;
    const deployed = actors.prepare(trainingJob, job, command, origin);
    tellTimings(job);
    return { kind: 'commit', appends: deployed === null ? offer : [...offer, deployed] };
  }

  const deployOrHold = async (job: LoadedJob, decision: Decision, origin: Origin): Promise<EffectAnswer> =>
    (await isHeld(cloud, requestOf(job)))
      ? { kind: 'again', afterMs: HELD_MS }
      : deploy(job, decision, origin);

  return {
    async handle(effect): Promise<EffectAnswer> {
      const job = await loadJob(actors, jobEffect(effect).jobId);
      if (job.stage.state !== 'evaluated') return { kind: 'done' };
      const request = requestOf(job);
      const site = await loadSite(actors, request.systemId);
      const { version, gateMetric, metrics, seasonalNaive, comparison } = evaluationOf(job);
      const target = targetOf(site, clocks.site.now());
      const { forceRedeploy } = request;
      const verdict = judge({
        metric: gateMetric,
        target,
        challenger: metrics,
        seasonalNaive,
        comparison,
        forceRedeploy,
      });
      const reason = verdict.reason ?? (await obstacle(job, site)) ?? wishOf(request);
      const origin = cloudOrigin(request, request.jobId, effect.key);
      if (reason === null) return deployOrHold(job, verdict.decision, origin);
      const kept = { version, reason, decision: verdict.decision };
      const append = actors.prepare(trainingJob, job, { type: 'keep', kept }, origin);
      tellTimings(job);
      return { kind: 'commit', appends: append === null ? [] : [append] };
    },
    giveUp: (effect, error) => failJob(cloud, effect, 'judgement-failed', error.message),
  };
}
