import type { Logger } from 'pino';
import type { Order, OrderMessage } from './messages.ts';
import { startOrderProcess } from './order-process.ts';

/** A process died or failed without a verdict on its order; another try may succeed. */
export class OrderFailed extends Error {
  override readonly name = 'OrderFailed';
  readonly systemId: string;
  readonly exitCode: number | null;
  readonly exitSignal: string | null;

  constructor(task: OrderTask, message: string, exitCode: number | null, exitSignal: string | null) {
    super(`${task.work} of ${task.systemId} failed: ${message}`);
    this.systemId = task.systemId;
    this.exitCode = exitCode;
    this.exitSignal = exitSignal;
  }
}

/** What an order is called in messages: `training` of `bess-456`. */
interface OrderTask {
  readonly work: string;
  readonly systemId: string;
}

export interface OrderRunnerOptions {
  /** Names the work in messages, as in {@link OrderTask}. */
  readonly work: string;
  /** Module that calls `serveOrder`; it is run in a new process for every order. */
  readonly entry: URL;
  readonly logger: Logger;
  /** Most memory of one process in MB, native memory included. */
  readonly memoryMb: number;
  /** Further environment variables of the process. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
  /** The error of an order that another try would refuse again. */
  readonly refused: (code: string, message: string) => Error;
}

export interface OrderRunner<Request, Progress, Result> {
  /**
   * Rejects with what `refused` makes, with the signal's reason when aborted, or with {@link OrderFailed}. Lines about
   * this order go to `logger` where it is given.
   */
  run(
    request: Request,
    onProgress: (progress: Progress) => void,
    signal: AbortSignal,
    logger?: Logger,
  ): Promise<Result>;
  /** Ends what runs and takes no more. */
  close(): Promise<void>;
}

/** How an order ended; the first verdict stands, whatever the process does afterwards. */
type Verdict<Result> = { readonly result: Result } | { readonly error: unknown };

interface Run<Result> {
  end(error: unknown): void;
  readonly finished: Promise<Result>;
}

/**
 * Does each order in a process of its own, at lower priority: it can be killed at any moment without harm to the
 * parent, gives its memory back when it ends and cannot delay the parent's event loop. How many run at once is
 * the caller's to decide.
 */
export const createOrderRunner = <Request extends { readonly systemId: string }, Progress, Result>(
  options: OrderRunnerOptions,
): OrderRunner<Request, Progress, Result> => {
  const running = new Set<Run<Result>>();
  let closed = false;

  return {
    async run(request, onProgress, signal, logger = options.logger) {
      signal.throwIfAborted();
      if (closed) throw closedError(options.work);
      const run = follow<Request, Progress, Result>(request, onProgress, { ...options, logger });
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
      for (const run of running) run.end(closedError(options.work));
      await Promise.allSettled([...running].map(({ finished }) => finished));
    },
  };
};

const closedError = (work: string): Error => new Error(`${work} is closed: no more orders are taken`);

/** Sends the order and settles once the process is gone, so that no work outlives its promise. */
const follow = <Request extends { readonly systemId: string }, Progress, Result>(
  request: Request,
  onProgress: (progress: Progress) => void,
  options: OrderRunnerOptions,
): Run<Result> => {
  const { child, lastWords } = startOrderProcess(options);
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  const { work, logger } = options;
  const task: OrderTask = { work, systemId: request.systemId };
  let verdict: Verdict<Result> | null = null;

  const decide = (next: Verdict<Result>): void => {
    verdict ??= next;
    child.kill('SIGKILL');
  };
  const settle = (ending: Verdict<Result>): void =>
    'result' in ending ? resolve(ending.result) : reject(ending.error);

  child.on('message', (message: OrderMessage<Progress, Result>) => {
    if (verdict !== null) return;
    try {
      if (message.type === 'progress') onProgress(message.progress);
      else decide(verdictOf(message, task, options));
    } catch (error) {
      decide({ error });
    }
  });
  child.once('error', (error) => {
    decide({ error: new OrderFailed(task, error.message, null, null) });
    if (child.pid === undefined) reject(error);
  });
  child.once('close', (exitCode, exitSignal) => {
    const words = lastWords();
    if (words !== '') logger.warn({ ...task, words }, 'a child process wrote');
    settle(verdict ?? { error: diedOf(task, exitCode, exitSignal, words) });
  });
  // A process that died before it heard its order says so by its end.
  child.send({ request } satisfies Order<Request>, () => undefined);
  return { end: (error) => decide({ error }), finished: promise };
};

const diedOf = (
  task: OrderTask,
  exitCode: number | null,
  exitSignal: string | null,
  words: string,
): OrderFailed => {
  const how = exitSignal === null ? `exit code ${exitCode}` : `signal ${exitSignal}`;
  const message = `its process ended with ${how}${words === '' ? '' : `: ${words}`}`;
  return new OrderFailed(task, message, exitCode, exitSignal);
};

/** What a last message settles. */
const verdictOf = <Result>(
  message: Exclude<OrderMessage<never, Result>, { readonly type: 'progress' }>,
  task: OrderTask,
  { logger, refused }: OrderRunnerOptions,
): Verdict<Result> => {
  switch (message.type) {
    case 'done':
      return { result: message.result };
    case 'refused':
      return { error: refused(message.code, message.message) };
    case 'failed':
      logger.error({ ...task, stack: message.stack }, 'a child process failed');
      return { error: new OrderFailed(task, message.message, null, null) };
  }
};
