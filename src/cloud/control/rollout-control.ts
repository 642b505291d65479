import { streamId } from '../../events/stream-id.ts';
import { rollout } from '../../machines/rollout.ts';
import type { RolloutCommand } from '../../machines/rollout-commands.ts';
import { RegistryConflict } from '../../ports/event-log.ts';
import { isFleetStopped } from '../blast-radius.ts';
import type { Caller, ControlPlane } from '../control-plane.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { Invalid, NotFound, RolloutRefused } from '../refusals.ts';
import { planRollout } from '../rollout/plan.ts';
import type { RolloutPlan, RolloutRequest } from '../rollout/request.ts';
import { loadRollout } from '../streams.ts';
import { originOf } from './site-control.ts';

type RolloutControl = Pick<
  ControlPlane,
  'planRollout' | 'startRollout' | 'getRollout' | 'pauseRollout' | 'resumeRollout' | 'abortRollout'
>;

const HINT = 'check the id';

export function createRolloutControl(
  cloud: Pick<CloudDependencies, 'actors' | 'log' | 'readModels' | 'newId'>,
): RolloutControl {
  const { actors, log, newId } = cloud;

  async function assertDeploying({ tenant }: Caller): Promise<void> {
    if (!(await isFleetStopped(cloud, tenant))) return;
    const message =
      'the fleet is stopped because too many deployments failed: look into them and resume it first';
    throw new RolloutRefused('fleet-stopped', message);
  }

  /** A repeated key answers the rollout that it made; a site that another rollout took meanwhile refuses this one. */
  function answerConflict(error: RegistryConflict) {
    if (error.kind === 'rollout-key') return { rolloutId: error.holder, created: false };
    const message = `site ${error.key} takes part in rollout ${error.holder}: wait for it, or leave the site out`;
    throw new RolloutRefused('site-in-rollout', message, error.holder);
  }

  async function madeBefore(
    { tenant }: Caller,
    { idempotencyKey: key }: RolloutRequest,
  ): Promise<string | null> {
    return key === undefined ? null : log.lookup('rollout-key', `${tenant}/${key}`);
  }

  async function planned(caller: Caller, request: RolloutRequest): Promise<RolloutPlan> {
    await assertDeploying(caller);
    const plan = await planRollout(cloud, caller, request);
    if (plan.sites.length > 0) return plan;
    const message = 'No site has a version to be offered: plan the rollout to see why, site by site.';
    throw new Invalid('nothing-to-roll-out', message);
  }

  async function open(caller: Caller, request: RolloutRequest) {
    const { sites, rules } = await planned(caller, request);
    const rolloutId = newId();
    const { note, idempotencyKey } = request;
    const key = idempotencyKey === undefined ? {} : { idempotencyKey };
    const plan = { rolloutId, tenant: caller.tenant, note, sites: sites.length, rules, ...key };
    const origin = originOf(caller, null, rolloutId);
    await actors.send(rollout, streamId('rollout', rolloutId), { type: 'start', plan, sites }, origin);
    return { rolloutId, created: true };
  }

  const openUnlessMade = (caller: Caller, request: RolloutRequest) =>
    open(caller, request).catch((error: unknown) => {
      if (error instanceof RegistryConflict) return answerConflict(error);
      throw error;
    });

  const getRollout: RolloutControl['getRollout'] = async ({ tenant }, rolloutId) => {
    const { stage, facts } = await loadRollout(actors, rolloutId);
    const { plan } = stage.context;
    if (plan === null || plan.tenant !== tenant) throw new NotFound('rollout', rolloutId, HINT);
    return { stage, plan, facts };
  };

  async function send(caller: Caller, rolloutId: string, command: RolloutCommand): Promise<void> {
    await getRollout(caller, rolloutId);
    await actors.send(rollout, streamId('rollout', rolloutId), command, originOf(caller, null, rolloutId));
  }

  const byPerson = (reason: string) => ({ cause: 'person', reason, breach: null }) as const;

  return {
    planRollout: (caller, request) => planRollout(cloud, caller, request),
    startRollout: async (caller, request) => {
      const made = await madeBefore(caller, request);
      return made === null ? openUnlessMade(caller, request) : { rolloutId: made, created: false };
    },
    getRollout,
    pauseRollout: (caller, rolloutId, reason) =>
      send(caller, rolloutId, { type: 'pause', paused: byPerson(reason) }),
    resumeRollout: async (caller, rolloutId, reason) => {
      await getRollout(caller, rolloutId);
      await assertDeploying(caller);
      await send(caller, rolloutId, { type: 'resume', reason });
    },
    abortRollout: (caller, rolloutId, reason) =>
      send(caller, rolloutId, { type: 'abort', aborted: byPerson(reason) }),
  };
}
