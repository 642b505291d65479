import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../series.ts';
import { createCalendar } from './calendar.ts';
import { dateOf, parseDate } from './day.ts';
import { InvalidSpecialDay, listedDays, noSpecialDays } from './special-days.ts';
import { UnknownZone } from './zone.ts';

const of = (zone: string) => createCalendar({ zone, days: noSpecialDays });
const at = (iso: string): number => Date.parse(iso);

const BRAZIL: readonly [zone: string, offset: number][] = [
  ['America/Sao_Paulo', -3],
  ['America/Manaus', -4],
  ['America/Cuiaba', -4],
  ['America/Rio_Branco', -5],
  ['America/Noronha', -2],
];

describe('calendar', () => {
  it.each(BRAZIL)('%s has its own midnight', (zone, offset) => {
    const calendar = of(zone);
    const midnight = at('2026-01-05T00:00:00Z') - offset * HOUR_MS;
    expect(calendar.offsetAt(midnight)).toBe(offset * HOUR_MS);
    expect(calendar.hourOf(midnight)).toBe(0);
    expect(calendar.hourOf(midnight - HOUR_MS)).toBe(23);
    expect(dateOf(calendar.dayOf(midnight))).toBe('2026-01-05');
    expect(calendar.startOf(calendar.dayOf(midnight))).toBe(midnight);
    expect(calendar.localDay(calendar.dayOf(midnight)).weekday).toBe(0);
  });

  it.each([
    ['Europe/London', '2018-03-25', 23],
    ['Europe/London', '2018-10-28', 25],
    ['Australia/Melbourne', '2013-04-07', 25],
    ['Australia/Melbourne', '2013-10-06', 23],
    ['America/Sao_Paulo', '2018-11-04', 23],
    ['America/Sao_Paulo', '2019-02-16', 25],
    ['America/Sao_Paulo', '2026-02-16', 24],
    ['America/Cuiaba', '2018-11-04', 23],
    ['America/Cuiaba', '2019-02-16', 25],
    ['America/Manaus', '2018-11-04', 24],
    // Acre changed its zone twice: to UTC-4 in June 2008, and back in November 2013.
    ['America/Rio_Branco', '2008-06-24', 23],
    ['America/Rio_Branco', '2013-11-09', 25],
    ['America/Rio_Branco', '2013-11-11', 24],
    ['America/Noronha', '2018-11-04', 24],
  ])('%s %s lasts %i hours', (zone, date, length) => {
    const calendar = of(zone);
    const day = parseDate(date) ?? 0;
    const start = calendar.startOf(day);
    expect((calendar.startOf(day + 1) - start) / HOUR_MS).toBe(length);
    expect(calendar.dayOf(start)).toBe(day);
    expect(calendar.dayOf(start - HOUR_MS)).toBe(day - 1);
    expect(new Set(calendar.hours(start, length).day)).toEqual(new Set([day]));
  });

  it('begins a day whose midnight the clocks skip at 01:00', () => {
    const calendar = of('America/Sao_Paulo');
    expect(calendar.hourOf(calendar.startOf(parseDate('2018-11-04') ?? 0))).toBe(1);
  });

  it('agrees with the platform in every hour of three years', () => {
    for (const zone of ['Europe/London', 'Australia/Melbourne', 'America/Sao_Paulo', 'America/Noronha']) {
      const start = at('2017-01-01T00:00:00Z');
      const columns = of(zone).hours(start, 3 * 8760);
      const format = new Intl.DateTimeFormat('sv-SE', {
        timeZone: zone,
        dateStyle: 'short',
        timeStyle: 'short',
      });
      for (let i = 0; i < columns.hour.length; i += 5) {
        const hour = String(columns.hour[i]).padStart(2, '0');
        expect(format.format(start + i * HOUR_MS)).toBe(`${dateOf(columns.day[i] ?? 0)} ${hour}:00`);
      }
    }
  });

  it('lists every local day of a period once, whatever the zone', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(
          'America/Manaus',
          'Europe/London',
          'Australia/Melbourne',
          'Asia/Kolkata',
          'Pacific/Apia',
        ),
        fc.integer({ min: 350_000, max: 480_000 }),
        fc.integer({ min: 1, max: 900 }),
        (zone, hour, length) => {
          const calendar = of(zone);
          const from = hour * HOUR_MS;
          const to = from + length * HOUR_MS;
          const days = calendar.hours(from - HOUR_MS, length + 1).day;
          const begins: number[] = [];
          for (let i = 1; i <= length; i++)
            if (days[i] !== days[i - 1]) begins.push(from + (i - 1) * HOUR_MS);
          expect(calendar.midnights(from, to)).toEqual(begins);
        },
      ),
    );
  });

  it('counts days of the year and the weekday', () => {
    const day = of('UTC').localDay(parseDate('2024-12-31') ?? 0);
    expect(day).toMatchObject({ dayOfYear: 366, weekday: 1, workingDay: true, holiday: false });
    expect(day.annualPhase).toBeCloseTo(365 / 366, 12);
    expect(of('UTC').localDay(parseDate('2023-01-01') ?? 0)).toMatchObject({ dayOfYear: 1, weekday: 6 });
  });

  it('marks the weekday between a holiday and a weekend as a bridge', () => {
    const days = listedDays([
      { date: '2026-06-04', name: 'Corpus Christi', kind: 'customary' },
      { date: '2026-04-21', name: 'Tiradentes', kind: 'national' },
      { date: '2026-07-08', name: 'manutenção', kind: 'bridge' },
      { date: '2026-12-24', name: 'véspera', kind: 'half' },
    ]);
    const calendar = createCalendar({ zone: 'America/Sao_Paulo', days });
    const day = (date: string) => calendar.localDay(parseDate(date) ?? 0);
    expect(day('2026-06-04')).toMatchObject({ holiday: true, workingDay: false, bridge: false });
    expect(day('2026-06-05')).toMatchObject({ holiday: false, workingDay: true, bridge: true });
    expect(day('2026-04-20')).toMatchObject({ bridge: true, workingDay: true });
    expect(day('2026-04-22')).toMatchObject({ bridge: false });
    expect(day('2026-07-08')).toMatchObject({ bridge: true, holiday: false });
    expect(day('2026-12-24')).toMatchObject({ half: true, holiday: false, workingDay: true });
    const first = calendar.startOf(parseDate('2026-06-05') ?? 0);
    const columns = calendar.hours(first - HOUR_MS, 2);
    expect([...columns.holiday, ...columns.bridge, ...columns.workingDay]).toEqual([1, 0, 0, 1, 0, 1]);
  });

  it.each(['Brasilia', 'America/Sao Paulo', '+03:00', '', 'America/Nowhere', '../etc', 'x'.repeat(9999)])(
    'refuses the zone "%s" and says what to write',
    (zone) => {
      expect(() => of(zone)).toThrow(UnknownZone);
      expect(() => of(zone)).toThrow(/America\/Sao_Paulo/);
    },
  );

  it('refuses a special day that is no date', () => {
    expect(() => listedDays([{ date: '2026-02-30', name: 'x', kind: 'municipal' }])).toThrow(
      InvalidSpecialDay,
    );
    expect(() => listedDays([{ date: '30/01/2026', name: 'x', kind: 'municipal' }])).toThrow(/2026-01-31/);
  });
});
