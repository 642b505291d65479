import { Worker } from 'node:worker_threads';
import { CannotTrain } from '../../forecasting/refusal.ts';
import type { TrainingProgress, TrainingRequest, TrainingResult } from '../../ports/trainer.ts';
import type { TrainingMessage, TrainOrder } from './messages.ts';
import { PARENT_PID_VARIABLE, RSS_LIMIT_VARIABLE } from './variables.ts';

/** Trains one site. Throws `CannotTrain` when trying again would give the same. */
export type Train = (
  request: TrainingRequest,
  options: { readonly onProgress: (progress: TrainingProgress) => void; readonly signal: AbortSignal },
) => Promise<TrainingResult>;

/**
 * The life of a training process, called once by its entry: it does the one order its parent sends, answers over
 * the channel and ends. It ends at once when the channel closes, and a watchdog ends it when the parent has died
 * or the memory limit is passed while training keeps the event loop busy. Cancelling is killing, so the signal is
 * aborted only as a courtesy when the channel closes.
 */
export const serveTraining = (train: Train): void => {
  const parent = new AbortController();
  startWatchdog();
  // Ctrl-C reaches the whole process group; the parent decides what becomes of its children.
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => {
    parent.abort(new Error('the parent process closed the channel'));
    process.exit(0);
  });
  process.once('message', (order: TrainOrder) => {
    void answer(train, order.request, parent.signal);
  });
};

/** A thread of its own, since training may not return to the event loop for seconds. */
const startWatchdog = (): void => {
  const workerData = {
    parentPid: Number(process.env[PARENT_PID_VARIABLE]),
    rssLimitBytes: Number(process.env[RSS_LIMIT_VARIABLE]),
  };
  new Worker(new URL('./watchdog.ts', import.meta.url), { workerData, execArgv: [] }).unref();
};

const answer = async (train: Train, request: TrainingRequest, signal: AbortSignal): Promise<void> => {
  const onProgress = (progress: TrainingProgress): void => send({ type: 'progress', progress });
  try {
    send({ type: 'done', result: await train(request, { onProgress, signal }) });
  } catch (error) {
    send(failure(error));
  }
};

const failure = (error: unknown): TrainingMessage => {
  if (error instanceof CannotTrain) return { type: 'refused', code: error.code, message: error.message };
  if (error instanceof Error) {
    return { type: 'failed', message: `${error.name}: ${error.message}`, stack: error.stack ?? '' };
  }
  return { type: 'failed', message: String(error), stack: '' };
};

/** A closed channel needs no answer: the process is about to end. */
const send = (message: TrainingMessage): void => {
  if (process.connected) process.send?.(message);
};
