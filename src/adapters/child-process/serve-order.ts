import { once } from 'node:events';
import { flushCompileCache } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { Order, OrderMessage } from './messages.ts';
import { moduleBeside } from './module-beside.ts';
import { PARENT_PID_VARIABLE, RSS_LIMIT_VARIABLE } from './variables.ts';

export interface Service<Request, Progress, Result> {
  /** Does the order. The signal is aborted when nobody waits for the answer any more. */
  readonly perform: (
    request: Request,
    options: { readonly onProgress: (progress: Progress) => void; readonly signal: AbortSignal },
  ) => Promise<Result>;
  /** The code of an error that another try would meet again, null for any other error. */
  readonly refusalCode: (error: unknown) => string | null;
}

/**
 * The life of a process for one order, called once by its entry: it does what its parent sends, answers over the
 * channel and ends. It ends at once when the channel closes, and a watchdog ends it when the parent has died or
 * the memory limit is passed while the work keeps the event loop busy. Cancelling is killing, so the signal is
 * aborted only as a courtesy when the channel closes.
 */
export const serveOrder = <Request, Progress, Result>(service: Service<Request, Progress, Result>): void => {
  const parent = new AbortController();
  const watched = startWatchdog();
  // Ctrl-C reaches the whole process group; the parent decides what becomes of its children.
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => {
    parent.abort(new Error('the parent process closed the channel'));
    process.exit(0);
  });
  process.once('message', (order: Order<Request>) => {
    // Not before: the work may leave no memory for another thread to begin with.
    void watched.then(() => answer(service, order.request, parent.signal));
  });
};

/** A thread of its own, since the work may not return to the event loop for seconds. Resolves once it watches. */
const startWatchdog = async (): Promise<void> => {
  const workerData = {
    parentPid: Number(process.env[PARENT_PID_VARIABLE]),
    rssLimitBytes: Number(process.env[RSS_LIMIT_VARIABLE]),
  };
  const watchdog = new Worker(moduleBeside('watchdog', import.meta.url), { workerData, execArgv: [] });
  watchdog.unref();
  await once(watchdog, 'online');
};

const answer = async <Request, Progress, Result>(
  { perform, refusalCode }: Service<Request, Progress, Result>,
  request: Request,
  signal: AbortSignal,
): Promise<void> => {
  const send = (message: OrderMessage<Progress, Result>): void => {
    // A closed channel needs no answer: the process is about to end.
    if (process.connected) process.send?.(message);
  };
  const onProgress = (progress: Progress): void => send({ type: 'progress', progress });
  try {
    const result = await perform(request, { onProgress, signal });
    // The parent ends the process once it has the answer; Node would keep what it compiled only at an orderly exit.
    flushCompileCache();
    send({ type: 'done', result });
  } catch (error) {
    send(failure(error, refusalCode(error)));
  }
};

const failure = (error: unknown, code: string | null): OrderMessage<never, never> => {
  const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  if (code !== null) return { type: 'refused', code, message };
  return { type: 'failed', message: `${name}: ${message}`, stack };
};
