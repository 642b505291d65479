import type { EffectAnswer, EffectHandler } from '../../actors/effect-handler.ts';
import { alert } from '../../machines/alert.ts';
import { RegistryConflict } from '../../ports/event-log.ts';
import { type LoadedAlert, loadAlert, openedAlert, silencedUntil } from '../alerts/open-alerts.ts';
import { presentAlert } from '../alerts/present.ts';
import { publishSiteAlerts } from '../alerts/site-alerts.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { prepareJob } from '../job-request.ts';
import { cloudOrigin, loadSite } from '../streams.ts';
import { alertEffect, alertEventEffect, siteEffect } from './effect-data.ts';
import { whenConnected } from './when-connected.ts';

const DAY_MS = 86_400_000;
/** Between two retrains that alerts of a site start: a new model shows within a week what it is worth. */
const COOL_DOWN_MS = 7 * DAY_MS;
/** What a plant does now: the days before a change would only hold the models back. */
const RECENT_WINDOW_DAYS = 45;
const LOOK_AGAIN_MS = 60_000;
/** Receivers are away for hours at times: about half an hour of tries, then a dead letter that people can redrive. */
const NOTICE_ATTEMPTS = 14;

export function publishAlerts(cloud: CloudDependencies): EffectHandler {
  return {
    handle: (effect) => whenConnected(cloud, () => publishSiteAlerts(cloud, siteEffect(effect).systemId)),
  };
}

/**
 * Tells the webhook. What is kept silent waits until the silence is over, and is told then if it still holds; that a
 * silent alert was resolved, nobody needs to hear.
 */
export function notifyAlert(cloud: CloudDependencies): EffectHandler {
  const { actors, clocks, notifier } = cloud;
  return {
    maxAttempts: NOTICE_ATTEMPTS,
    async handle(effect): Promise<EffectAnswer> {
      if (notifier === undefined) return { kind: 'done' };
      const { alertId, event } = alertEventEffect(effect);
      const loaded = await loadAlert(actors, alertId);
      const isOver = loaded.stage.state === 'resolved';
      const until = await silencedUntil(cloud, openedAlert(loaded), clocks.site.now());
      if (until !== null) return isOver ? { kind: 'done' } : { kind: 'again', afterMs: LOOK_AGAIN_MS };
      await notifier.send({ id: effect.key, event, alert: presentAlert(loaded) });
      return { kind: 'done' };
    },
  };
}

/**
 * Starts one retrain on recent data for an alert that advises it, where that is configured. Within the cool-down after
 * another such retrain it starts none: one that does not help is not repeated, by this alert or the next.
 */
export function actOnAlert(cloud: CloudDependencies): EffectHandler {
  const { actors, log, clocks, retrainOnAlert } = cloud;

  async function coolsDown(systemId: string): Promise<boolean> {
    const last = await log.lookup('latest-alert-retrain', systemId);
    return last !== null && clocks.site.now().getTime() < Date.parse(last) + COOL_DOWN_MS;
  }

  async function isWanted(loaded: LoadedAlert): Promise<boolean> {
    if (!retrainOnAlert || loaded.stage.state === 'resolved') return false;
    const { systemId, actions } = openedAlert(loaded);
    if (!actions.includes('retrain-on-recent-data') || (await coolsDown(systemId))) return false;
    return (await loadSite(actors, systemId)).stage.state === 'registered';
  }

  return {
    async handle(effect, { logger }): Promise<EffectAnswer> {
      const loaded = await loadAlert(actors, alertEffect(effect).alertId);
      const { systemId, tenant, alertId } = openedAlert(loaded);
      if (!(await isWanted(loaded))) {
        logger.info({ systemId, alertId }, 'this alert starts no retrain by itself');
        return { kind: 'done' };
      }
      // A job that runs already sees the same data: this one begins after it.
      if ((await log.lookup('unfinished-job', systemId)) !== null)
        return { kind: 'again', afterMs: LOOK_AGAIN_MS };
      const origin = cloudOrigin({ tenant, systemId }, alertId, effect.key);
      const wanted = { systemId, tenant, trainingWindowDays: RECENT_WINDOW_DAYS, trigger: 'alert' } as const;
      const { jobId, appends } = await prepareJob(cloud, wanted, origin);
      const started = actors.prepare(alert, loaded, { type: 'start-retrain', jobId }, origin);
      return { kind: 'commit', appends: started === null ? appends : [...appends, started] };
    },
    async giveUp(_effect, error): Promise<EffectAnswer> {
      // Others train the site again and again: its models are as recent as can be.
      if (error instanceof RegistryConflict) return { kind: 'done' };
      throw error;
    },
  };
}
