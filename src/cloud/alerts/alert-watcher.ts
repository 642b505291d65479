import type { Logger } from 'pino';
import type { AlertRule } from '../../events/alert.ts';
import { streamId } from '../../events/stream-id.ts';
import { createCalendar } from '../../forecasting/calendar/calendar.ts';
import { noSpecialDays } from '../../forecasting/calendar/special-days.ts';
import { alert } from '../../machines/alert.ts';
import { RegistryConflict } from '../../ports/event-log.ts';
import type { DayScore } from '../../ports/scores.ts';
import type { WatchedDay } from '../../ports/watch-list.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { againAfterRaces } from '../races.ts';
import { inRounds, type Rounds } from '../rounds.ts';
import { targetOf } from '../site-target.ts';
import { cloudOrigin, loadSite } from '../streams.ts';
import { dayAfter, scoredDays } from './days.ts';
import { type LoadedAlert, openAlerts, openedAlert } from './open-alerts.ts';
import { judgeDays, RULE_DAYS, type Verdict } from './rules.ts';

type Dependencies = Pick<CloudDependencies, 'actors' | 'log' | 'clocks' | 'scores' | 'watchList' | 'newId'>;

export interface AlertWatcherOptions {
  readonly cloud: Dependencies;
  readonly observe: (event: 'opened' | 'resolved', rule: AlertRule) => void;
  readonly logger: Logger;
  /** Machine time between two looks; a minute when left out. */
  readonly lookMs?: number;
}

const LOOK_MS = 60_000;
const SITES_AT_ONCE = 200;

const ruleOf = (loaded: LoadedAlert): AlertRule => openedAlert(loaded).rule;

/** Judges the days of sites that are over, once each: opens what is wrong, closes what recovered. */
export function createDayJudge({ cloud, observe, logger }: Omit<AlertWatcherOptions, 'lookMs'>) {
  const { actors, log, clocks, newId } = cloud;

  const origin = ({ tenant, systemId, day }: WatchedDay, alertId: string) =>
    cloudOrigin({ tenant, systemId }, alertId, `day-${day}`);

  async function open(watched: WatchedDay, { rule, finding }: Verdict): Promise<void> {
    if (finding === null) return;
    const { systemId, tenant, day } = watched;
    const alertId = newId();
    const opened = { alertId, systemId, tenant, rule, day, ...finding };
    const command = { type: 'open', alert: opened } as const;
    try {
      await actors.send(alert, streamId('alert', alertId), command, origin(watched, alertId));
    } catch (error) {
      // Another node judged this day too, and was first.
      if (error instanceof RegistryConflict) return;
      throw error;
    }
    observe('opened', rule);
    logger.warn({ systemId, rule, alertId, day }, 'an alert was opened');
  }

  async function resolve(watched: WatchedDay, loaded: LoadedAlert): Promise<void> {
    const { alertId, rule } = openedAlert(loaded);
    const command = { type: 'resolve', reason: 'recovered', day: watched.day } as const;
    const append = actors.prepare(alert, loaded, command, origin(watched, alertId));
    if (append !== null) await log.commit({ appends: [append] });
    observe('resolved', rule);
    logger.info({ systemId: watched.systemId, rule, alertId, day: watched.day }, 'an alert was resolved');
  }

  async function act(
    watched: WatchedDay,
    verdict: Verdict,
    existing: LoadedAlert | undefined,
  ): Promise<void> {
    if (existing === undefined) return open(watched, verdict);
    const { evidence } = openedAlert(existing);
    if (verdict.finding === null && verdict.isRecovered(evidence)) await resolve(watched, existing);
  }

  async function judge(watched: WatchedDay, scores: readonly DayScore[]): Promise<void> {
    const calendar = createCalendar({ zone: watched.zone, days: noSpecialDays });
    const days = scoredDays(scores, watched.day, RULE_DAYS, (instant) => calendar.hourOf(instant));
    const site = await loadSite(actors, watched.systemId);
    if (site.stage.state !== 'registered') return;
    const target = targetOf(site, clocks.site.now());
    const existing = new Map((await openAlerts(cloud, watched.systemId)).map((each) => [ruleOf(each), each]));
    for (const verdict of judgeDays(days, target)) await act(watched, verdict, existing.get(verdict.rule));
  }

  /** One site's failure is its own; its day stays to be judged. */
  async function judgeOne(watched: WatchedDay, scores: readonly DayScore[]): Promise<readonly WatchedDay[]> {
    try {
      await againAfterRaces(() => judge(watched, scores));
      return [watched];
    } catch (err) {
      logger.error({ err, systemId: watched.systemId }, 'a site’s day could not be judged: tried again soon');
      return [];
    }
  }

  async function judgeMany(due: readonly WatchedDay[]): Promise<number> {
    const last = due.map(({ day }) => day).sort();
    const scores = await cloud.scores.days({
      systemIds: due.map(({ systemId }) => systemId),
      from: dayAfter(last.at(0) ?? '', -RULE_DAYS),
      to: last.at(-1) ?? '',
    });
    const bySite = Map.groupBy(scores, ({ systemId }) => systemId);
    const judged: WatchedDay[] = [];
    for (const watched of due) judged.push(...(await judgeOne(watched, bySite.get(watched.systemId) ?? [])));
    if (judged.length > 0) await cloud.watchList.judged(judged);
    return judged.length;
  }

  /** Answers whether more may be due; days that could not be judged are left for the next look. */
  async function judgeSome(): Promise<boolean> {
    const due = await cloud.watchList.due(clocks.site.now(), SITES_AT_ONCE);
    if (due.length === 0) return false;
    const judged = await judgeMany(due);
    return due.length === SITES_AT_ONCE && judged > 0;
  }

  /** Judges every day that is due. */
  return async (signal: AbortSignal): Promise<void> => {
    while ((await judgeSome()) && !signal.aborted);
  };
}

/** Looks for days to judge now and then. Every node may run one. */
export function watchAlerts(options: AlertWatcherOptions): Rounds {
  const judgeDue = createDayJudge(options);
  return inRounds({
    everyMs: options.lookMs ?? LOOK_MS,
    round: judgeDue,
    failed: 'days could not be judged for alerts: tried again soon',
    logger: options.logger,
  });
}
