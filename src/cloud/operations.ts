import type { Logger } from 'pino';
import type { AlertRule } from '../events/alert.ts';
import type { ScoringRound } from '../ports/scores.ts';
import { watchAlerts } from './alerts/alert-watcher.ts';
import { renewConfigs } from './config-renewal.ts';
import type { CloudDependencies } from './dependencies.ts';
import type { Rounds } from './rounds.ts';
import { keepScores } from './score-keeper.ts';

/** What is told of the work that looks after what devices know and run. */
export interface OperationsObserver {
  scored(round: ScoringRound, seconds: number): void;
  alert(event: 'opened' | 'resolved', rule: AlertRule): void;
  /** A device's configuration was published again, of so many bytes. */
  configRenewed(bytes: number): void;
}

export interface OperationsSettings {
  /** How long forecasts and scores by hour are kept, ms of the site clock. */
  readonly forecastsKeptMs: number;
  /** Machine time between two looks at a site's configuration; an hour when left out. */
  readonly configLookMs?: number | undefined;
}

/** Starts what looks after the models in service and what devices know. */
export function startOperations(
  cloud: CloudDependencies,
  { forecastsKeptMs, configLookMs }: OperationsSettings,
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
  return {
    /** Alerts are about what was scored. */
    async now() {
      await scoring.now();
      await Promise.all([watching.now(), renewing.now()]);
    },
    async stop() {
      await Promise.all([scoring.stop(), watching.stop(), renewing.stop()]);
    },
  };
}
