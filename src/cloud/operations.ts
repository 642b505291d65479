import type { Logger } from 'pino';
import type { ScoringRound } from '../ports/scores.ts';
import type { CloudDependencies } from './dependencies.ts';
import { keepScores } from './score-keeper.ts';

/** What is told of the work that looks after the models in service. */
export interface OperationsObserver {
  scored(round: ScoringRound, seconds: number): void;
}

export interface OperationsSettings {
  /** How long forecasts and scores by hour are kept, ms of the site clock. */
  readonly forecastsKeptMs: number;
}

/** Starts what looks after the models in service. Returns how to end it. */
export function startOperations(
  { scores, clocks }: Pick<CloudDependencies, 'scores' | 'clocks'>,
  { forecastsKeptMs }: OperationsSettings,
  observer: OperationsObserver,
  logger: Logger,
): () => Promise<void> {
  const scoring = keepScores({
    ...{ scores, clocks, logger },
    keptMs: forecastsKeptMs,
    observe: observer.scored,
  });
  return () => scoring.stop();
}
