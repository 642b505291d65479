import type { EffectAnswer, EffectHandler } from '../../actors/effect-handler.ts';
import type { DeploymentFact } from '../../events/deployment.ts';
import type { Fact } from '../../events/envelope.ts';
import { deployment } from '../../machines/deployment.ts';
import { type DeploymentOutcome, trainingJob } from '../../machines/training-job.ts';
import { guardFleet } from '../blast-radius.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { publishDesiredState } from '../desired-state.ts';
import { cloudOrigin, type LoadedDeployment, loadDeployment, loadJob, offerOf } from '../streams.ts';
import { deploymentEffect } from './effect-data.ts';
import { equipment } from './equip-device.ts';
import { whenConnected } from './when-connected.ts';

/** Between two reminders to a device that has not answered. */
const REMINDER_MS = 60_000;

/** Whether the offer went to a device that was replaced while the offer was made. */
async function isMisaddressed({ log }: CloudDependencies, { stage }: LoadedDeployment): Promise<boolean> {
  const { offer } = stage.context;
  if (offer === null || stage.state !== 'offered') return false;
  const deviceId = await log.lookup('active-device', offer.systemId);
  return deviceId !== null && deviceId !== offer.deviceId;
}

/** Publishes the retained desired state; also after a deployment ended, when what runs is desired again. */
export function publishDesired(cloud: CloudDependencies): EffectHandler {
  return {
    async handle(effect, { logger }): Promise<EffectAnswer> {
      const loaded = await loadDeployment(cloud.actors, deploymentEffect(effect).deploymentId);
      const { systemId } = offerOf(loaded);
      if (await isMisaddressed(cloud, loaded))
        return { kind: 'commit', appends: await equipment(cloud, systemId, effect.key) };
      return whenConnected(cloud, () => publishDesiredState({ ...cloud, logger }, systemId));
    },
  };
}

/** After a deployment ended badly: the fleet may have to stop, and what runs is desired again. */
export function restoreDesired(cloud: CloudDependencies): EffectHandler {
  const publish = publishDesired(cloud);
  return {
    async handle(effect, run): Promise<EffectAnswer> {
      const { stage, facts } = await loadDeployment(cloud.actors, deploymentEffect(effect).deploymentId);
      const last = facts.at(-1);
      const { offer } = stage.context;
      if (
        offer !== null &&
        last !== undefined &&
        (stage.state === 'rejected' || stage.state === 'rolledback')
      ) {
        const { deploymentId, tenant } = offer;
        const reason = reasonOf(last.fact);
        const outcome = { deploymentId, status: stage.state, reason, updatedAt: last.metadata.at };
        if (await guardFleet(cloud, tenant, outcome))
          run.logger.error({ tenant, deploymentId }, 'models of this tenant do not go out by themselves');
      }
      return publish.handle(effect, run);
    },
  };
}

/** What the device gave as reason, null for none. */
function reasonOf({ data }: Fact): string | null {
  const { answer } = data as Partial<Extract<DeploymentFact, { type: 'DeploymentRejected' }>['data']>;
  return answer?.reason ?? null;
}

/** Publishes the offer again and again until the device answers or the offer ends. */
export function remindDevice(cloud: CloudDependencies): EffectHandler {
  return {
    async handle(effect, { logger }): Promise<EffectAnswer> {
      const loaded = await loadDeployment(cloud.actors, deploymentEffect(effect).deploymentId);
      if (loaded.stage.state !== 'offered') return { kind: 'done' };
      const { systemId, version } = offerOf(loaded);
      const published = await whenConnected(cloud, () => publishDesiredState({ ...cloud, logger }, systemId));
      if (published.kind !== 'done') return published;
      logger.info({ systemId, version }, 'no answer yet: desired state published again');
      return { kind: 'again', afterMs: REMINDER_MS };
    },
  };
}

export function expireDeployment({ actors }: CloudDependencies): EffectHandler {
  return {
    async handle(effect): Promise<EffectAnswer> {
      const loaded = await loadDeployment(actors, deploymentEffect(effect).deploymentId);
      if (loaded.stage.state !== 'offered') return { kind: 'done' };
      const offer = offerOf(loaded);
      const append = actors.prepare(
        deployment,
        loaded,
        { type: 'expire' },
        cloudOrigin(offer, offer.jobId ?? offer.deploymentId, effect.key),
      );
      return { kind: 'commit', appends: append === null ? [] : [append] };
    },
  };
}

/** What the job mirrors of a fact; null for one that ends nothing. */
function outcomeOfFact(fact: DeploymentFact): DeploymentOutcome | null {
  switch (fact.type) {
    case 'DeploymentActivated':
      return { outcome: 'acked' };
    case 'DeploymentRejected':
    case 'DeploymentRolledBack':
      return { outcome: 'rolledback', reason: fact.data.answer.reason ?? 'the device gave no reason' };
    case 'DeploymentExpired':
      return { outcome: 'expired' };
    case 'DeploymentSuperseded':
      return { outcome: 'superseded' };
    case 'DeploymentOffered':
    case 'LateAnswerRecorded':
      return null;
  }
}

/** The deployment's first outcome, whatever has followed since; null while the device has not answered. */
const firstOutcomeOf = ({ facts }: LoadedDeployment): DeploymentOutcome | null =>
  facts
    // The stream of a deployment holds no other facts.
    .map(({ fact }) => outcomeOfFact(fact as DeploymentFact))
    .find((outcome) => outcome !== null) ?? null;

/** Tells the job how its deployment ended. Only the first outcome counts; the job's machine refuses others. */
export function reportOutcome({ actors }: CloudDependencies): EffectHandler {
  return {
    async handle(effect): Promise<EffectAnswer> {
      const loaded = await loadDeployment(actors, deploymentEffect(effect).deploymentId);
      const offer = offerOf(loaded);
      const outcome = firstOutcomeOf(loaded);
      if (offer.jobId === null || outcome === null) return { kind: 'done' };
      const { deploymentId } = offer;
      const append = actors.prepare(
        trainingJob,
        await loadJob(actors, offer.jobId),
        { type: 'mirror', deploymentId, outcome },
        cloudOrigin(offer, offer.jobId, effect.key),
      );
      return { kind: 'commit', appends: append === null ? [] : [append] };
    },
  };
}
