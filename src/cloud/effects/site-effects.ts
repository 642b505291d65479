import type { EffectAnswer, EffectHandler } from '../../actors/effect-handler.ts';
import type { Origin } from '../../actors/stream-actor.ts';
import { streamId } from '../../events/stream-id.ts';
import { alert } from '../../machines/alert.ts';
import { device } from '../../machines/device.ts';
import { trainingJob, UNFINISHED_JOB_STATES } from '../../machines/training-job.ts';
import { openAlerts } from '../alerts/open-alerts.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { publishSiteConfig } from '../site-config.ts';
import { cloudOrigin, loadDevice, loadJob, loadSite, requestOf } from '../streams.ts';
import { deviceEffect, jobEffect, siteEffect } from './effect-data.ts';
import { whenConnected } from './when-connected.ts';

export function publishConfig(cloud: CloudDependencies): EffectHandler {
  return {
    async handle(effect): Promise<EffectAnswer> {
      return whenConnected(cloud, () => publishSiteConfig(cloud, siteEffect(effect).systemId));
    },
  };
}

async function revocation(
  { actors }: CloudDependencies,
  deviceId: string | null,
  reason: string,
  origin: Origin,
) {
  if (deviceId === null) return null;
  const loaded = await loadDevice(actors, deviceId);
  return loaded.stage.state === 'trusted'
    ? actors.prepare(device, loaded, { type: 'revoke', reason }, origin)
    : null;
}

async function cancellation(
  { actors, log }: CloudDependencies,
  systemId: string,
  reason: string,
  origin: Origin,
) {
  const jobId = await log.lookup('unfinished-job', systemId);
  if (jobId === null) return null;
  const loaded = await loadJob(actors, jobId);
  const unfinished = UNFINISHED_JOB_STATES.includes(loaded.stage.state);
  return unfinished ? actors.prepare(trainingJob, loaded, { type: 'cancel', reason }, origin) : null;
}

/** Alerts end with their site. */
async function endedAlerts(cloud: CloudDependencies, systemId: string, origin: Origin) {
  const open = await openAlerts(cloud, systemId);
  return open.map((loaded) =>
    cloud.actors.prepare(alert, loaded, { type: 'resolve', reason: 'site-gone', day: null }, origin),
  );
}

/** A decommissioned site leaves nothing retained at the broker, no trusted device and no unfinished job. */
export function withdrawSite(cloud: CloudDependencies): EffectHandler {
  return {
    async handle(effect): Promise<EffectAnswer> {
      const { systemId } = siteEffect(effect);
      const { deviceId, tenant } = (await loadSite(cloud.actors, systemId)).stage.context;
      const origin = cloudOrigin({ tenant, systemId }, effect.key, effect.key);
      const reason = 'the site was decommissioned';
      const appends = [
        await revocation(cloud, deviceId, reason, origin),
        await cancellation(cloud, systemId, reason, origin),
        ...(await endedAlerts(cloud, systemId, origin)),
      ];
      const due = appends.filter((append) => append !== null);
      // Trust ends at once, whether the broker is there or not.
      if (due.length > 0) await cloud.log.commit({ appends: due });
      return whenConnected(cloud, async () => {
        await cloud.link.publishDesired(systemId, null);
        await cloud.link.publishConfig(systemId, null);
        await cloud.link.publishCopied(systemId, null);
      });
    },
  };
}

/** Trust ends at once; the connection with it, or as soon as the broker is there. */
export function revokeCredential(cloud: CloudDependencies): EffectHandler {
  return {
    async handle(effect): Promise<EffectAnswer> {
      const { deviceId } = deviceEffect(effect);
      await cloud.credentials.revoke(deviceId);
      return whenConnected(cloud, () => cloud.disconnectDevice(deviceId));
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
        ['collect-data', 'train-models', 'fit-model', 'judge-model'].map((type) =>
          queue.cancel(stream, type),
        ),
      );
      return { kind: 'done' };
    },
  };
}
