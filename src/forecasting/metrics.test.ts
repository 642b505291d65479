import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accuracyWithin,
  byLead,
  byLocalHour,
  NothingToScore,
  pinballLoss,
  type ScoredHours,
  scaleOf,
  summarise,
  worstAndBestHours,
} from './metrics.ts';

function scored(actual: number[], forecast: number[], band = 0): ScoredHours {
  return {
    actual: Float64Array.from(actual),
    forecast: Float64Array.from(forecast),
    lower: Float64Array.from(forecast, (f) => f - band),
    upper: Float64Array.from(forecast, (f) => f + band),
    lead: Uint8Array.from(actual, (_, i) => (i % 48) + 1),
    localHour: Uint8Array.from(actual, (_, i) => i % 24),
  };
}

describe('metrics', () => {
  it('are those of a worked example', () => {
    const hours = scored([100, 200, 0.5, Number.NaN], [110, 180, 1.5, 7], 10);
    const summary = summarise(hours, { meanLoad: 100, dailyNaiveError: 20 });
    expect(summary.mape).toBeCloseTo((0.1 + 0.1) / 2, 12);
    expect(summary.wape).toBeCloseTo(31 / 300.5, 12);
    expect(summary.rmse).toBeCloseTo(Math.sqrt((100 + 400 + 1) / 3), 12);
    expect(summary.mase).toBeCloseTo(31 / 3 / 20, 12);
    expect(summary.coverage90).toBeCloseTo(2 / 3, 12);
    expect(summary).toMatchObject({ hours: 3, excludedHours: 1, mape48h: Number.NaN });
    expect(summary.mape24h).toBeCloseTo(0.1, 12);
  });

  it('measure the window by what is there', () => {
    const load = Float64Array.from({ length: 72 }, (_, i) => (i < 48 ? 10 : 16));
    load[3] = Number.NaN;
    const scale = scaleOf(load);
    expect(scale.meanLoad).toBeCloseTo((47 * 10 + 24 * 16) / 71, 12);
    expect(scale.dailyNaiveError).toBeCloseTo((24 * 6) / 47, 12);
    expect(scaleOf(new Float64Array(100).fill(5)).dailyNaiveError).toBeGreaterThan(0);
  });

  it('say when nothing can be scored', () => {
    const scale = { meanLoad: 500, dailyNaiveError: 20 };
    expect(() => summarise(scored([Number.NaN], [1]), scale)).toThrow(NothingToScore);
    expect(() => summarise(scored([0, 4.9], [1, 1]), scale)).toThrow(/stood still/);
  });

  it('do not care about the unit of the load', () => {
    const values = fc.array(fc.double({ min: 1, max: 1e4, noNaN: true }), { minLength: 60, maxLength: 120 });
    fc.assert(
      fc.property(values, fc.constantFrom(1e-3, 7, 1e3), (load, factor) => {
        const forecast = load.map((value, i) => load[i - 1] ?? value);
        const one = summarise(scored(load, forecast, 5), scaleOf(Float64Array.from(load)));
        const many = load.map((value) => value * factor);
        const other = summarise(
          scored(
            many,
            forecast.map((value) => value * factor),
            5 * factor,
          ),
          scaleOf(Float64Array.from(many)),
        );
        expect(other.mape).toBeCloseTo(one.mape, 6);
        expect(other.wape).toBeCloseTo(one.wape, 6);
        expect(other.mase).toBeCloseTo(one.mase, 6);
      }),
    );
  });

  it('profile the error by lead time and local hour', () => {
    const actual = Array.from({ length: 96 }, () => 100);
    const forecast = actual.map((value, i) => value + (i % 48));
    const hours = scored(actual, forecast, 20);
    const scale = { meanLoad: 100, dailyNaiveError: 1 };
    const leads = byLead(hours, scale);
    expect(leads).toHaveLength(48);
    expect(leads[10]).toMatchObject({ at: 11, meanAbsoluteError: 10, coverage90: 1, hours: 2 });
    expect(leads[47]?.mape).toBeCloseTo(0.47, 12);
    expect(byLocalHour(hours, scale)[5]?.mape).toBeCloseTo((0.05 + 0.29) / 2, 12);
    expect(accuracyWithin(hours, scale, 1, 24)).toBeCloseTo(11 / 24, 12);
    expect(accuracyWithin(hours, scale, 25, 48)).toBe(0);
    expect(worstAndBestHours(hours, scale)).toEqual({ worst: [21, 22, 23], best: [0, 1, 2] });
  });

  it('charge a quantile by its side', () => {
    const loss = pinballLoss(
      Float64Array.of(10, Number.NaN, 10),
      Float64Array.of(8, 12, 0, 0, 11, 10),
      [0.1, 0.9],
    );
    expect(loss).toBeCloseTo((0.1 * 2 + 0.1 * 2 + 0.9 * 1 + 0) / 4, 12);
  });
});
