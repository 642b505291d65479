import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSiteCalendar } from '../calendar/site-calendar.ts';
import { cleanReadings } from '../cleaning/clean.ts';
import { HOUR_MS } from '../series.ts';
import { createNoise } from './noise.ts';
import { simulateLoad } from './simulate-load.ts';

const SITE = { seed: 7, zone: 'America/Sao_Paulo', ibgeCode: '3550308' };
const JANUARY = Date.parse('2026-01-01T03:00:00Z');
const YEAR = simulateLoad({ ...SITE, from: JANUARY, hours: 8760 });
const loads = YEAR.map(({ loadKw }) => loadKw ?? Number.NaN);

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Hours of the local day `MM-DD`. */
function day(monthDay: string): number[] {
  const at = (Date.parse(`2026-${monthDay}T03:00:00Z`) - JANUARY) / HOUR_MS;
  return loads.slice(at, at + 24);
}

/** A day of the plant in eight steps, as it looks in a plot. */
function shape(values: number[]): string {
  return values.map((value) => '▁▂▃▄▅▆▇█'[Math.min(7, Math.floor(value / 110))]).join('');
}

describe('simulated load', () => {
  it('is the same for an hour wherever the simulation began', () => {
    fc.assert(
      fc.property(fc.nat({ max: 8000 }), fc.integer({ min: 1, max: 60 }), (offset, hours) => {
        const part = simulateLoad({ ...SITE, from: JANUARY + offset * HOUR_MS, hours });
        expect(part).toEqual(YEAR.slice(offset, offset + hours));
      }),
      { numRuns: 25 },
    );
  });

  it('is another plant with another seed, and another size on demand', () => {
    const other = simulateLoad({ ...SITE, seed: 8, from: JANUARY, hours: 500 });
    expect(other.filter(({ loadKw }, i) => loadKw === loads[i]).length).toBeLessThan(25);
    const small = simulateLoad({ ...SITE, peakKw: 80, from: JANUARY, hours: 500 });
    expect(mean(small.map(({ loadKw }) => loadKw ?? 0)) * 10).toBeCloseTo(mean(loads.slice(0, 500)), 0);
  });

  it('works two shifts, half Saturdays, and rests on Sundays and holidays', () => {
    expect(['05-13', '05-16', '05-17', '06-04'].map((date) => shape(day(date)))).toEqual([
      '▃▃▄▄▄▄▆▇▇▇▇▇▆▇▇▇▇▇▆▆▆▆▅▄',
      '▄▃▃▃▄▄▅▅▅▅▅▅▅▄▄▄▄▄▄▃▃▃▃▃',
      '▃▃▃▃▃▃▃▃▃▃▃▃▃▃▄▃▄▃▃▃▃▃▃▃',
      '▃▃▃▃▃▃▃▃▃▃▃▃▃▄▄▄▄▄▄▃▃▃▃▃',
    ]);
  });

  it('knows Carnaval, city holidays, bridges and half days', () => {
    const workday = mean(day('05-13'));
    expect(mean(day('02-17'))).toBeLessThan(0.65 * workday);
    expect(mean(day('01-26')) - mean(day('01-25'))).toBeGreaterThan(0.3 * workday);
    expect(mean(day('06-05'))).toBeLessThan(0.85 * workday);
    expect(mean(day('02-18').slice(6, 12))).toBeLessThan(0.65 * mean(day('02-18').slice(13, 19)));
    expect(mean(day('12-24').slice(13, 19))).toBeLessThan(0.65 * mean(day('12-22').slice(13, 19)));
  });

  it('needs cooling when it is hot', () => {
    const sundays = YEAR.map((reading, i) => ({ ...reading, i })).filter(
      ({ i }) => Math.floor(i / 24) % 7 === 3 && i % 24 === 15,
    );
    const hot = sundays.filter(({ temperatureC = 0 }) => temperatureC > 29);
    const cool = sundays.filter(({ temperatureC = 0 }) => temperatureC < 21);
    const average = (some: typeof sundays): number => mean(some.map(({ loadKw }) => loadKw ?? 0));
    expect(average(hot)).toBeGreaterThan(1.1 * average(cool));
    const temperatures = YEAR.map(({ temperatureC }) => temperatureC ?? 0);
    expect(mean(temperatures.slice(0, 31 * 24))).toBeGreaterThan(
      mean(temperatures.slice(180 * 24, 211 * 24)) + 4,
    );
    expect(Math.min(...temperatures)).toBeGreaterThan(0);
    expect(Math.max(...temperatures)).toBeLessThan(44);
  });

  it('is neither trivial nor hopeless to forecast', () => {
    const working = loads.slice(60 * 24, 340 * 24);
    const errors = working.slice(168).map((value, i) => Math.abs(value - (working[i] ?? 0)));
    const wape = mean(errors) / mean(working);
    expect(wape).toBeGreaterThan(0.03);
    expect(wape).toBeLessThan(0.15);
  });

  it('is a clean set of readings', () => {
    const calendar = createSiteCalendar(SITE);
    const { report, warmupHours } = cleanReadings(YEAR, {
      calendar,
      from: JANUARY + 60 * 24 * HOUR_MS,
      to: JANUARY + 150 * 24 * HOUR_MS,
      warmupFrom: JANUARY,
    });
    expect(report).toMatchObject({ hours: 2160, missingHours: 0, filledHours: 0 });
    expect(report.findings.filter(({ code }) => code !== 'level-shift')).toEqual([]);
    expect(warmupHours).toBe(1440);
  });
});

describe('noise', () => {
  it('is standard normal and remembers as much as it should', () => {
    const noise = createNoise(3);
    const values = Array.from({ length: 20_000 }, (_, i) => noise.persistent(5, i - 300, 0.75));
    const lagged = mean(values.slice(1).map((value, i) => value * (values[i] ?? 0)));
    expect(mean(values)).toBeCloseTo(0, 1);
    expect(mean(values.map((value) => value * value))).toBeCloseTo(1, 1);
    expect(lagged).toBeCloseTo(0.75, 1);
    const plain = Array.from({ length: 20_000 }, (_, i) => noise.normal(6, i));
    expect(Math.abs(mean(plain.slice(1).map((value, i) => value * (plain[i] ?? 0))))).toBeLessThan(0.03);
  });

  it('is continuous where it should be', () => {
    const noise = createNoise(3);
    for (let x = -2; x < 2; x += 0.01) {
      expect(Math.abs(noise.smooth(1, x + 0.01) - noise.smooth(1, x))).toBeLessThan(0.1);
    }
  });
});
