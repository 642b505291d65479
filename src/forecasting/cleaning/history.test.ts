import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../series.ts';
import { bridgeHistory, bridgeSeries, hasHistory, NoHistory } from './history.ts';
import type { HourReading } from './readings.ts';

const ISSUE = Date.parse('2026-05-06T14:00:00Z');
const FIRST = ISSUE - 60 * 24 * HOUR_MS;

function weekly(i: number): number {
  return 200 + 100 * Math.sin((i * 2 * Math.PI) / 24) + 50 * Math.sin((i * 2 * Math.PI) / 168) + (i % 5);
}

/** Sixty days up to and beyond the issue time. */
const readings: HourReading[] = Array.from({ length: 62 * 24 }, (_, i) => ({
  hour: FIRST + i * HOUR_MS,
  loadKw: weekly(i),
  temperatureC: 20 + 5 * Math.sin((i * 2 * Math.PI) / 24),
}));

const hoursBefore = (reading: HourReading): number => (ISSUE - reading.hour) / HOUR_MS;
const without = (from: number, to: number): HourReading[] =>
  readings.filter((reading) => hoursBefore(reading) < from || hoursBefore(reading) > to);

describe('bridged history', () => {
  it('is the 720 hours before the issue time', () => {
    const { load, temperature, filled } = bridgeHistory(readings, ISSUE);
    expect(load).toHaveLength(720);
    expect(load[719]).toBe(weekly(60 * 24 - 1));
    expect(load[0]).toBe(weekly(30 * 24));
    expect(temperature).toHaveLength(720);
    expect(filled).toBe(0);
  });

  it('takes last week’s value for a long gap, the newest hours included', () => {
    const { load, filled } = bridgeHistory(without(1, 40), ISSUE);
    expect(filled).toBe(40);
    expect(load[719]).toBe(weekly(60 * 24 - 1 - 168));
    expect(load[690]).toBe(weekly(60 * 24 - 30 - 168));
  });

  it('never looks at the issue time or after it, whatever comes there', () => {
    const faults = fc.constantFrom(undefined, Number.NaN, 0, 1e30, -5, 77, 1e5);
    fc.assert(
      fc.property(
        fc.array(faults, { minLength: 48, maxLength: 48 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 700 }), { maxLength: 300 }),
        (after, lost) => {
          const gaps = new Set(lost);
          const kept = readings.filter((reading) => !gaps.has(hoursBefore(reading)));
          const past = kept.filter(({ hour }) => hour < ISSUE);
          const future = after.map((loadKw, i) => ({
            hour: ISSUE + i * HOUR_MS,
            loadKw,
            temperatureC: loadKw,
          }));
          expect(bridgeHistory([...past, ...future], ISSUE)).toEqual(bridgeHistory(past, ISSUE));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('is always whole and finite', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 888 }), { maxLength: 380 }), (lost) => {
        const gaps = new Set(lost);
        const { load, filled } = bridgeHistory(
          readings.filter((reading) => !gaps.has(hoursBefore(reading))),
          ISSUE,
        );
        expect(load.every((value) => value >= 40 && value <= 360)).toBe(true);
        expect(filled).toBe(lost.filter((hour) => hour <= 720).length);
      }),
      { numRuns: 40 },
    );
  });

  it('takes metering faults for missing', () => {
    const faulty = readings.map((reading) =>
      hoursBefore(reading) === 5 ? { ...reading, loadKw: 9000 } : reading,
    );
    const { load, filled } = bridgeHistory(faulty, ISSUE);
    expect(filled).toBe(1);
    expect(load[715]).toBeCloseTo(weekly(60 * 24 - 5), -2);
  });

  it('refuses too little, and too old', () => {
    expect(bridgeHistory(without(337, 2000), ISSUE).filled).toBe(720 - 336);
    expect(() => bridgeHistory(without(336, 2000), ISSUE)).toThrow(NoHistory);
    expect(() => bridgeHistory(without(336, 2000), ISSUE)).toThrow(/only 335 .*336 are needed/);
    expect(bridgeHistory(without(1, 167), ISSUE).filled).toBe(167);
    expect(() => bridgeHistory(without(1, 168), ISSUE)).toThrow(/newest usable load/);
    expect(() => bridgeHistory([], ISSUE)).toThrow(NoHistory);
  });

  it('is the same from a series', () => {
    const load = Float64Array.from(readings, ({ loadKw }) => loadKw ?? Number.NaN);
    load.fill(Number.NaN, 1000, 1030);
    const temperature = Float64Array.from(readings, ({ temperatureC }) => temperatureC ?? Number.NaN);
    const kept = readings.filter((_, i) => i < 1000 || i >= 1030);
    const series = { start: FIRST, load, temperature };
    expect(bridgeSeries(series, 60 * 24).load).toEqual(bridgeHistory(kept, ISSUE).load);
    expect([300, 60 * 24].map((position) => hasHistory(series, position))).toEqual([false, true]);
  });

  it('is bridged in a series as far as it goes, however little was measured', () => {
    const load = new Float64Array(1500).fill(Number.NaN);
    load.fill(70, 0, 500);
    const series = { start: FIRST, load, temperature: null };
    expect(bridgeSeries(series, 1000).load.every((value) => value === 70)).toBe(true);
    expect(bridgeSeries(series, 1500).load.every(Number.isFinite)).toBe(true);
    expect(hasHistory(series, 1500)).toBe(false);
  });
});
