import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ChampionInService,
  compareOnUnseenDays,
  DEFAULT_TARGET,
  gateMetric,
  judge,
  type TestDay,
  type UnseenComparison,
  UnusableForecast,
} from './gate.ts';
import { HOUR_MS } from './series.ts';

const START = Date.parse('2026-03-02T03:00:00Z');
const DAY = 24 * HOUR_MS;
const SCALE = { meanLoad: 100, dailyNaiveError: 10 };

/** Days on which the challenger errs by `challenger` of the load and the champion by `champion`, give or take. */
function daysOf(count: number, challenger: number, champion: number): TestDay[] {
  return Array.from({ length: count }, (_, d) => {
    const actual = Float64Array.from({ length: 48 }, (_, i) => 100 + 20 * Math.sin(i / 4) + d);
    const wobble = 1 + 0.2 * Math.sin(d * 2);
    return {
      origin: START + d * DAY,
      actual,
      challenger: actual.map((value) => value * (1 + challenger * wobble)),
      champion: actual.map((value) => value * (1 - champion * wobble)),
    };
  });
}

const championOf = (trainedUntil: number): ChampionInService => ({
  version: '1.2.0',
  deploymentId: 'd1',
  trainedUntil,
});

const compare = (days: TestDay[], trainedUntil = START, seed = 1): UnseenComparison =>
  compareOnUnseenDays({ champion: championOf(trainedUntil), days, metric: 'mape', scale: SCALE, seed });

const verdict = (comparison: UnseenComparison | null, extra: object = {}) =>
  judge({
    metric: 'mape',
    target: DEFAULT_TARGET,
    challenger: { mape: 0.05, wape: 0.04 },
    seasonalNaive: { mape: 0.07, wape: 0.06 },
    comparison,
    forceRedeploy: false,
    ...extra,
  }).reason;

describe('gate', () => {
  it('lets the first model pass that meets the target and beats the naive forecast', () => {
    expect(verdict(null)).toBeNull();
    expect(verdict(null, { challenger: { mape: 0.08, wape: 0 } })).toBe('target-missed');
    expect(verdict(null, { challenger: { mape: 0.07, wape: 0 } })).toBe('not-better-than-naive');
    expect(verdict(null, { challenger: { mape: Number.NaN, wape: 0 } })).toBe('target-missed');
    expect(verdict(null, { target: 0.2, challenger: { mape: 0.06, wape: 0 } })).toBeNull();
    expect(verdict(null, { target: 0.04 })).toBe('target-missed');
  });

  it('asks for more than 5 % over the champion', () => {
    expect(verdict(compare(daysOf(14, 0.05, 0.06)))).toBeNull();
    expect(verdict(compare(daysOf(14, 0.058, 0.06)))).toBe('not-better-than-champion');
    expect(verdict(compare(daysOf(14, 0.07, 0.06)))).toBe('not-better-than-champion');
  });

  it('counts only days that begin after the champion’s training data', () => {
    const days = daysOf(14, 0.03, 0.06);
    expect(compare(days, START + 9 * DAY).unseenDays).toBe(5);
    expect(verdict(compare(days, START + 9 * DAY))).toBeNull();
    expect(compare(days, START + 9 * DAY + HOUR_MS).unseenDays).toBe(4);
    expect(verdict(compare(days, START + 9 * DAY + HOUR_MS))).toBe('not-enough-unseen-days');
  });

  it('refuses a champion that was trained on the test days, however much worse it looks', () => {
    const leaked = compare(daysOf(14, 0.01, 0.5), START + 14 * DAY);
    expect(leaked).toMatchObject({ unseenDays: 0, championMape: null, gain: null, gainLower90: null });
    expect(verdict(leaked)).toBe('not-enough-unseen-days');
  });

  it('skips only the comparison when forced', () => {
    const worse = compare(daysOf(14, 0.07, 0.06));
    expect(verdict(worse, { forceRedeploy: true })).toBeNull();
    expect(verdict(worse, { forceRedeploy: true, target: 0.01 })).toBe('target-missed');
    expect(verdict(worse, { forceRedeploy: true, seasonalNaive: { mape: 0.01, wape: 0 } })).toBe(
      'not-better-than-naive',
    );
  });

  it('records every number of the decision', () => {
    const comparison = compare(daysOf(14, 0.05, 0.06));
    const { decision } = judge({
      metric: 'wape',
      target: 0.1,
      challenger: { mape: 9, wape: 0.04 },
      seasonalNaive: { mape: 9, wape: 0.06 },
      comparison,
      forceRedeploy: false,
    });
    expect(decision).toEqual({
      metric: 'wape',
      target: 0.1,
      minimumGain: 0.05,
      minimumUnseenDays: 5,
      challenger: 0.04,
      seasonalNaive: 0.06,
      forced: false,
      comparison,
    });
    expect(comparison.championMape).toBeCloseTo(0.06 * (1 + 0.2 * mean(14)), 6);
    expect(comparison.gain).toBeCloseTo(1 / 6, 6);
  });

  it('gives the same interval for the same seed, around the gain', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.double({ min: 0.01, max: 0.3, noNaN: true }),
            fc.double({ min: 0.01, max: 0.3, noNaN: true }),
          ),
          {
            minLength: 5,
            maxLength: 14,
          },
        ),
        fc.integer(),
        (errors, seed) => {
          const days = errors.map(([challenger, champion], d) => {
            const day = daysOf(1, challenger, champion)[0] as TestDay;
            return { ...day, origin: START + d * DAY };
          });
          const once = compare(days, START, seed);
          expect(compare(days, START, seed)).toEqual(once);
          expect(once.gainLower90).toBeLessThanOrEqual((once.gain ?? 0) + 1e-9);
          expect(once.gainUpper90).toBeGreaterThanOrEqual((once.gain ?? 0) - 1e-9);
          const passes = verdict(once) === null;
          expect(passes).toBe((once.gain ?? 0) > 0.05);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('compares on the same measured hours only, and ignores days with too few', () => {
    const days = daysOf(6, 0.05, 0.06);
    days[0]?.actual.fill(Number.NaN, 11);
    const spoilt = days[1];
    if (spoilt !== undefined) {
      spoilt.actual[3] = Number.NaN;
      spoilt.champion[3] = Number.NaN;
    }
    expect(compare(days)).toMatchObject({ unseenDays: 5 });
    spoilt?.challenger.fill(Number.NaN);
    expect(() => compare(days)).toThrow(UnusableForecast);
  });

  it('judges by WAPE where the load runs below zero', () => {
    expect(gateMetric(Float64Array.of(100, 50, -0.9, Number.NaN), SCALE)).toBe('mape');
    expect(gateMetric(Float64Array.of(100, 50, -1.1, Number.NaN), SCALE)).toBe('wape');
  });
});

function mean(days: number): number {
  return Array.from({ length: days }, (_, d) => Math.sin(d * 2)).reduce((sum, x) => sum + x, 0) / days;
}
