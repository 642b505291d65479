import type { EffectAnswer, EffectHandler } from '../../actors/effect-handler.ts';
import { streamId } from '../../events/stream-id.ts';
import { device } from '../../machines/device.ts';
import { trainingJob, UNFINISHED_JOB_STATES } from '../../machines/training-job.ts';
import type { StreamAppend } from '../../ports/event-log.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { publishSiteConfig } from '../site-config.ts';
import { cloudOrigin, loadDevice, loadJob, loadSite, requestOf } from '../streams.ts';
import { deviceEffect, jobEffect, siteEffect } from './effect-data.ts';

export function publishConfig(cloud: CloudDependencies): EffectHandler {
  return {
    async handle(effect): Promise<EffectAnswer> {
      await publishSiteConfig(cloud, siteEffect(effect).systemId);
      return { kind: 'done' };
    },
  };
}

/** A decommissioned site leaves nothing retained at the broker, no trusted device and no unfinished job. */
export function withdrawSite({ actors, link, log }: CloudDependencies): EffectHandler {
  return {
    async handle(effect): Promise<EffectAnswer> {
      const { systemId } = siteEffect(effect);
      await link.publishDesired(systemId, null);
      await link.publishConfig(systemId, null);
      const { deviceId, tenant } = (await loadSite(actors, systemId)).stage.context;
      const origin = cloudOrigin({ tenant, systemId }, effect.key, effect.key);
      const reason = 'the site was decommissioned';
      const appends: (StreamAppend | null)[] = [];
      const trusted = deviceId === null ? null : await loadDevice(actors, deviceId);
      if (trusted?.stage.state === 'trusted')
        appends.push(actors.prepare(device, trusted, { type: 'revoke', reason }, origin));
      const jobId = await log.lookup('unfinished-job', systemId);
      const job = jobId === null ? null : await loadJob(actors, jobId);
      if (job !== null && UNFINISHED_JOB_STATES.includes(job.stage.state)) {
        appends.push(actors.prepare(trainingJob, job, { type: 'cancel', reason }, origin));
      }
      return { kind: 'commit', appends: appends.filter((append) => append !== null) };
    },
  };
}

export function revokeCredential({ credentials, disconnectDevice }: CloudDependencies): EffectHandler {
  return {
    async handle(effect): Promise<EffectAnswer> {
      const { deviceId } = deviceEffect(effect);
      await credentials.revoke(deviceId);
      disconnectDevice(deviceId);
      return { kind: 'done' };
    },
  };
}

/** Interrupts whatever still works for a cancelled job. */
export function stopWork({ actors, queue }: CloudDependencies): EffectHandler {
  return {
    async handle(effect): Promise<EffectAnswer> {
      const { jobId } = requestOf(await loadJob(actors, jobEffect(effect).jobId));
      const stream = streamId('training-job', jobId);
      await Promise.all(
        ['collect-data', 'train-models', 'judge-model'].map((type) => queue.cancel(stream, type)),
      );
      return { kind: 'done' };
    },
  };
}
