import { describe, expect, it } from 'vitest';
import { ANCHORS, anchorShare, HOURS_OF_DAY } from './hour-of-issue.ts';
import { robustRidge, type Sample } from './least-squares.ts';
import { createRandom } from './xgboost/random.ts';

const ROWS = 960;

/** y = 1 + slope(hour)·x₀ − 0.5·x₁ and a little noise; each hour of the day as often as any other. */
function sampleOf(slope: (hour: number) => number, wild = 0): Sample {
  const random = createRandom(7);
  const values = Float64Array.from({ length: ROWS * 2 }, () => random() - 0.5);
  const hours = Uint8Array.from({ length: ROWS }, (_, r) => r % HOURS_OF_DAY);
  const targets = Float64Array.from({ length: ROWS }, (_, r) => {
    const [first = 0, second = 0] = values.subarray(2 * r, 2 * r + 2);
    const outlier = r % 10 < wild ? 50 : 0;
    return 1 + slope(r % HOURS_OF_DAY) * first - 0.5 * second + 0.02 * (random() - 0.5) + outlier;
  });
  return { values, columns: 2, targets, hours };
}

describe('regressions over the hours of the day', () => {
  it('mix anchors whose shares sum to 1 at every hour', () => {
    for (let hour = 0; hour < HOURS_OF_DAY; hour++) {
      const shares = Array.from({ length: ANCHORS }, (_, anchor) => anchorShare(hour, anchor));
      expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
      expect(shares.filter((share) => share > 0).length).toBeLessThanOrEqual(2);
    }
    expect(anchorShare(0, 0)).toBe(1);
    expect(anchorShare(21, 0)).toBeCloseTo(0.5);
  });

  it('find what holds at all hours', () => {
    for (const { intercept, coefficients } of robustRidge(
      sampleOf(() => 2),
      1e-6,
    )) {
      expect(intercept).toBeCloseTo(1, 2);
      expect(coefficients[0]).toBeCloseTo(2, 1);
      expect(coefficients[1]).toBeCloseTo(-0.5, 1);
    }
  });

  it('find what differs between night and noon', () => {
    const fits = robustRidge(
      sampleOf((hour) => 2 - Math.abs(12 - hour) / 6),
      1e-6,
    );
    const slopes = fits.map(({ coefficients }) => coefficients[0] ?? 0);
    expect(slopes[0]).toBeLessThan(0.8);
    expect(slopes[2]).toBeGreaterThan(1.2);
    expect(Math.abs((slopes[1] ?? 0) - (slopes[3] ?? 0))).toBeLessThan(0.1);
  });

  it('are not bent by one wild hour in ten, and shrink as the penalty grows', () => {
    const [fit] = robustRidge(
      sampleOf(() => 2, 1),
      1e-6,
    );
    // A mean would be 5 too high.
    expect(Math.abs((fit?.intercept ?? 0) - 1)).toBeLessThan(0.2);
    const [shrunk] = robustRidge(
      sampleOf(() => 2),
      1,
    );
    expect(shrunk?.coefficients[0]).toBeGreaterThan(0.8);
    expect(shrunk?.coefficients[0]).toBeLessThan(1.3);
  });

  it('give a column that hardly moved next to no coefficient', () => {
    const sample = sampleOf(() => 2);
    const still = sample.values.map((value, i) => (i % 2 === 0 ? value : value * 1e-4));
    for (const { coefficients } of robustRidge({ ...sample, values: still }, 0.1)) {
      expect(Math.abs(coefficients[1] ?? 0)).toBeLessThan(5);
    }
  });
});
