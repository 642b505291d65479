import type { Logger } from 'pino';
import type { EffectAnswer, EffectHandler } from '../../actors/effect-handler.ts';
import { rollout } from '../../machines/rollout.ts';
import type { RolloutCommand, RolloutState } from '../../machines/rollout-commands.ts';
import { rulesOf } from '../../machines/rollout-model.ts';
import type { LeasedEffect } from '../../ports/effect-queue.ts';
import { isFleetStopped } from '../blast-radius.ts';
import type { RolloutPace } from '../dependencies.ts';
import { compareLive } from '../rollout/live-errors.ts';
import { endStage, offerVersions } from '../rollout/offers.ts';
import { hearOutcomes } from '../rollout/outcomes.ts';
import { breachOf } from '../rollout/policy.ts';
import { endReverting, revertSites } from '../rollout/reverts.ts';
import { hearShadows, passShadow, requestShadows } from '../rollout/shadow.ts';
import type { RolloutDependencies, RolloutLook, Step, Work } from '../rollout/step.ts';
import { cloudOrigin, type LoadedRollout, loadRollout } from '../streams.ts';
import { rolloutEffect, soakEffect } from './effect-data.ts';

/** Between two looks while something is under way that ends by itself, and while nothing is, ms. */
const PACE: RolloutPace = { soon: 1_000, later: 5_000 };
/** Reading what is known of so many sites takes about as long again: larger rollouts are looked at less often. */
const CROWD = 2_000;
/** After work that failed again and again while nothing can be paused. */
const TROUBLE_MS = 60_000;
const MAX_REASON = 500;

const stopWithFleet: Work = async ({ cloud, tenant }) => {
  if (!(await isFleetStopped(cloud, tenant))) return null;
  const reason =
    'too many deployments of the fleet failed: look into them, resume the fleet, then the rollout';
  return { command: { type: 'pause', paused: { cause: 'fleet-stopped', reason, breach: null } } };
};

const minding: Work = async ({ context }) => {
  const breach = breachOf(context);
  if (breach === null) return null;
  const { measure, count, of } = breach;
  const stopped = { cause: 'threshold', reason: `${measure}: ${count} of ${of} sites`, breach } as const;
  return rulesOf(context).onBreach === 'abort'
    ? { command: { type: 'abort', aborted: stopped } }
    : { command: { type: 'pause', paused: stopped } };
};

const complete: Work = async ({ context }) =>
  context.stage >= rulesOf(context).stages.length ? { command: { type: 'complete' } } : null;

const later: Work = async () => ({ wait: 'later' });

/** What there is to do in each state, most urgent first; none is left to do where a rollout has ended. */
const WORK: Readonly<Record<RolloutState, readonly Work[]>> = {
  new: [],
  planned: [],
  rolling: [
    ...[hearOutcomes, stopWithFleet, minding, complete],
    ...[hearShadows, requestShadows, passShadow, offerVersions, endStage],
  ],
  soaking: [hearOutcomes, stopWithFleet, minding, later],
  paused: [hearOutcomes, hearShadows, later],
  reverting: [hearOutcomes, revertSites, endReverting],
  aborted: [],
  completed: [],
};

async function stepOf(look: RolloutLook, state: RolloutState): Promise<Step | null> {
  for (const work of WORK[state]) {
    const step = await work(look);
    if (step !== null) return step;
  }
  return null;
}

function planOf({ stage: { context }, streamId }: LoadedRollout) {
  if (context.plan === null) throw new Error(`stream ${streamId} is empty`);
  return context.plan;
}

const originOf = (
  { tenant, rolloutId }: ReturnType<typeof planOf>,
  { key }: LeasedEffect,
  systemId: string | null,
) => ({
  ...cloudOrigin({ tenant, systemId: '' }, rolloutId, key),
  systemId,
});

