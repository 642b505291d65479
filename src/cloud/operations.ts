import type { Logger } from 'pino';
import type { AlertRule } from '../events/alert.ts';
import type { DayReplayer } from '../ports/day-replayer.ts';
import type { MemberDays } from '../ports/member-days.ts';
import type { ScoreCopies } from '../ports/score-copies.ts';
import type { ScoringRound } from '../ports/scores.ts';
import { watchAlerts } from './alerts/alert-watcher.ts';
import { renewConfigs } from './config-renewal.ts';
import type { CloudDependencies } from './dependencies.ts';
import { keepMemberScores } from './member-scores.ts';
import type { Rounds } from './rounds.ts';
import { copyScores, type ScoreTarget } from './score-copier.ts';
import { keepScores } from './score-keeper.ts';

/** What is told of the work that looks after what devices know and run. */
export interface OperationsObserver {
  scored(round: ScoringRound, seconds: number): void;
  alert(event: 'opened' | 'resolved', rule: AlertRule): void;
  /** A day was forecast by so many models that did not serve it. */
  membersReplayed(models: number): void;
  /** A device's configuration was published again, of so many bytes. */
  configRenewed(bytes: number): void;
}

export interface OperationsSettings {
  /** How long forecasts and scores by hour are kept, ms of the site clock. */
  readonly forecastsKeptMs: number;
  /** Machine time between two looks at a site's configuration; an hour when left out. */
  readonly configLookMs?: number | undefined;
  /** How the models that did not serve are scored; null where they are not. */
  readonly members: { readonly days: MemberDays; readonly replayer: DayReplayer } | null;
  /** Who is to have a copy of the scores of days; null for nobody. */
  readonly copy: { readonly copies: ScoreCopies; readonly target: ScoreTarget } | null;
}

/** Starts what looks after the models in service and what devices know. */
export function startOperations(
  cloud: CloudDependencies,
  { forecastsKeptMs, configLookMs, members, copy }: OperationsSettings,
  observer: OperationsObserver,
  logger: Logger,
): Rounds {
  const scoring = keepScores({
    ...{ scores: cloud.scores, clocks: cloud.clocks, logger },
    keptMs: forecastsKeptMs,
    observe: observer.scored,
  });
  const watching = watchAlerts({ cloud, observe: observer.alert, logger });
  const renewing = renewConfigs({ cloud, observe: observer.configRenewed, logger, lookMs: configLookMs });
  const others: Rounds[] = [];
  if (members !== null) {
    const { days: memberDays, replayer } = members;
    others.push(keepMemberScores({ cloud, memberDays, replayer, observe: observer.membersReplayed, logger }));
  }
  if (copy !== null) others.push(copyScores({ ...copy, logger }));
  return {
    /** Alerts are about what was scored; nothing waits for charts. */
    async now() {
      await scoring.now();
      await Promise.all([watching.now(), renewing.now()]);
    },
    async stop() {
      await Promise.all([scoring, watching, renewing, ...others].map((rounds) => rounds.stop()));
    },
  };
}
