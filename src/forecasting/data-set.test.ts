import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeDataSet, encodeDataSet, InvalidDataSet } from './data-set.ts';
import { HOUR_MS } from './series.ts';

const START = 490_000 * HOUR_MS;
const column = fc.float64Array({ minLength: 5, maxLength: 5 });

describe('data set', () => {
  it('comes back as it was, and equal series give equal bytes', () => {
    fc.assert(
      fc.property(column, fc.option(column), (load, temperature) => {
        const series = { start: START, load, temperature };
        const bytes = encodeDataSet(series);
        expect(decodeDataSet(bytes)).toEqual(series);
        expect(encodeDataSet(decodeDataSet(bytes))).toEqual(bytes);
      }),
    );
  });

  it('keeps battery, solar and what was issued when', () => {
    const said = (issuedAt: number) => ({
      issuedAt,
      start: START,
      values: Float64Array.of(1, Number.NaN, 3),
    });
    const column = Float64Array.of(1, 2, 3);
    const series = { start: START, load: column, temperature: null, battery: column, pv: column };
    const outlook = { temperature: [said(START - 5), said(START)], price: [said(7)] };
    for (const whole of [series, { ...series, outlook }, { ...series, outlook: { ...outlook, price: [] } }]) {
      const bytes = encodeDataSet(whole);
      expect(decodeDataSet(bytes)).toEqual(whole);
      expect(() => decodeDataSet(bytes.slice(0, -3))).toThrow(InvalidDataSet);
    }
  });

  it('writes every NaN alike', () => {
    const odd = new Float64Array(new BigUint64Array([0x7ff8_0000_dead_beefn, 0xfff8_0000_0000_0001n]).buffer);
    const plain = Float64Array.of(Number.NaN, Number.NaN);
    const encode = (load: Float64Array) => encodeDataSet({ start: START, load, temperature: null });
    expect(encode(odd)).toEqual(encode(plain));
  });

  it('can be read from the middle of a larger buffer', () => {
    const bytes = encodeDataSet({ start: START, load: Float64Array.of(1, 2), temperature: null });
    const padded = new Uint8Array(bytes.length + 7);
    padded.set(bytes, 3);
    expect(decodeDataSet(padded.subarray(3, 3 + bytes.length)).load).toEqual(Float64Array.of(1, 2));
  });

  it('refuses bytes that are cut, padded, of another format, or something else', () => {
    const bytes = encodeDataSet({ start: START, load: Float64Array.of(1, 2, 3), temperature: null });
    const other = bytes.slice();
    other[7] = 2;
    for (const bad of [
      new Uint8Array(0),
      bytes.slice(0, -1),
      Uint8Array.of(...bytes, 0),
      bytes.slice(4),
      other,
    ]) {
      expect(() => decodeDataSet(bad)).toThrow(InvalidDataSet);
    }
    expect(() => decodeDataSet(other)).toThrow(/format 2/);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (noise) => {
        expect(() => decodeDataSet(noise)).toThrow(InvalidDataSet);
      }),
    );
  });
});
