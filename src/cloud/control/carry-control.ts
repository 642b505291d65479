import { setTimeout as pause } from 'node:timers/promises';
import { targetName } from '../../ota/tuf/target-name.ts';
import type { Caller, CarriedOffer, ControlPlane, RestoreRequest } from '../control-plane.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { assignmentOf, TargetNotSigned } from '../desired-state.ts';
import { loadDeployment, loadSite, offerOf } from '../streams.ts';
import { createRestoreControl } from './restore-control.ts';
import { ownSite } from './site-control.ts';

type CarryDependencies = Pick<
  CloudDependencies,
  'actors' | 'log' | 'clocks' | 'artifacts' | 'newId' | 'offerLifetimeMs' | 'signer' | 'modelsUrl' | 'trust'
>;
type Offer = ReturnType<typeof offerOf>;

/** The signer looks for work four times a second. */
const LOOK_EVERY_MS = 250;
const MOST_LOOKS = 40;

export function createCarryControl(cloud: CarryDependencies): Pick<ControlPlane, 'carryModel'> {
  const { actors, log, clocks, trust } = cloud;
  const { restoreModel } = createRestoreControl(cloud);

  /** What is on offer to the site's device, if it is what the request asks for and goes on for a while. */
  async function standing(caller: Caller, request: RestoreRequest): Promise<Offer | null> {
    const { systemId, version, modelType } = request;
    ownSite(caller, systemId, await loadSite(actors, systemId));
    const offered = await log.lookup('offered-deployment', systemId);
    if (offered === null) return null;
    const loaded = await loadDeployment(actors, offered);
    const offer = offerOf(loaded);
    const isSame = offer.version === version && (modelType ?? offer.modelType) === offer.modelType;
    const isOurs = offer.deviceId === (await log.lookup('active-device', systemId));
    const lasts = Date.parse(offer.expires) - clocks.site.now().getTime() > cloud.offerLifetimeMs / 2;
    return isSame && isOurs && lasts && loaded.stage.state === 'offered' ? offer : null;
  }

  async function haveSigned(offer: Offer): Promise<void> {
    const target = { ...offer, name: targetName(offer) };
    for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
      if (await trust.ensure(target)) return;
      await pause(LOOK_EVERY_MS);
    }
    throw new TargetNotSigned(offer.systemId, offer.version);
  }

  async function offered(caller: Caller, request: RestoreRequest) {
    const present = await standing(caller, request);
    if (present !== null) return { offer: present, created: false };
    const { deploymentId, created } = await restoreModel(caller, request);
    return { offer: offerOf(await loadDeployment(actors, deploymentId)), created };
  }

  return {
    async carryModel(caller, request): Promise<CarriedOffer> {
      const { offer, created } = await offered(caller, request);
      await haveSigned(offer);
      const { deploymentId, artifact, expires } = offer;
      const assignment = await assignmentOf(cloud, offer);
      return { deploymentId, created, assignment, target: targetName(offer), artifact, expires };
    },
  };
}
