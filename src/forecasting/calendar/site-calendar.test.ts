import { describe, expect, it } from 'vitest';
import { dateOf, parseDate } from './day.ts';
import { stateOf, UnknownPlace } from './ibge.ts';
import { easterOf, nationalDays } from './national-days.ts';
import { createSiteCalendar, holidayKnowledge } from './site-calendar.ts';

const SAO_PAULO = { zone: 'America/Sao_Paulo', ibgeCode: '3550308' };

const isHoliday = (place: { zone: string; ibgeCode: string | null }, date: string): boolean =>
  createSiteCalendar(place).localDay(parseDate(date) ?? 0).holiday;

const datesOf = (year: number, ...kinds: string[]): string[] =>
  nationalDays(year)
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ date }) => date.slice(5))
    .sort();

describe('national days', () => {
  it.each([
    [1961, '04-02'],
    [2000, '04-23'],
    [2008, '03-23'],
    [2019, '04-21'],
    [2024, '03-31'],
    [2025, '04-20'],
    [2026, '04-05'],
    [2027, '03-28'],
    [2038, '04-25'],
  ])('Easter of %i is %s', (year, date) => {
    expect(dateOf(easterOf(year))).toBe(`${year}-${date}`);
  });

  it('are those of 2023, 2024 and 2026', () => {
    const fixed = ['01-01', '04-21', '05-01', '09-07', '10-12', '11-02', '11-15'];
    expect(datesOf(2023, 'national')).toEqual([...fixed, '12-25', '04-07'].sort());
    expect(datesOf(2024, 'national')).toEqual([...fixed, '11-20', '12-25', '03-29'].sort());
    expect(datesOf(2026, 'national')).toEqual([...fixed, '11-20', '12-25', '04-03'].sort());
  });

  it('have Carnaval and Corpus Christi beside them, and half days that are none', () => {
    expect(datesOf(2024, 'customary')).toEqual(['02-12', '02-13', '05-30']);
    expect(datesOf(2025, 'customary')).toEqual(['03-03', '03-04', '06-19']);
    expect(datesOf(2026, 'customary')).toEqual(['02-16', '02-17', '06-04']);
    expect(datesOf(2026, 'half')).toEqual(['02-18', '12-24', '12-31']);
    expect(isHoliday(SAO_PAULO, '2026-02-18')).toBe(false);
  });
});

describe('site calendar', () => {
  it('keeps 20 November everywhere from 2024, and before where state or city did', () => {
    const rio = { zone: 'America/Sao_Paulo', ibgeCode: '3304557' };
    const manaus = { zone: 'America/Manaus', ibgeCode: '1302603' };
    const campinas = { zone: 'America/Sao_Paulo', ibgeCode: '3509502' };
    const florianopolis = { zone: 'America/Sao_Paulo', ibgeCode: '4205407' };
    for (const place of [rio, manaus, campinas, florianopolis, SAO_PAULO]) {
      expect(isHoliday(place, '2024-11-20')).toBe(true);
      expect(isHoliday(place, '2026-11-20')).toBe(true);
    }
    expect(isHoliday(rio, '2018-11-20')).toBe(true);
    expect(isHoliday(manaus, '2018-11-20')).toBe(true);
    expect(isHoliday(SAO_PAULO, '2018-11-20')).toBe(true);
    expect(isHoliday(campinas, '2018-11-20')).toBe(false);
    expect(isHoliday(campinas, '2023-11-20')).toBe(true);
    expect(isHoliday(florianopolis, '2023-11-20')).toBe(false);
  });

  it('adds the days of the state, and of a city that is known', () => {
    expect(isHoliday(SAO_PAULO, '2025-07-09')).toBe(true);
    expect(isHoliday(SAO_PAULO, '2025-01-25')).toBe(true);
    const campinas = { zone: 'America/Sao_Paulo', ibgeCode: '3509502' };
    expect(isHoliday(campinas, '2025-07-09')).toBe(true);
    expect(isHoliday(campinas, '2025-01-25')).toBe(false);
    expect(isHoliday({ zone: 'America/Bahia', ibgeCode: '2927408' }, '2025-07-02')).toBe(true);
  });

  it.each(['2611606', '3106200', '3304557', '3550308', '4106902', '5208707'])(
    'knows days of the city %s beyond those of its state',
    (ibgeCode) => {
      const calendar = createSiteCalendar({ zone: 'America/Sao_Paulo', ibgeCode });
      const days = calendar.specialDays(parseDate('2025-01-01') ?? 0, parseDate('2025-12-31') ?? 0);
      expect(days.filter(({ kind }) => kind === 'municipal')).not.toEqual([]);
    },
  );

  it('says how much it knows, and takes an operator’s days', () => {
    const campinas = { zone: 'America/Sao_Paulo', ibgeCode: '3509502' };
    const imported = [{ date: '2026-12-08', name: 'Nossa Senhora da Conceição', kind: 'municipal' as const }];
    expect(holidayKnowledge(SAO_PAULO)).toBe('city');
    expect(holidayKnowledge(campinas)).toBe('state');
    expect(holidayKnowledge({ ...campinas, imported })).toBe('city');
    expect(holidayKnowledge({ zone: 'America/Manaus', ibgeCode: null })).toBe('national');
    expect(holidayKnowledge({ zone: 'Europe/London', ibgeCode: null })).toBe('none');
    const calendar = createSiteCalendar({ ...campinas, imported });
    expect(calendar.localDay(parseDate('2026-12-08') ?? 0).holiday).toBe(true);
  });

  it('lists what a device needs for the next 400 days in order', () => {
    const calendar = createSiteCalendar(SAO_PAULO);
    const from = parseDate('2026-11-23') ?? 0;
    const days = calendar.specialDays(from, from + 400);
    expect(days[0]).toMatchObject({ date: '2026-12-24', kind: 'half' });
    expect(days.map(({ date }) => date)).toEqual(days.map(({ date }) => date).sort());
    expect(days.filter(({ date }) => date === '2027-11-20')).toHaveLength(1);
  });

  it('has no holidays outside Brazil', () => {
    expect(isHoliday({ zone: 'Europe/London', ibgeCode: null }, '2018-12-25')).toBe(false);
    expect(isHoliday({ zone: 'America/Noronha', ibgeCode: null }, '2018-12-25')).toBe(true);
  });

  it.each(['9950308', '3550309', '355030', '35503080', 'abcdefg', '', '0000000'])(
    'refuses the place "%s"',
    (ibgeCode) => {
      expect(() => createSiteCalendar({ zone: 'America/Sao_Paulo', ibgeCode })).toThrow(UnknownPlace);
      expect(() => stateOf(ibgeCode)).toThrow(/3550308/);
    },
  );

  it('accepts the nine official codes that break the check-digit rule', () => {
    expect(stateOf('4305871')).toBe('RS');
    expect(stateOf('2201919')).toBe('PI');
  });
});
