import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rankQuantile, weightedQuantile } from './quantile.ts';

const number = fc.oneof(fc.float({ min: -1000, max: 1000, noNaN: true }), fc.integer({ min: 0, max: 3 }));
const numbers = fc.array(number, { minLength: 1, maxLength: 80 });
const level = fc.double({ min: 0.001, max: 0.999, noNaN: true });

it('is the interpolated value of its rank among the sorted values', () => {
  fc.assert(
    fc.property(numbers, level, (values, share) => {
      const sorted = Float32Array.from(values).sort();
      const rank = Math.min(Math.max(share * (sorted.length + 1), 1), sorted.length);
      const low = sorted[Math.floor(rank) - 1] ?? 0;
      const high = sorted[Math.ceil(rank) - 1] ?? 0;
      const expected = low + (rank - Math.floor(rank)) * (high - low);
      expect(rankQuantile(Float32Array.from(values), share)).toBeCloseTo(expected, 9);
    }),
    { numRuns: 500 },
  );
});

it('counts a value as often as its whole weight says', () => {
  const weighted = fc.array(fc.tuple(number, fc.integer({ min: 1, max: 4 })), {
    minLength: 1,
    maxLength: 20,
  });
  fc.assert(
    fc.property(weighted, level, (pairs, share) => {
      const repeated = pairs.flatMap(([value, weight]) => Array.from({ length: weight }, () => value));
      const sorted = Float32Array.from(repeated).sort();
      const expected = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
      const values = Float32Array.from(pairs, ([value]) => value);
      const weights = Float32Array.from(pairs, ([, weight]) => weight);
      // 0 and -0 are one load.
      expect(weightedQuantile(values, weights, share) === expected).toBe(true);
    }),
    { numRuns: 500 },
  );
});
