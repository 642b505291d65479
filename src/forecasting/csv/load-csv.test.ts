import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CsvError } from './errors.ts';
import { createLoadCsvParser, type LoadCsv, readLoadCsv } from './load-csv.ts';

const START = Date.parse('2026-01-05T00:00:00Z');
const stamp = (minutes: number): string => new Date(START + minutes * 60_000).toISOString();

function read(text: string): LoadCsv {
  const parser = createLoadCsvParser();
  parser.push(text);
  return parser.end();
}

function refusal(text: string): CsvError {
  try {
    read(text);
  } catch (error) {
    if (error instanceof CsvError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

const HEAD = 'timestamp_utc,load_kw';
const row = (i: number, load: string | number): string => `${stamp(i * 60)},${load}`;
const file = (...rows: string[]): string => [HEAD, ...rows].join('\n');

describe('readings from CSV', () => {
  it('are read with every column, in any order, with BOM, CRLF and blank cells', () => {
    const text =
      '\uFEFFpv_kw,timestamp_utc,battery_kw,load_kw,temperature_c\r\n' +
      '1.5,2026-01-05T00:00:00Z,-20,100,21\r\n' +
      ',2026-01-05 01:00Z,,"101.5",\r\n\r\n';
    expect(read(text)).toEqual({
      rows: 3,
      cadenceMinutes: 60,
      notes: [],
      readings: [
        { hour: START, loadKw: 100, pvKw: 1.5, batteryKw: -20, temperatureC: 21 },
        { hour: START + 3_600_000, loadKw: 101.5 },
      ],
    });
  });

  it('are read as a spreadsheet in Brazil writes them', () => {
    const text =
      '\uFEFFtimestamp_utc;load_kw;price_brl_mwh\r\n2026-01-05T00:00:00Z;1.234,5;61,07\r\n' +
      '2026-01-05T01:00:00Z;-12,5;\r\n2026-01-05T02:00:00Z;7;8.5\r\n';
    expect(read(text).readings).toMatchObject([
      { loadKw: 1234.5, priceBrlMwh: 61.07 },
      { loadKw: -12.5 },
      { loadKw: 7, priceBrlMwh: 8.5 },
    ]);
  });

  it.each([
    [5, [0, 9, 9, 9, 0, 0, 0, 0, 0, 0, 0, 8], 6],
    [15, [1, 7, 2, 3], 7],
    [1, Array.from({ length: 60 }, (_, i) => Number(i >= 15 && i < 30)), 1],
  ])('%i minutes apart keep the highest quarter of each hour', (minutes, loads, highest) => {
    const rows = Array.from(
      { length: 3 * loads.length },
      (_, i) => `${stamp(i * minutes)},${loads[i % loads.length]}`,
    );
    expect(read(file(...rows)).readings.map(({ max15Kw }) => max15Kw)).toEqual([highest, highest, highest]);
  });

  it('keep no quarter of an hour that misses one, nor of rows that are too far apart', () => {
    const rows = Array.from({ length: 16 }, (_, i) => `${stamp(i * 15)},${i}`).filter((_, i) => i !== 6);
    expect(read(file(...rows)).readings.map(({ max15Kw }) => max15Kw)).toEqual([3, undefined, 11, 15]);
    const halves = Array.from({ length: 8 }, (_, i) => `${stamp(i * 30)},${i}`);
    expect(read(file(...halves)).readings[0]?.max15Kw).toBeUndefined();
    const given = read('timestamp_utc,load_kw,max15_kw\n2026-01-05T00:00:00Z,5,6.5\n');
    expect(given.readings[0]?.max15Kw).toBe(6.5);
  });

  it('do not depend on how the text is cut', async () => {
    const text = file(...Array.from({ length: 200 }, (_, i) => row(i, i % 24)));
    const whole = read(text);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: text.length }), { maxLength: 12 }),
        async (cuts) => {
          const ends = [...cuts, text.length].sort((a, b) => a - b);
          const parts = ends.map((end, i) => text.slice(ends[i - 1] ?? 0, end));
          expect(await readLoadCsv(parts)).toEqual(whole);
        },
      ),
      { numRuns: 30 },
    );
  });

  it.each([
    [5, 12],
    [15, 4],
    [30, 2],
  ])('%i minutes apart are averaged, and said so', (minutes, perHour) => {
    const rows = Array.from({ length: 48 * perHour }, (_, i) => `${stamp(i * minutes)},${i % perHour}`);
    const { readings, cadenceMinutes, notes } = read(file(...rows));
    expect(readings).toHaveLength(48);
    expect(readings[7]?.loadKw).toBeCloseTo((perHour - 1) / 2, 12);
    expect(cadenceMinutes).toBe(minutes);
    const quarters = minutes <= 15 ? '; the highest quarter of each hour is kept beside' : '';
    expect(notes).toEqual([`Rows ${minutes} min apart were averaged to hours${quarters}.`]);
  });

  it('leave an hour missing that has too few of its rows', () => {
    const rows = Array.from({ length: 192 }, (_, i) => `${stamp(i * 15)},10`).filter(
      (_, i) => i !== 20 && i !== 21,
    );
    const { readings, notes } = read(file(...rows));
    expect(readings[5]?.loadKw).toBeUndefined();
    expect(notes[1]).toBe('Hours with less than three quarters of their rows, left missing: 1.');
  });

  it('merge rows that repeat the one before, and refuse those that contradict it', () => {
    expect(read(file(row(0, 5), row(0, 5), row(1, 6)))).toMatchObject({
      notes: ['Rows that repeat the row before them, merged: 1.'],
    });
    expect(refusal(file(row(0, 5), row(1, 6), row(1, 7)))).toMatchObject({ code: 'conflict', row: 4 });
  });

  it.each([
    ['', 'empty', null],
    ['timestamp_utc,load_kw\n', 'empty', null],
    ['time,load\n', 'header', 1],
    ['timestamp_utc;load_kw\n2026-01-05T00:00:00Z;1,5x\n', 'number', 2],
    ['timestamp_utc;load_kw\n2026-01-05T00:00:00Z;1.23,5\n', 'number', 2],
    ['timestamp_utc,temperature_c\n', 'header', 1],
    ['timestamp_utc,load_kw,load_kw\n', 'header', 1],
    [file('2026-01-05T00:00:00,1'), 'timestamp', 2],
    [file('2026-01-05T00:00:00-03:00,1'), 'timestamp', 2],
    [file(row(0, 1), '05/01/2026 01:00,1'), 'timestamp', 3],
    [file('2026-02-30T00:00:00Z,1'), 'timestamp', 2],
    [file('2026-01-05T24:00:00Z,1'), 'timestamp', 2],
    [file(row(0, 1), row(1, 'NaN')), 'number', 3],
    [file(row(0, 1), row(1, '1e30')), 'number', 3],
    [file(row(0, 1), row(1, 'Infinity')), 'number', 3],
    [file(row(0, 1), row(1, '"1.234,5"')), 'number', 3],
    [file(row(0, 1), row(1, '1,5')), 'syntax', 3],
    [file(row(0, 1), row(1, '"1')), 'syntax', 3],
    [file(row(1, 1), row(0, 1)), 'order', 3],
    [file(row(0, 1), row(3, 1), row(6, 1)), 'wrong-cadence', null],
    [file(...Array.from({ length: 99 }, (_, i) => `${stamp(i * 7)},1`)), 'wrong-cadence', null],
    [`${HEAD}\n${'1'.repeat(5000)}`, 'syntax', 2],
    ['x'.repeat(300_000), 'syntax', 1],
  ])('refuse %j with the row', (text, code, at) => {
    expect(refusal(text)).toMatchObject({ code, row: at });
  });

  it('say what to write instead', () => {
    expect(refusal(file('2026-01-05T00:00:00,1')).message).toMatch(
      /row 2, column timestamp_utc: .*append Z.*local/,
    );
    expect(refusal(file('2026-01-05T00:00:00-03:00,1')).message).toContain(
      'write it as 2026-01-05T03:00:00Z',
    );
    expect(refusal(file(row(0, '"1,5"'))).message).toMatch(/row 2, column load_kw: .*decimals with a point/);
    expect(refusal(file(row(1, 1), row(0, 1))).message).toMatch(/Sort the rows/);
  });

  it('refuse a file whose cadence changes', () => {
    const quarters = Array.from({ length: 400 }, (_, i) => `${stamp(i * 15)},10`);
    const hours = Array.from({ length: 60 }, (_, i) => row(101 + i, 10));
    expect(refusal(file(...quarters, ...hours))).toMatchObject({ code: 'wrong-cadence' });
    expect(refusal(file(...quarters, ...hours)).message).toContain('2026-01-09T');
  });

  it('never fail in another way, whatever the file', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200, unit: 'binary' }), fc.boolean(), (text, headed) => {
        try {
          read(headed ? `${HEAD}\n${text}` : text);
        } catch (error) {
          expect(error).toBeInstanceOf(CsvError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
