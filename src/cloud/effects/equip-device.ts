import type { EffectAnswer, EffectHandler } from '../../actors/effect-handler.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { prepareOffer } from '../offers.ts';
import { cloudOrigin, loadDeployment, loadSite, offerOf } from '../streams.ts';
import { siteEffect } from './effect-data.ts';

/** A device that takes over a site gets the model that its predecessor ran, or was about to run. */
export function equipDevice(cloud: CloudDependencies): EffectHandler {
  const { actors, log, newId } = cloud;
  return {
    async handle(effect): Promise<EffectAnswer> {
      const { systemId } = siteEffect(effect);
      const { deviceId, tenant } = (await loadSite(actors, systemId)).stage.context;
      const running = await log.lookup('running-deployment', systemId);
      const source = running ?? (await log.lookup('offered-deployment', systemId));
      if (source === null || deviceId === null) return { kind: 'done' };
      const { version, modelType, artifact, accuracy, trainedUntil, jobId, ...before } = offerOf(
        await loadDeployment(actors, source),
      );
      if (before.deviceId === deviceId) return { kind: 'done' };
      const about = { deploymentId: newId(), systemId, tenant, deviceId, jobId: null };
      const model = { ...about, version, modelType, artifact, accuracy, trainedUntil };
      const origin = cloudOrigin({ tenant, systemId }, jobId ?? effect.key, effect.key);
      return { kind: 'commit', appends: await prepareOffer(cloud, model, origin) };
    },
  };
}
