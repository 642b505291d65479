import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTokenBucket } from './token-bucket.ts';

const never = new AbortController().signal;

/** A bucket on a clock that only waiting moves. */
function bucketOf(bytesPerSecond: number) {
  let clock = 0;
  const bucket = createTokenBucket({
    bytesPerSecond,
    now: () => clock,
    wait: async (ms) => {
      clock += ms;
    },
  });
  return { bucket, elapsed: () => clock, rest: (ms: number) => (clock += ms) };
}

describe('a token bucket', () => {
  it('keeps any chunks within the rate, but for one second that was saved up', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1_000, max: 1_000_000 }),
        fc.array(fc.integer({ min: 1, max: 200_000 }), { minLength: 1, maxLength: 50 }),
        async (rate, chunks) => {
          const { bucket, elapsed } = bucketOf(rate);
          for (const chunk of chunks) await bucket.take(chunk, never);
          const bytes = chunks.reduce((sum, chunk) => sum + chunk, 0);
          expect(elapsed() / 1000).toBeCloseTo(Math.max(0, bytes / rate - 1), 3);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('saves up no more than a second', async () => {
    const { bucket, elapsed, rest } = bucketOf(1_000);
    rest(3_600_000);
    await bucket.take(3_000, never);
    expect(elapsed() - 3_600_000).toBeCloseTo(2_000, 3);
  });

  it('ends its wait when told to', async () => {
    const stop = new AbortController();
    const waiting = createTokenBucket({ bytesPerSecond: 1 }).take(1_000, stop.signal);
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow();
  });
});
