import type { Logger } from 'pino';

export interface Rounds {
  /** Does a round now, after one that is under way; resolves when it is over, whether it failed or not. */
  now(): Promise<void>;
  /** Ends the rounds; one under way is waited for. */
  stop(): Promise<void>;
}

export interface RoundOptions {
  /** Machine time between two rounds. */
  readonly everyMs: number;
  /** Does what is due; `signal` says that the node stops. */
  readonly round: (signal: AbortSignal) => Promise<void>;
  /** What failed, for the log. */
  readonly failed: string;
  readonly logger: Logger;
}

/** Work that is looked after now and then, one round at a time: a round that fails is tried again at the next. */
export function inRounds({ everyMs, round, failed, logger }: RoundOptions): Rounds {
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  async function begin(): Promise<void> {
    if (stopping.signal.aborted) return;
    clearTimeout(timer);
    await round(stopping.signal).catch((err: unknown) => {
      if (!stopping.signal.aborted) logger.warn({ err }, failed);
    });
    if (!stopping.signal.aborted) timer = setTimeout(next, everyMs).unref();
  }
  function next(): void {
    running = running.then(begin);
  }
  let running = begin();
  return {
    now: () => {
      next();
      return running;
    },
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      await running;
    },
  };
}
