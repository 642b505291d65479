import type { DataOf, RolloutSite } from '../../machines/rollout-model.ts';
import type { StreamAppend } from '../../ports/event-log.ts';
import { deploymentIdOf, prepareOffer, runningOnDevice } from '../offers.ts';
import { refusalOf, versionToOffer } from './offers.ts';
import { type RolloutLook, SITES_A_LOOK, type Work } from './step.ts';

/** After an abort: every site that runs the rollout's model, or is about to, is offered what it ran before. */

type Revert = DataOf<'RevertsMade'>['reverts'][number];

interface Reverted {
  readonly revert: Revert;
  readonly appends: readonly StreamAppend[];
}

/** What expired or was replaced may still have become what the device runs. */
const MAY_RUN = ['offered', 'active', 'expired', 'superseded'] as const;

/** A site that may run the rollout's model, with where it stands. */
type Updated = RolloutSite & { readonly was: Revert['was'] };

function updatedOf(site: RolloutSite): readonly Updated[] {
  const was = MAY_RUN.find((status) => status === site.status);
  return was === undefined ? [] : [{ ...site, was }];
}

const left = ({ systemId, was }: Updated, reason: string): Reverted => ({
  revert: { systemId, was, deploymentId: null, reason },
  appends: [],
});

/** Whether the device runs the rollout's model or has it on offer. */
async function isOurs({ cloud }: RolloutLook, { systemId, deploymentId }: RolloutSite): Promise<boolean> {
  const offered = await cloud.log.lookup('offered-deployment', systemId);
  if (offered !== null) return offered === deploymentId;
  return deploymentIdOf(await runningOnDevice(cloud, systemId)) === deploymentId;
}

async function revert(look: RolloutLook, site: Updated): Promise<Reverted> {
  const { systemId, previous, was } = site;
  if (!(await isOurs(look, site)))
    return left(site, 'the device runs another version by now, or is offered one');
  if (previous === null) return left(site, 'nothing ran there before');
  const model = await versionToOffer(look, { systemId, ...previous });
  const appends = await prepareOffer(look.cloud, model, look.origin(systemId));
  return { revert: { systemId, was, deploymentId: model.deploymentId, reason: null }, appends };
}

export const revertSites: Work = async (look) => {
  const updated = look.context.sites.flatMap(updatedOf).slice(0, SITES_A_LOOK);
  if (updated.length === 0) return null;
  const made = await Promise.all(
    updated.map((site) => revert(look, site).catch((error: unknown) => left(site, refusalOf(error)))),
  );
  return {
    command: { type: 'revert', reverts: made.map((each) => each.revert) },
    along: made.flatMap(({ appends }) => appends),
  };
};

export const endReverting: Work = async ({ context }) =>
  context.sites.some(({ status }) => status === 'reverting')
    ? { wait: 'soon' }
    : { command: { type: 'end-revert' } };
