const FIRST_MS = 500;
const LONGEST_MS = 300_000;

/**
 * Exponential backoff with full jitter, in milliseconds: `share` (0 to 1) of the span that doubles with each
 * try, at least a tenth of it so that a retry is never immediate.
 */
export function retryDelayMs(tries: number, share: number): number {
  const span = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(tries, 20));
  return Math.round(span * (0.1 + 0.9 * share));
}
