import { setTimeout as sleep } from 'node:timers/promises';

/** How often and how patiently work is repeated that may pass later. */
export interface Patience {
  /** Tries in all, the first included. */
  readonly attempts: number;
  /** Before the second try, ms; doubled before each further one. */
  readonly firstPauseMs: number;
}

export interface InsistOptions extends Patience {
  /** Whether the same work may pass when it is repeated. */
  readonly mayPass: (error: unknown) => boolean;
  readonly onRetry: (error: unknown, attempt: number) => void;
}

/**
 * Repeats work until it passes, fails for good or was tried often enough; then throws its last error. The pauses
 * carry jitter of half to one and a half, so that many who failed together do not come back together.
 */
export async function insist<T>(work: () => Promise<T>, options: InsistOptions): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= options.attempts || !options.mayPass(error)) throw error;
      options.onRetry(error, attempt);
      await sleep(options.firstPauseMs * 2 ** (attempt - 1) * (0.5 + Math.random()));
    }
  }
}
