import type { Logger } from 'pino';
import type { AlertRule } from '../events/alert.ts';
import type { ScoringRound } from '../ports/scores.ts';
import { watchAlerts } from './alerts/alert-watcher.ts';
import type { CloudDependencies } from './dependencies.ts';
import { keepScores } from './score-keeper.ts';

/** What is told of the work that looks after the models in service. */
export interface OperationsObserver {
  scored(round: ScoringRound, seconds: number): void;
  alert(event: 'opened' | 'resolved', rule: AlertRule): void;
}

export interface OperationsSettings {
  /** How long forecasts and scores by hour are kept, ms of the site clock. */
  readonly forecastsKeptMs: number;
}

/** Starts what looks after the models in service. Returns how to end it. */
export function startOperations(
  cloud: CloudDependencies,
  { forecastsKeptMs }: OperationsSettings,
  observer: OperationsObserver,
  logger: Logger,
): () => Promise<void> {
  const scoring = keepScores({
    ...{ scores: cloud.scores, clocks: cloud.clocks, logger },
    keptMs: forecastsKeptMs,
    observe: observer.scored,
  });
  const watching = watchAlerts({ cloud, observe: observer.alert, logger });
  return async () => {
    await Promise.all([scoring.stop(), watching.stop()]);
  };
}
