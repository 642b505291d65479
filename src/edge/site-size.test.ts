import { describe, expect, it } from 'vitest';
import type { Reading } from '../ports/telemetry.ts';
import { siteSize, unitOf } from './site-size.ts';

const readings = (loads: readonly number[]): Reading[] =>
  loads.map((loadKw, i) => ({ hour: new Date(3_600_000 * i).toISOString(), loadKw }));
const week = (load: (hour: number) => number) => readings(Array.from({ length: 168 }, (_, i) => load(i)));
/** 80 kW at night, 300 by day. */
const plant = week((hour) => (hour % 24 > 6 && hour % 24 < 19 ? 300 : 80));

const unitIn = (known: readonly Reading[], kw: number, contractKw: number | null = null) => {
  const size = siteSize(known, contractKw);
  return size && unitOf(kw, size);
};

describe('the unit of a power', () => {
  it.each<[number, string]>([
    [300, 'kW'],
    [-300, 'kW'],
    [900, 'kW'],
    [300_000, 'W'],
    [-80_000, 'W'],
    [0.3, 'MW'],
    [0.08, 'MW'],
    [0, 'kW'],
    // Too little for this site, and no thousandth of what it shows: it stands still.
    [2, 'kW'],
    [0.001, 'kW'],
  ])('%d kW at a plant of 80 to 300 kW is in %s', (kw, unit) => expect(unitIn(plant, kw)).toBe(unit));

  it('is not told before a day is known, nor where loads cross zero', () => {
    expect(unitIn(plant.slice(0, 23), 300_000)).toBeNull();
    expect(
      unitIn(
        week((hour) => 100 * Math.sin(hour)),
        0.1,
      ),
    ).toBe('kW');
    expect(
      unitIn(
        week(() => 0),
        500,
      ),
    ).toBe('kW');
  });

  it('goes by the contract where a site showed little so far', () => {
    const idle = week(() => 2);
    expect(unitIn(idle, 20_000)).toBe('W');
    expect(unitIn(idle, 20_000, 15_000)).toBe('kW');
  });

  it('is told although some hours of another unit were stored', () => {
    const [known, wrong] = [plant.slice(5), readings([300_000, 310_000, 290_000])];
    expect(unitIn([...known, ...wrong], 300_000)).toBe('W');
    expect(unitIn([...known, ...readings([0.3, 0.29, 0.31])], 0.3)).toBe('MW');
  });
});
