import type { EffectAnswer, EffectHandler } from '../../actors/effect-handler.ts';
import type { Origin } from '../../actors/stream-actor.ts';
import { site } from '../../machines/site.ts';
import type { LeasedEffect } from '../../ports/effect-queue.ts';
import { RegistryConflict } from '../../ports/event-log.ts';
import { isFleetStopped } from '../blast-radius.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { prepareJob } from '../job-request.ts';
import { cloudOrigin, type LoadedSite, loadJob, loadSite } from '../streams.ts';
import { followingSlot, nextWeeklySlot, sameWeeklySlot, startOfSlot } from '../weekly.ts';
import { siteEffect, slotEffect } from './effect-data.ts';

/** The window of a weekly retrain, as the owner set it. */
const WEEKLY_WINDOW_DAYS = 90;

const MAX_REASON = 500;

type Skipped = { readonly slot: string; readonly reason: string };

type WeeklyDependencies = Pick<
  CloudDependencies,
  'actors' | 'clocks' | 'log' | 'newId' | 'newSeed' | 'retrainWindowMs'
>;

/** The command that plans this slot, with its start within the fleet's window. */
function planned(systemId: string, slot: Date, windowMs: number, skipped: Skipped | null) {
  const startsAt = startOfSlot(systemId, slot, windowMs).toISOString();
  return { type: 'schedule-retrain', slot: slot.toISOString(), startsAt, skipped } as const;
}

/** A slot that is due is still to be started, however late, and then plans the next one itself. */
const isDue = (slot: string, now: Date): boolean => Date.parse(slot) <= now.getTime();

/** The slot to be planned; null when the one that is planned stands. */
function slotToPlan(zone: string, nextRetrain: string | null, now: Date): Date | null {
  if (nextRetrain === null) return nextWeeklySlot(zone, now);
  if (isDue(nextRetrain, now)) return null;
  const slot = sameWeeklySlot(zone, new Date(nextRetrain));
  return slot.toISOString() === nextRetrain ? null : slot;
}

/** Plans the site's next Monday 03:00, or moves it to where the site's zone has it now. */
export function planWeeklyRetrain({ actors, clocks, retrainWindowMs }: WeeklyDependencies): EffectHandler {
  return {
    async handle(effect): Promise<EffectAnswer> {
      const loaded = await loadSite(actors, siteEffect(effect).systemId);
      const { settings, nextRetrain, tenant, systemId } = loaded.stage.context;
      if (loaded.stage.state !== 'registered' || settings === null) return { kind: 'done' };
      const slot = slotToPlan(settings.zone, nextRetrain, clocks.site.now());
      if (slot === null) return { kind: 'done' };
      const origin = cloudOrigin({ tenant, systemId }, effect.key, effect.key);
      const append = actors.prepare(site, loaded, planned(systemId, slot, retrainWindowMs, null), origin);
      return { kind: 'commit', appends: append === null ? [] : [append] };
    },
  };
}

/**
 * Starts the weekly job and plans the next slot in one transaction; the slot's key in the registry lets only one
 * node do it. A site whose last job is unfinished skips the slot, and the fact says so.
 */
export function startWeeklyRetrain(cloud: WeeklyDependencies): EffectHandler {
  const { actors, clocks, log, retrainWindowMs } = cloud;

  function scheduled(
    loaded: LoadedSite,
    { slot, skipped }: { readonly slot: string; readonly skipped: Skipped | null },
    zone: string,
    origin: Origin,
  ) {
    const next = followingSlot(zone, new Date(slot), clocks.site.now());
    const { systemId } = loaded.stage.context;
    return actors.prepare(site, loaded, planned(systemId, next, retrainWindowMs, skipped), origin);
  }

  /** Why the slot passes without a job, null when it does not. */
  async function obstacleOf({
    systemId,
    tenant,
    paused,
  }: LoadedSite['stage']['context']): Promise<string | null> {
    if (paused !== undefined) return `paused: ${paused}`;
    const running = await log.lookup('unfinished-job', systemId);
    if (running === null) return null;
    const { state } = (await loadJob(actors, running)).stage;
    const held = state === 'evaluated' && (await isFleetStopped(cloud, tenant));
    return held
      ? `job ${running} is held: the fleet is stopped until a person resumes it`
      : `job ${running} was not finished (${state})`;
  }

  async function skip(
    effect: LeasedEffect,
    loaded: LoadedSite,
    zone: string,
    reason: string,
  ): Promise<EffectAnswer> {
    const { tenant, systemId } = loaded.stage.context;
    const { slot } = slotEffect(effect);
    const append = scheduled(
      loaded,
      { slot, skipped: { slot, reason: reason.slice(0, MAX_REASON) } },
      zone,
      cloudOrigin({ tenant, systemId }, effect.key, effect.key),
    );
    return { kind: 'commit', appends: append === null ? [] : [append] };
  }

  return {
    async handle(effect, { logger }): Promise<EffectAnswer> {
      const { systemId, slot } = slotEffect(effect);
      const loaded = await loadSite(actors, systemId);
      const { settings, nextRetrain, tenant } = loaded.stage.context;
      // A changed zone moved the slot, or another node started it: this one is void.
      if (loaded.stage.state !== 'registered' || settings === null || nextRetrain !== slot)
        return { kind: 'done' };
      const obstacle = await obstacleOf(loaded.stage.context);
      if (obstacle !== null) {
        logger.warn({ systemId, slot, obstacle }, 'a weekly retrain passes without a job');
        return skip(effect, loaded, settings.zone, obstacle);
      }
      const origin = cloudOrigin({ tenant, systemId }, effect.key, effect.key);
      const wanted = { systemId, tenant, trainingWindowDays: WEEKLY_WINDOW_DAYS, trigger: 'weekly' } as const;
      const { appends } = await prepareJob(cloud, { ...wanted, weeklySlot: slot }, origin);
      const next = scheduled(loaded, { slot, skipped: null }, settings.zone, origin);
      return { kind: 'commit', appends: next === null ? appends : [...appends, next] };
    },
    async giveUp(effect, error): Promise<EffectAnswer> {
      const loaded = await loadSite(actors, slotEffect(effect).systemId);
      const zone = loaded.stage.context.settings?.zone;
      if (zone === undefined) return { kind: 'done' };
      const reason = error instanceof RegistryConflict ? `held by ${error.holder}` : error.message;
      return skip(effect, loaded, zone, reason);
    },
  };
}
