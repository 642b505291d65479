import type { Logger } from 'pino';

export interface Rounds {
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
  const begin = (): Promise<void> =>
    round(stopping.signal)
      .catch((err: unknown) => {
        if (!stopping.signal.aborted) logger.warn({ err }, failed);
      })
      .then(() => {
        if (stopping.signal.aborted) return;
        timer = setTimeout(() => {
          running = begin();
        }, everyMs);
        timer.unref();
      });
  let running = begin();
  return {
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      await running;
    },
  };
}