/** Takes a rollout on by one fact, or looks again later. Whoever has the lease does; the facts decide what is next. */
export function advanceRollout(cloud: RolloutDependencies): EffectHandler {
  const { actors, clocks, rolloutPace: pace = PACE } = cloud;

  function appendsOf(loaded: LoadedRollout, effect: LeasedEffect, command: RolloutCommand) {
    const append = actors.prepare(rollout, loaded, command, originOf(planOf(loaded), effect, null));
    return append === null ? [] : [append];
  }

  async function load(effect: LeasedEffect): Promise<LoadedRollout | null> {
    const { rolloutId, turn } = rolloutEffect(effect);
    const loaded = await loadRollout(actors, rolloutId);
    // A person moved the rollout, which asked for work of its own.
    return loaded.stage.context.turn === turn ? loaded : null;
  }

  async function take(loaded: LoadedRollout, effect: LeasedEffect, logger: Logger): Promise<EffectAnswer> {
    const plan = planOf(loaded);
    const { rolloutId, tenant } = plan;
    const { state, context } = loaded.stage;
    const origin = (systemId: string | null) => originOf(plan, effect, systemId);
    const look = { cloud, rolloutId, tenant, context, now: clocks.site.now(), origin };
    const step = await stepOf(look, state);
    if (step === null) return { kind: 'done' };
    if ('wait' in step)
      return { kind: 'again', afterMs: pace[step.wait] * (1 + context.sites.length / CROWD) };
    logger.info({ rolloutId, command: step.command.type }, 'a rollout goes on');
    return { kind: 'commit', appends: [...(step.along ?? []), ...appendsOf(loaded, effect, step.command)] };
  }

  return {
    async handle(effect, { logger }): Promise<EffectAnswer> {
      const loaded = await load(effect);
      return loaded === null ? { kind: 'done' } : take(loaded, effect, logger);
    },
    giveUp: async (effect, error) => pauseInTrouble(cloud, await load(effect), effect, error),
  };
}

/** Work that fails again and again is a person's to look into; what is paused or reverted already tries on. */
function pauseInTrouble(
  { actors }: RolloutDependencies,
  loaded: LoadedRollout | null,
  effect: LeasedEffect,
  error: Error,
): EffectAnswer {
  if (loaded === null) return { kind: 'done' };
  const { state } = loaded.stage;
  if (state !== 'rolling' && state !== 'soaking') return { kind: 'again', afterMs: TROUBLE_MS };
  const paused = {
    cause: 'trouble',
    reason: error.message.slice(0, MAX_REASON) || 'unknown',
    breach: null,
  } as const;
  const origin = originOf(planOf(loaded), effect, null);
  const append = actors.prepare(rollout, loaded, { type: 'pause', paused }, origin);
  return { kind: 'commit', appends: append === null ? [] : [append] };
}

/** The deadline of a stage's models in service: their errors are compared, and the work beside it judges them. */
export function endSoak(cloud: RolloutDependencies): EffectHandler {
  const { actors, clocks, scores } = cloud;

  /** The rollout while the deadline is its own: a person may have moved it meanwhile. */
  async function load(effect: LeasedEffect): Promise<LoadedRollout | null> {
    const { rolloutId, stage } = soakEffect(effect);
    const loaded = await loadRollout(actors, rolloutId);
    const { state, context } = loaded.stage;
    return state === 'soaking' && context.stage === stage ? loaded : null;
  }

  return {
    async handle(effect): Promise<EffectAnswer> {
      const loaded = await load(effect);
      if (loaded === null) return { kind: 'done' };
      const results = await compareLive(scores, loaded.stage.context, clocks.site.now());
      const origin = originOf(planOf(loaded), effect, null);
      const append = actors.prepare(rollout, loaded, { type: 'end-soak', results }, origin);
      return { kind: 'commit', appends: append === null ? [] : [append] };
    },
    giveUp: async (effect, error) => pauseInTrouble(cloud, await load(effect), effect, error),
  };
}
