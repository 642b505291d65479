import type { Offer, RolloutSite } from '../../machines/rollout-model.ts';
import type { StreamAppend } from '../../ports/event-log.ts';
import { createVersionOffers } from '../control/version-offers.ts';
import { CLOUD_ACTOR } from '../dependencies.ts';
import { type OfferedModel, prepareOffer, runningOnDevice } from '../offers.ts';
import { Invalid, NotFound, RestoreRefused } from '../refusals.ts';
import { loadDeployment, offerOf } from '../streams.ts';
import { mayBeOffered, offersLeft, soakUntil } from './policy.ts';
import { type RolloutLook, SITES_A_LOOK, type Step, type Work } from './step.ts';

/** Offers a stage's sites their version, by the same way as a restore, each in the transaction that records it. */

const MAX_REASON = 500;

/** A site that is offered its version, one that stays as it is, or one that has to wait. */
type Prepared =
  | { readonly kind: 'offer'; readonly offer: Offer; readonly appends: readonly StreamAppend[] }
  | { readonly kind: 'skip'; readonly systemId: string; readonly reason: string }
  | { readonly kind: 'busy' };

/** What the site's device runs, as a rollout may have to bring it back. */
async function servingOn({ cloud }: RolloutLook, systemId: string): Promise<Offer['previous']> {
  const running = await runningOnDevice(cloud, systemId);
  if (running === null) return null;
  const { deploymentId, version, modelType } = offerOf(running);
  return { deploymentId, version, modelType };
}

/** Why a version cannot be offered as things stand; other errors pass on. */
export function refusalOf(error: unknown): string {
  if (error instanceof RestoreRefused || error instanceof NotFound || error instanceof Invalid)
    return error.message.slice(0, MAX_REASON);
  throw error;
}

/** The model, once its file is there, whole and kept. Throws what a restore of it would throw. */
export async function versionToOffer(
  { cloud, tenant, rolloutId }: RolloutLook,
  wish: Pick<RolloutSite, 'systemId' | 'version' | 'modelType'>,
): Promise<OfferedModel> {
  const { wanted, secureFile } = createVersionOffers(cloud);
  const { systemId, version, modelType } = wish;
  const model = await wanted({ actor: CLOUD_ACTOR, tenant }, { systemId, version, modelType });
  await secureFile(model);
  return { ...model, rolloutId };
}

/** Whether a person has the say on this site just now. */
async function isRestored({ cloud }: RolloutLook, outstanding: string): Promise<boolean> {
  return offerOf(await loadDeployment(cloud.actors, outstanding)).restore !== undefined;
}

const skip = (systemId: string, reason: string): Prepared => ({ kind: 'skip', systemId, reason });

async function prepare(look: RolloutLook, site: RolloutSite): Promise<Prepared> {
  const { cloud } = look;
  const { systemId } = site;
  const outstanding = await cloud.log.lookup('offered-deployment', systemId);
  if (outstanding !== null)
    return (await isRestored(look, outstanding))
      ? skip(systemId, 'a person restores a version there')
      : { kind: 'busy' };
  const previous = await servingOn(look, systemId);
  if ((previous?.version ?? null) !== site.running)
    return skip(systemId, 'the device runs another version than when the rollout was planned');
  const model = await versionToOffer(look, site);
  await createVersionOffers(cloud).assertNotRunning(model);
  const appends = await prepareOffer(cloud, model, look.origin(systemId));
  // Anything beside the deployment's own stream would end an offer that came in between.
  if (appends.length !== 1) return { kind: 'busy' };
  return { kind: 'offer', offer: { systemId, deploymentId: model.deploymentId, previous }, appends };
}

const prepared = (look: RolloutLook, site: RolloutSite): Promise<Prepared> =>
  prepare(look, site).catch((error: unknown) => skip(site.systemId, refusalOf(error)));

/** Prepares sites in their order until there are `count` offers, or one that is left as it is. */
async function gather(
  look: RolloutLook,
  sites: readonly RolloutSite[],
  count: number,
): Promise<readonly Prepared[]> {
  const found: Prepared[] = [];
  for (const site of sites) {
    const next = await prepared(look, site);
    if (next.kind !== 'busy') found.push(next);
    if (found.length >= Math.min(count, SITES_A_LOOK)) break;
  }
  return found;
}

/** Sites looked at for some that can be offered their version now. */
const MOST_SITES = 50;

export const offerVersions: Work = async (look): Promise<Step | null> => {
  const { context, now } = look;
  const { sites, count } = mayBeOffered(context, now);
  const found = count === 0 ? [] : await gather(look, sites.slice(0, MOST_SITES), count);
  const skipped = found.flatMap((each) => (each.kind === 'skip' ? [each] : []));
  if (skipped.length > 0) {
    return {
      command: { type: 'skip', sites: skipped.map(({ systemId, reason }) => ({ systemId, reason })) },
    };
  }
  const offered = found.flatMap((each) => (each.kind === 'offer' ? [each] : []));
  if (offered.length === 0) return null;
  const { stage } = context;
  const offers = offered.map(({ offer }) => offer);
  return {
    command: { type: 'offer', offered: { stage, at: now.toISOString(), offers } },
    along: offered.flatMap(({ appends }) => appends),
  };
};

/** Ends a stage whose offers were all answered, after its models have served for as long as they must. */
export const endStage: Work = async ({ context }) => {
  if (context.sites.some(({ status }) => status === 'offered')) return { wait: 'soon' };
  if (offersLeft(context) > 0) return { wait: 'later' };
  const until = soakUntil(context);
  return { command: until === null ? { type: 'pass-stage' } : { type: 'soak', until } };
};
