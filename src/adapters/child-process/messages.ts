import type { TrainingProgress, TrainingRequest, TrainingResult } from '../../ports/trainer.ts';

/** What the parent tells its training process, once. */
export interface TrainOrder {
  readonly request: TrainingRequest;
}

/** What a training process says; the last message is one of the other three. */
export type TrainingMessage =
  | { readonly type: 'progress'; readonly progress: TrainingProgress }
  | { readonly type: 'done'; readonly result: TrainingResult }
  | { readonly type: 'refused'; readonly code: string; readonly message: string }
  | { readonly type: 'failed'; readonly message: string; readonly stack: string };
