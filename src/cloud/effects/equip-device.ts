import type { EffectAnswer, EffectHandler } from '../../actors/effect-handler.ts';
import type { StreamAppend } from '../../ports/event-log.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { prepareOffer } from '../offers.ts';
import { cloudOrigin, loadDeployment, loadSite, offerOf } from '../streams.ts';
import { siteEffect } from './effect-data.ts';

type EquipDependencies = Pick<CloudDependencies, 'actors' | 'log' | 'clocks' | 'offerLifetimeMs' | 'newId'>;

/**
 * The offer that gives the site's present device the model that its predecessor ran, or was about to run; nothing
 * when the device has it, or an offer of its own.
 */
export async function equipment(
  cloud: EquipDependencies,
  systemId: string,
  causation: string,
): Promise<readonly StreamAppend[]> {
  const { actors, log, newId } = cloud;
  const { stage } = await loadSite(actors, systemId);
  const { deviceId, tenant } = stage.context;
  if (deviceId === null || stage.state !== 'registered') return [];
  const known = [
    await log.lookup('running-deployment', systemId),
    await log.lookup('offered-deployment', systemId),
  ];
  const offers = await Promise.all(
    known.filter((id) => id !== null).map(async (id) => offerOf(await loadDeployment(actors, id))),
  );
  const [source] = offers;
  if (source === undefined || offers.some((offer) => offer.deviceId === deviceId)) return [];
  const { version, modelType, artifact, accuracy, trainedUntil, jobId } = source;
  const about = { deploymentId: newId(), systemId, tenant, deviceId, jobId: null };
  const model = { ...about, version, modelType, artifact, accuracy, trainedUntil };
  return prepareOffer(cloud, model, cloudOrigin({ tenant, systemId }, jobId ?? causation, causation));
}

export function equipDevice(cloud: EquipDependencies): EffectHandler {
  return {
    async handle(effect): Promise<EffectAnswer> {
      const { systemId } = siteEffect(effect);
      return { kind: 'commit', appends: await equipment(cloud, systemId, effect.key) };
    },
  };
}
