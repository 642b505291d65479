import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../ports/device-store.ts';
import { hourOfSamples } from './hour-of-samples.ts';

const HOUR = Date.parse('2026-03-02T11:00:00Z');
const sample = (minute: number, minutes: 5 | 15, values: Partial<Sample>): Sample => ({
  at: new Date(HOUR + minute * 60_000).toISOString(),
  minutes,
  ...values,
});
const quarters = (loads: readonly (number | undefined)[]): Sample[] =>
  loads.flatMap((loadKw, i) => (loadKw === undefined ? [] : [sample(15 * i, 15, { loadKw })]));
const fives = (loads: readonly (number | undefined)[]): Sample[] =>
  loads.flatMap((loadKw, i) => (loadKw === undefined ? [] : [sample(5 * i, 5, { loadKw })]));
const twelve = (load: (i: number) => number | undefined) =>
  fives(Array.from({ length: 12 }, (_, i) => load(i)));

describe('an hour of samples', () => {
  it.each<[string, Sample[], object | null, boolean]>([
    [
      'has the mean and the highest quarter',
      quarters([100, 200, 400, 300]),
      { loadKw: 250, max15Kw: 400 },
      true,
    ],
    ['has quarters of three samples each', twelve((i) => i), { loadKw: 5.5, max15Kw: 10 }, true],
    ['needs 45 minutes, and all of them for its quarters', quarters([100, 200, 300]), { loadKw: 200 }, false],
    ['is unknown with half of it', quarters([100, undefined, 300]), null, false],
    ['may lack three of twelve', twelve((i) => (i < 9 ? 60 : undefined)), { loadKw: 60 }, false],
    ['may not lack four', twelve((i) => (i < 8 ? 60 : undefined)), null, false],
    [
      'takes the width that covers more of it',
      [...quarters([100, 100, 100]), ...twelve((i) => (i < 6 ? 900 : undefined))],
      { loadKw: 100 },
      false,
    ],
    [
      'takes the finer where both cover as much',
      [...quarters([1, 1, 1, 1]), ...twelve(() => 2)],
      { loadKw: 2, max15Kw: 2 },
      true,
    ],
    ['is unknown without any', [], null, false],
  ])('%s', (_, samples, values, isComplete) => {
    const made = hourOfSamples(HOUR, samples);
    const reading = values === null ? null : { hour: '2026-03-02T11:00:00.000Z', ...values };
    expect(made).toEqual({ reading, isComplete });
  });

  it('judges each value by its own samples', () => {
    const samples = [0, 15, 30, 45].map((minute) =>
      sample(minute, 15, {
        loadKw: 100,
        ...(minute < 45 ? { pvKw: 30 } : {}),
        ...(minute < 30 ? { temperatureC: 20 } : {}),
      }),
    );
    expect(hourOfSamples(HOUR, samples).reading).toEqual({
      ...{ hour: '2026-03-02T11:00:00.000Z', loadKw: 100, pvKw: 30, max15Kw: 100 },
    });
  });

  it('lies between its lowest and its highest sample, and its highest quarter is no less than its mean', () => {
    const loads = fc.array(fc.double({ min: -1000, max: 1000, noNaN: true }), {
      minLength: 12,
      maxLength: 12,
    });
    fc.assert(
      fc.property(loads, (values) => {
        const { loadKw = NaN, max15Kw = NaN } = hourOfSamples(HOUR, fives(values)).reading ?? {};
        expect(loadKw).toBeGreaterThanOrEqual(Math.min(...values) - 1e-9);
        expect(loadKw).toBeLessThanOrEqual(Math.max(...values) + 1e-9);
        expect(max15Kw).toBeGreaterThanOrEqual(loadKw - 1e-9);
      }),
    );
  });
});
