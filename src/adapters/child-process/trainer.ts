import type { Logger } from 'pino';
import {
  type Trainer,
  type TrainingProgress,
  TrainingRefused,
  type TrainingRequest,
  type TrainingResult,
} from '../../ports/trainer.ts';
import type { TrainingMessage, TrainOrder } from './messages.ts';
import { startTrainingProcess, type TrainingProcess } from './training-process.ts';

export interface ProcessTrainerOptions {
  /** Module that calls `serveTraining`; it is run in a new process for every training. */
  readonly entry: URL;
  readonly logger: Logger;
  /** Most memory of one training in MB, native memory included; 1,024 by default. */
  readonly memoryMb?: number;
}

/** A training process died or failed without a verdict on its data; training again may succeed. */
export class TrainingProcessFailed extends Error {
  override readonly name = 'TrainingProcessFailed';
  readonly systemId: string;
  readonly exitCode: number | null;
  readonly exitSignal: string | null;

  constructor(systemId: string, message: string, exitCode: number | null, exitSignal: string | null) {
    super(`training of ${systemId} failed: ${message}`);
    this.systemId = systemId;
    this.exitCode = exitCode;
    this.exitSignal = exitSignal;
  }
}

/** How a training ended; the first verdict stands, whatever the process does afterwards. */
type Verdict = { readonly result: TrainingResult } | { readonly error: unknown };

interface Run {
  end(error: unknown): void;
  readonly finished: Promise<TrainingResult>;
}

const DEFAULT_MEMORY_MB = 1024;

/**
 * Trains each site in a process of its own, at lower priority: it can be killed at any moment without harm to the
 * parent, gives its memory back when it ends and cannot delay the parent's event loop. How many run at once is
 * the caller's to decide.
 */
export const createProcessTrainer = (options: ProcessTrainerOptions): Trainer => {
  const { entry, logger, memoryMb = DEFAULT_MEMORY_MB } = options;
  const running = new Set<Run>();
  let closed = false;

  return {
    async train(request, onProgress, signal) {
      signal.throwIfAborted();
      if (closed) throw new Error('the trainer is closed');
      const training = startTrainingProcess({ entry, memoryMb });
      const run = follow(training, request, onProgress, logger);
      const cancel = (): void => run.end(signal.reason);
      running.add(run);
      signal.addEventListener('abort', cancel, { once: true });
      try {
        return await run.finished;
      } finally {
        signal.removeEventListener('abort', cancel);
        running.delete(run);
      }
    },
    async close() {
      closed = true;
      for (const run of running) run.end(new Error('the trainer is closed'));
      await Promise.allSettled([...running].map(({ finished }) => finished));
    },
  };
};

/** Sends the order and settles once the process is gone, so that no training outlives its promise. */
const follow = (
  { child, lastWords }: TrainingProcess,
  request: TrainingRequest,
  onProgress: (progress: TrainingProgress) => void,
  logger: Logger,
): Run => {
  const { promise, resolve, reject } = Promise.withResolvers<TrainingResult>();
  const { systemId } = request;
  let verdict: Verdict | null = null;

  const decide = (next: Verdict): void => {
    verdict ??= next;
    child.kill('SIGKILL');
  };
  const settle = (ending: Verdict): void =>
    'result' in ending ? resolve(ending.result) : reject(ending.error);

  child.on('message', (message: TrainingMessage) => {
    if (verdict !== null) return;
    try {
      const next = verdictOf(message, systemId, onProgress, logger);
      if (next !== null) decide(next);
    } catch (error) {
      decide({ error });
    }
  });
  child.once('error', (error) => {
    decide({ error: new TrainingProcessFailed(systemId, error.message, null, null) });
    if (child.pid === undefined) reject(error);
  });
  child.once('close', (exitCode, exitSignal) => {
    const words = lastWords();
    if (words !== '') logger.warn({ systemId, words }, 'a training process wrote');
    settle(verdict ?? { error: diedOf(systemId, exitCode, exitSignal, words) });
  });
  // A process that died before it heard its order says so by its end.
  child.send({ request } satisfies TrainOrder, () => undefined);
  return { end: (error) => decide({ error }), finished: promise };
};

const diedOf = (
  systemId: string,
  exitCode: number | null,
  exitSignal: string | null,
  words: string,
): TrainingProcessFailed => {
  const how = exitSignal === null ? `exit code ${exitCode}` : `signal ${exitSignal}`;
  const message = `its process ended with ${how}${words === '' ? '' : `: ${words}`}`;
  return new TrainingProcessFailed(systemId, message, exitCode, exitSignal);
};

/** What a message settles; null for progress, which is passed on. */
const verdictOf = (
  message: TrainingMessage,
  systemId: string,
  onProgress: (progress: TrainingProgress) => void,
  logger: Logger,
): Verdict | null => {
  switch (message.type) {
    case 'progress':
      onProgress(message.progress);
      return null;
    case 'done':
      return { result: message.result };
    case 'refused':
      return { error: new TrainingRefused(message.code, message.message) };
    case 'failed':
      logger.error({ systemId, stack: message.stack }, 'training failed');
      return { error: new TrainingProcessFailed(systemId, message.message, null, null) };
  }
};
