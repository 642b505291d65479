import { setTimeout as sleep } from 'node:timers/promises';

/** Lets bytes through at a bounded rate: what else uses a poor link is not starved by a download. */
export interface TokenBucket {
  /** Resolves when so many bytes were within the rate; rejects with the signal's reason. */
  take(bytes: number, signal: AbortSignal): Promise<void>;
}

export interface TokenBucketOptions {
  readonly bytesPerSecond: number;
  /** Monotonic, ms. */
  readonly now?: () => number;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Time for which the bucket saves up unused rate. */
const BURST_SECONDS = 1;

const waitFor = async (ms: number, signal: AbortSignal): Promise<void> => {
  await sleep(ms, undefined, { signal });
};

export function createTokenBucket({
  bytesPerSecond,
  now = () => performance.now(),
  wait = waitFor,
}: TokenBucketOptions): TokenBucket {
  const most = bytesPerSecond * BURST_SECONDS;
  let tokens = most;
  let last = now();
  return {
    async take(bytes, signal) {
      const at = now();
      tokens = Math.min(most, tokens + ((at - last) / 1000) * bytesPerSecond) - bytes;
      last = at;
      // A chunk larger than the bucket runs it into debt, which the next one waits for too.
      if (tokens < 0) await wait((-tokens / bytesPerSecond) * 1000, signal);
    },
  };
}
