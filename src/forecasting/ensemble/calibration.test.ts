import { describe, expect, it } from 'vitest';
import { HORIZON_HOURS, QUANTILE_LEVELS } from '../horizon.ts';
import { createNoise } from '../simulation/noise.ts';
import { numeric, tensorOf } from '../tensor/numeric.ts';
import { type Calibration, calibrate, type Residuals } from './calibration.ts';
import { LOOK_WEIGHTS, widening } from './drift.ts';

const noise = createNoise(7);

/** Mean |error| of the two looks back of a day, in errors of a size that differs from day to day. */
const recentOf = (sizes: (day: number) => number, day: number): number =>
  LOOK_WEIGHTS.reduce(
    (sum, weight, i) => sum + (weight * (sizes(day - 2 - 2 * i) + sizes(day - 1 - 2 * i))) / 2,
    0,
  );

/** Errors of forecasts issued at the midnights of days `from` to `to`, as large as `size` makes those of a day. */
function errorsOf(from: number, to: number, size: (day: number) => number): Residuals {
  const count = to - from;
  const wandering = (day: number): number => size(day) * Math.exp(0.25 * noise.normal(1, day));
  const relative = Float32Array.from({ length: count * HORIZON_HOURS }, (_, i) => {
    const day = from + Math.floor(i / HORIZON_HOURS) + Math.floor((i % HORIZON_HOURS) / 24);
    return (
      0.05 * wandering(day) * noise.normal(2 + (i % HORIZON_HOURS), from + Math.floor(i / HORIZON_HOURS))
    );
  });
  return {
    count,
    relative,
    localHour: Uint8Array.from(relative, (_, i) => i % 24),
    still: null,
    midnights: Array.from({ length: count }, (_, i) => i),
    recentError: Float32Array.from({ length: count }, (_, r) => 0.04 * recentOf(wandering, from + r)),
  };
}

/** Share of the errors within the 90 % band, which follows the recent error as the outputs do. */
function coverage(calibration: Calibration, { relative, localHour, recentError }: Residuals): number {
  const usual = calibration.usualError ?? Number.NaN;
  const ratios = tensorOf(
    Float32Array.from(recentError ?? [], (error) => error / usual),
    [recentError?.length ?? 0, 1],
  );
  const factors = widening(numeric, ratios).data;
  const [lowest = 0, highest = 0] = [
    calibration.quantiles[0],
    calibration.quantiles[QUANTILE_LEVELS.length - 1],
  ];
  const inside = relative.filter((error, i) => {
    const size =
      (calibration.leadSpread[i % HORIZON_HOURS] ?? 0) * (calibration.hourFactor[localHour[i] ?? 0] ?? 0);
    const unit = size * (factors[Math.floor(i / HORIZON_HOURS)] ?? 0);
    return error >= lowest * unit && error <= highest * unit;
  });
  return inside.length / relative.length;
}

describe('a band', () => {
  const training = errorsOf(0, 74, () => 1 / 1.17);

  it('holds about nine in ten errors while they are as large as they were', () => {
    const calibration = calibrate(
      errorsOf(76, 90, () => 1),
      14,
      training,
    );
    expect(
      coverage(
        calibration,
        errorsOf(90, 180, () => 1),
      ),
    ).toBeGreaterThan(0.88);
    expect(
      coverage(
        calibration,
        errorsOf(90, 180, () => 1),
      ),
    ).toBeLessThan(0.94);
  });

  it.each([0.6, 1.6])('follows errors that become %f times as large for good', (change) => {
    const calibration = calibrate(
      errorsOf(76, 90, () => 1),
      14,
      training,
    );
    const held = coverage(
      calibration,
      errorsOf(92, 180, () => change),
    );
    const { usualError, ...rest } = calibration;
    const still = { ...rest, usualError: (usualError ?? 0) * change };
    const unfollowed = coverage(
      still,
      errorsOf(92, 180, () => change),
    );
    expect(Math.abs(held - 0.9)).toBeLessThan(0.05);
    expect(Math.abs(held - 0.9)).toBeLessThan(Math.abs(unfollowed - 0.9) - 0.02);
  });

  it('is wider after two weeks that were calmer than the window, and narrower after wilder ones', () => {
    const spread = (size: number): number => {
      const backtest = errorsOf(76, 90, () => size);
      const mean = (calibration: Calibration): number =>
        calibration.leadSpread.reduce((a, b) => a + b, 0) / size;
      return mean(calibrate(backtest, 14, training)) / mean(calibrate(backtest, 14, null));
    };
    expect(spread(1)).toBeCloseTo(1, 1);
    expect(spread(0.5)).toBeCloseTo(2 ** (5 / 19), 1);
    expect(spread(2)).toBeCloseTo(0.5 ** (5 / 19), 1);
    expect(spread(20)).toBeCloseTo(0.75, 5);
  });

  it('is not narrower for a plant that stands still for half of the time', () => {
    const stopped = (residuals: Residuals): Residuals => {
      const still = residuals.relative.map((_, i) => Number(i % 24 < 12));
      return { ...residuals, still, relative: residuals.relative.map((e, i) => (still[i] === 1 ? 0 : e)) };
    };
    const unitOf = ({ leadSpread, hourFactor, quantiles }: Calibration): number =>
      (leadSpread[18] ?? 0) * (hourFactor[18] ?? 0) * ((quantiles[18] ?? 0) - (quantiles[0] ?? 0));
    const backtest = errorsOf(76, 90, () => 1);
    const running = calibrate(backtest, 14, training);
    const halfStill = calibrate(stopped(backtest), 14, stopped(training));
    expect(unitOf(halfStill) / unitOf(running)).toBeGreaterThan(0.85);
    expect(halfStill.pathCount).toBe(running.pathCount);
    // With nothing that ran, what stood still is all there is.
    const closed = { ...backtest, still: new Float32Array(backtest.relative.length).fill(1) };
    expect(calibrate(closed, 14, null).quantiles.every(Number.isFinite)).toBe(true);
  });

  it('is learnt from the backtest alone where no training day began at an origin', () => {
    const backtest = errorsOf(76, 90, () => 1);
    expect(calibrate(backtest, 14, null).quantiles.every(Number.isFinite)).toBe(true);
    expect(() =>
      calibrate({ ...backtest, relative: backtest.relative.map(() => Number.NaN) }, 14, null),
    ).toThrow('no backtest hour was measured');
  });
});
