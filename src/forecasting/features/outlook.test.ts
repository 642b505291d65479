import { describe, expect, it } from 'vitest';
import { HOUR_MS, noOutlook } from '../series.ts';
import { outlookAt } from './outlook.ts';

const at = (hour: number): number => hour * HOUR_MS;

/** The prices of a day, said at `issued`; each price is that number. */
const day = (issued: number, first: number) => ({
  issuedAt: at(issued),
  start: at(first),
  values: new Float64Array(24).fill(issued),
});

describe('an outlook at an issue time', () => {
  const price = [day(4800 - 10, 4800), day(4824 - 10, 4824), day(4848 - 10, 4848)];

  it('holds the prices that were published by then, and nothing beyond', () => {
    const { priceForecast, price: past } = outlookAt({ ...noOutlook, price }, at(4806));
    expect([...priceForecast.subarray(0, 18)]).toEqual(new Array(18).fill(4790));
    expect(priceForecast.subarray(18).every(Number.isNaN)).toBe(true);
    expect([...past.subarray(-6)]).toEqual(new Array(6).fill(4790));
    const later = outlookAt({ ...noOutlook, price }, at(4814));
    expect([...later.priceForecast.subarray(8, 12)]).toEqual([4790, 4790, 4814, 4814]);
  });

  it('takes hour by hour the newest that was said', () => {
    const corrected = [
      ...price,
      { issuedAt: at(4805), start: at(4810), values: Float64Array.of(7, Number.NaN) },
    ];
    const sorted = corrected.toSorted((a, b) => a.issuedAt - b.issuedAt);
    const { priceForecast } = outlookAt({ ...noOutlook, price: sorted }, at(4806));
    expect([...priceForecast.subarray(3, 6)]).toEqual([4790, 7, 4790]);
  });

  it('is empty where nothing was said', () => {
    const { temperatureForecast, price: past } = outlookAt(noOutlook, at(5000));
    expect(temperatureForecast.length).toBe(48);
    expect(past.length).toBe(192);
    expect([...temperatureForecast, ...past].every(Number.isNaN)).toBe(true);
  });
});
