import { CannotTrain } from '../../forecasting/refusal.ts';
import type { TrainingProgress, TrainingRequest, TrainingResult } from '../../ports/trainer.ts';
import { type Service, serveOrder } from './serve-order.ts';

/** Trains one site. Throws `CannotTrain` when trying again would give the same. */
export type Train = Service<TrainingRequest, TrainingProgress, TrainingResult>['perform'];

/** Makes this process one that trains the one site its parent sends, and ends. */
export const serveTraining = (train: Train): void =>
  serveOrder({
    perform: train,
    refusalCode: (error) => (error instanceof CannotTrain ? error.code : null),
  });
