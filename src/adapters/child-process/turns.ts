/** Lets at most so many pieces of work run at once; those that wait start in the order they came. */
export interface Turns {
  /** Rejects with the signal's reason, without starting, when it is aborted while the work waits. */
  take<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result>;
}

export const createTurns = (most: number): Turns => {
  const waiting = new Set<() => void>();
  let running = 0;

  const turn = (signal: AbortSignal): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const start = (): void => {
      signal.removeEventListener('abort', leave);
      waiting.delete(start);
      running += 1;
      resolve();
    };
    const leave = (): void => {
      waiting.delete(start);
      reject(signal.reason);
    };
    if (running < most) start();
    else {
      waiting.add(start);
      signal.addEventListener('abort', leave, { once: true });
    }
    return promise;
  };

  return {
    async take(work, signal) {
      signal.throwIfAborted();
      await turn(signal);
      try {
        return await work();
      } finally {
        running -= 1;
        const [next] = waiting;
        next?.();
      }
    },
  };
};
