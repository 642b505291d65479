import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSiteCalendar } from '../calendar/site-calendar.ts';
import { createTariffCalendar } from '../calendar/tariff-days.ts';
import type { HourReading } from '../cleaning/readings.ts';
import { QUANTILE_LEVELS } from '../horizon.ts';
import { HOUR_MS } from '../series.ts';
import { createNoise } from '../simulation/noise.ts';
import { createDemandLimit, type DemandContract } from './demand-limit.ts';
import { demandRatios } from './demand-ratios.ts';
import { exceedanceProbabilities } from './exceedance.ts';
import { chanceAbove } from './load-distribution.ts';

const ZONE = 'America/Sao_Paulo';
const calendar = createSiteCalendar({ zone: ZONE, ibgeCode: null });
const tariff = createTariffCalendar(ZONE);
const at = (local: string): number => Date.parse(`${local}:00-03:00`);
const contract: DemandContract = {
  peakKw: 500,
  offPeakKw: 1000,
  peakHours: [18, 19, 20],
  tolerance: 0.05,
  validFrom: null,
  validTo: null,
};

describe('the demand that a contract allows', () => {
  const limit = createDemandLimit(contract, tariff);

  it.each([
    ['the hour before ponta', '2026-03-04T17:00', 1050],
    ['the first hour of ponta', '2026-03-04T18:00', 525],
    ['the last hour of ponta', '2026-03-04T20:00', 525],
    ['the hour after ponta', '2026-03-04T21:00', 1050],
    ['a Saturday', '2026-03-07T19:00', 1050],
    ['a Sunday', '2026-03-08T19:00', 1050],
    ['a national holiday', '2026-04-21T19:00', 1050],
    ['Carnaval Tuesday', '2026-02-17T19:00', 1050],
    ['Carnaval Monday, an ordinary day to the tariff', '2026-02-16T19:00', 525],
    ['Corpus Christi', '2026-06-04T19:00', 1050],
    ['a state holiday, an ordinary day to the tariff', '2026-07-09T19:00', 525],
  ])('is that of its post: %s', (_, hour, expected) => {
    expect(limit(at(hour))).toBeCloseTo(expected, 6);
  });

  it('begins and ends with its validity, also within ponta', () => {
    const bounds = { validFrom: '2026-03-04T22:00:00Z', validTo: '2026-03-04T23:00:00Z' };
    const bounded = createDemandLimit({ ...contract, ...bounds }, tariff);
    const hours = ['18:00', '19:00', '20:00'].map((hour) => bounded(at(`2026-03-04T${hour}`)));
    expect(hours).toEqual([null, 525, null]);
  });

  it('is one for all hours where the contract knows no ponta', () => {
    const green = createDemandLimit({ ...contract, peakKw: null }, tariff);
    expect(green(at('2026-03-04T19:00'))).toBeCloseTo(1050, 6);
  });
});

