import type { EffectAnswer, EffectHandler } from '../../actors/effect-handler.ts';
import type { Origin } from '../../actors/stream-actor.ts';
import { site } from '../../machines/site.ts';
import type { LeasedEffect } from '../../ports/effect-queue.ts';
import { RegistryConflict } from '../../ports/event-log.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { prepareJob } from '../job-request.ts';
import { cloudOrigin, type LoadedSite, loadSite } from '../streams.ts';
import { nextWeeklySlot } from '../weekly.ts';
import { siteEffect, slotEffect } from './effect-data.ts';

/** The window of a weekly retrain, as the owner set it. */
const WEEKLY_WINDOW_DAYS = 90;

const MAX_REASON = 500;

type Skipped = { readonly slot: string; readonly reason: string };

type WeeklyDependencies = Pick<CloudDependencies, 'actors' | 'clocks' | 'log' | 'newId' | 'newSeed'>;

/** A slot that is due is still to be started, however late, and then plans the next one itself. */
const isDue = (slot: string | null, now: Date): boolean => slot !== null && Date.parse(slot) <= now.getTime();

/** Plans the site's next Monday 03:00, unless that slot is planned already. */
export function planWeeklyRetrain({ actors, clocks }: WeeklyDependencies): EffectHandler {
  return {
    async handle(effect): Promise<EffectAnswer> {
      const loaded = await loadSite(actors, siteEffect(effect).systemId);
      const { settings, nextRetrain, tenant, systemId } = loaded.stage.context;
      if (loaded.stage.state !== 'registered' || settings === null) return { kind: 'done' };
      const now = clocks.site.now();
      const slot = nextWeeklySlot(settings.zone, now).toISOString();
      if (slot === nextRetrain || isDue(nextRetrain, now)) return { kind: 'done' };
      const origin = cloudOrigin({ tenant, systemId }, effect.key, effect.key);
      const append = actors.prepare(site, loaded, { type: 'schedule-retrain', slot, skipped: null }, origin);
      return { kind: 'commit', appends: append === null ? [] : [append] };
    },
  };
}

/**
 * Starts the weekly job and plans the next slot in one transaction; the slot's key in the registry lets only one
 * node do it. A site whose last job is unfinished skips the slot, and the fact says so.
 */
export function startWeeklyRetrain(cloud: WeeklyDependencies): EffectHandler {
  const { actors, clocks, log } = cloud;

  function scheduled(loaded: LoadedSite, zone: string, skipped: Skipped | null, origin: Origin) {
    const slot = nextWeeklySlot(zone, clocks.site.now()).toISOString();
    return actors.prepare(site, loaded, { type: 'schedule-retrain', slot, skipped }, origin);
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
      zone,
      { slot, reason: reason.slice(0, MAX_REASON) },
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
      const running = await log.lookup('unfinished-job', systemId);
      if (running !== null) {
        logger.warn({ systemId, slot, running }, 'weekly retrain skipped: the last job is not finished');
        return skip(effect, loaded, settings.zone, `job ${running} was not finished`);
      }
      const origin = cloudOrigin({ tenant, systemId }, effect.key, effect.key);
      const wanted = { systemId, tenant, trainingWindowDays: WEEKLY_WINDOW_DAYS, trigger: 'weekly' } as const;
      const { appends } = await prepareJob(cloud, { ...wanted, weeklySlot: slot }, origin);
      const next = scheduled(loaded, settings.zone, null, origin);
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