describe('the chance that a load is above', () => {
  const normal = { levels: [0.05, 0.25, 0.5, 0.75, 0.95], kw: [83.55, 93.26, 100, 106.74, 116.45] };

  it('is straight between the quantiles and falls off exponentially beyond them', () => {
    expect(chanceAbove(normal, 100)).toBeCloseTo(0.5, 6);
    expect(chanceAbove(normal, 103.37)).toBeCloseTo(0.375, 6);
    expect(chanceAbove(normal, 116.45)).toBeCloseTo(0.05, 6);
    expect(chanceAbove(normal, 126.16)).toBeCloseTo(0.01, 2);
    expect(chanceAbove(normal, 83.55)).toBeCloseTo(0.95, 6);
  });

  it('falls with the load, within 0 and 1, for any quantiles', () => {
    const step = fc.double({ min: 0, max: 50, noNaN: true });
    const load = fc.double({ min: -1e4, max: 1e4, noNaN: true });
    fc.assert(
      fc.property(fc.array(step, { minLength: 19, maxLength: 19 }), load, load, (steps, a, b) => {
        let sum = -200;
        const distribution = { levels: QUANTILE_LEVELS, kw: steps.map((more) => (sum += more)) };
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const [more, less] = [chanceAbove(distribution, low), chanceAbove(distribution, high)];
        expect(less).toBeLessThanOrEqual(more + 1e-9);
        expect(less).toBeGreaterThanOrEqual(0);
        expect(more).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('is all or nothing where there is no spread', () => {
    const certain = { levels: [0.05, 0.5, 0.95], kw: [100, 100, 100] };
    expect([99, 100, 101].map((x) => chanceAbove(certain, x))).toEqual([1, 0, 0]);
  });
});

const noise = createNoise(7);
const start = at('2026-01-05T00:00');
const expected = (hour: number): number => 600 + 300 * Math.sin((calendar.hourOf(hour) / 24) * 2 * Math.PI);

/** Loads of normal spread about the expected one, with 15-minute values that spread about them in turn. */
function simulated(hour: number): HourReading {
  const i = (hour - start) / HOUR_MS;
  const loadKw = expected(hour) * (1 + 0.05 * noise.normal(1, i));
  const quarters = [0, 1, 2, 3].map((quarter) => 1 + 0.06 * noise.normal(2, 4 * i + quarter));
  const mean = quarters.reduce((a, b) => a + b, 0) / 4;
  return { hour, loadKw, max15Kw: (loadKw * Math.max(...quarters)) / mean };
}

const Z = [-1.645, -1.282, -1.036, -0.842, -0.674, -0.524, -0.385, -0.253, -0.126, 0];
const deviates = [
  ...Z,
  ...Z.slice(0, -1)
    .reverse()
    .map((z) => -z),
];
const distributionAt = (hour: number) => ({
  levels: QUANTILE_LEVELS,
  kw: deviates.map((z) => expected(hour) * (1 + 0.05 * z)),
});

describe('the chance that demand passes its contract', () => {
  const past = Array.from({ length: 60 * 24 }, (_, i) => simulated(start + i * HOUR_MS));
  const ahead = Array.from({ length: 200 * 24 }, (_, i) => start + (60 * 24 + i) * HOUR_MS);

  it('is what then happens, where the quarter-hours are measured', () => {
    const ratios = demandRatios(past, calendar);
    expect(ratios.basis).toBe('max15');
    const limit = (hour: number): number =>
      expected(hour) * (0.95 + 0.25 * noise.uniform(3, (hour - start) / HOUR_MS));
    const hours = ahead.map((hour) => ({ hour, distribution: distributionAt(hour) }));
    const chances = exceedanceProbabilities(hours, { limit, ratios, calendar });
    for (const [from, to] of [
      [0, 0.05],
      [0.05, 0.25],
      [0.25, 0.5],
      [0.5, 0.75],
      [0.75, 1],
    ] as const) {
      const chosen = ahead.flatMap((hour, i) => {
        const chance = chances[i] ?? 0;
        return chance >= from && chance < to
          ? [{ chance, happened: (simulated(hour).max15Kw ?? 0) > limit(hour) }]
          : [];
      });
      expect(chosen.length).toBeGreaterThan(100);
      const said = chosen.reduce((sum, { chance }) => sum + chance, 0) / chosen.length;
      const share = chosen.filter(({ happened }) => happened).length / chosen.length;
      expect(Math.abs(said - share)).toBeLessThan(0.06);
    }
  });

  it('is of the mean, and says so, where they are not', () => {
    const ratios = demandRatios(
      past.map(({ hour, loadKw }) => ({ hour, loadKw })),
      calendar,
    );
    expect(ratios.basis).toBe('hourly-mean');
    const hour = ahead[6] ?? 0;
    const limit = createDemandLimit({ ...contract, offPeakKw: expected(hour) / 1.05 }, tariff);
    const hours = [{ hour, distribution: distributionAt(hour) }];
    expect(exceedanceProbabilities(hours, { limit, ratios, calendar })[0]).toBeCloseTo(0.5, 6);
  });

  it('counts demand after solar and before the battery', () => {
    // The sun takes half of what is used at noon; what the battery gave to the meter is added again.
    const sunny = past.map((reading) => {
      const loadKw = expected(reading.hour);
      const isNoon = calendar.hourOf(reading.hour) === 12;
      const pvKw = isNoon ? loadKw / 2 : 0;
      return { hour: reading.hour, loadKw: loadKw - pvKw - 50, batteryKw: 50, pvKw };
    });
    const ratios = demandRatios(sunny, calendar);
    expect(Math.min(...ratios.at(12, true))).toBeCloseTo(0.5, 6);
    expect(new Set(ratios.at(3, true).map((ratio) => ratio.toFixed(6)))).toEqual(new Set(['1.000000']));
  });

  it('is null without a contract in force, and 0 where demand cannot be', () => {
    const ratios = demandRatios([], calendar);
    const [hour = 0] = ahead;
    const hours = [{ hour, distribution: distributionAt(hour) }];
    const over = createDemandLimit({ ...contract, validTo: new Date(hour).toISOString() }, tariff);
    expect(exceedanceProbabilities(hours, { limit: over, ratios, calendar })).toEqual([null]);
    const wide = createDemandLimit({ ...contract, offPeakKw: 1e6 }, tariff);
    expect(exceedanceProbabilities(hours, { limit: wide, ratios, calendar })[0]).toBeLessThan(1e-9);
  });
});
