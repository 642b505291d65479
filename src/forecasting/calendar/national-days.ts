import { type DayNumber, dateOf, dayNumber } from './day.ts';
import type { SpecialDay, SpecialDayKind } from './special-days.ts';

/**
 * Brazil's national days by rule. Legal holidays: Laws 662/1949, 6.802/1980, 10.607/2002 and 14.759/2023
 * (20 November, national from 2024). Good Friday is a holiday everywhere by municipal law (Law 9.093/1995).
 * Carnaval and Corpus Christi are no national holidays, but offices, banks and most plants stop.
 */
interface FixedDay {
  readonly month: number;
  readonly day: number;
  readonly name: string;
  readonly kind: SpecialDayKind;
  readonly since?: number;
}

const FIXED: readonly FixedDay[] = [
  { month: 1, day: 1, name: 'Confraternização Universal', kind: 'national' },
  { month: 4, day: 21, name: 'Tiradentes', kind: 'national' },
  { month: 5, day: 1, name: 'Dia do Trabalho', kind: 'national' },
  { month: 9, day: 7, name: 'Independência do Brasil', kind: 'national' },
  { month: 10, day: 12, name: 'Nossa Senhora Aparecida', kind: 'national', since: 1980 },
  { month: 11, day: 2, name: 'Finados', kind: 'national' },
  { month: 11, day: 15, name: 'Proclamação da República', kind: 'national' },
  { month: 11, day: 20, name: 'Zumbi e Consciência Negra', kind: 'national', since: 2024 },
  { month: 12, day: 24, name: 'Véspera de Natal', kind: 'half' },
  { month: 12, day: 25, name: 'Natal', kind: 'national' },
  { month: 12, day: 31, name: 'Véspera de Ano Novo', kind: 'half' },
];

const MOVING: readonly { readonly offset: number; readonly name: string; readonly kind: SpecialDayKind }[] = [
  { offset: -48, name: 'Carnaval (segunda-feira)', kind: 'customary' },
  { offset: -47, name: 'Carnaval (terça-feira)', kind: 'customary' },
  { offset: -46, name: 'Quarta-feira de Cinzas (até 14 h)', kind: 'half' },
  { offset: -2, name: 'Sexta-feira Santa', kind: 'national' },
  { offset: 60, name: 'Corpus Christi', kind: 'customary' },
];

/** Easter Sunday of a Gregorian year; the anonymous algorithm as in Meeus, Astronomical Algorithms, ch. 8. */
export function easterOf(year: number): DayNumber {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = Math.floor(b / 4);
  const g = Math.floor((8 * b + 13) / 25);
  const h = (19 * a + b - d - g + 15) % 30;
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7;
  const m = Math.floor((a + 11 * h + 19 * l) / 433);
  const month = Math.floor((h + l - 7 * m + 90) / 25);
  const day = (h + l - 7 * m + 33 * month + 19) % 32;
  return dayNumber(year, month, day);
}

/** National, customary and half days of a year. */
export function nationalDays(year: number): SpecialDay[] {
  const easter = easterOf(year);
  const fixed = FIXED.filter(({ since }) => since === undefined || year >= since).map(
    ({ month, day, name, kind }) => ({ date: dateOf(dayNumber(year, month, day)), name, kind }),
  );
  const moving = MOVING.map(({ offset, name, kind }) => ({ date: dateOf(easter + offset), name, kind }));
  return [...fixed, ...moving];
}

/** States (by two-letter code) that kept 20 November by their own law before 2024, and since when. */
const BLACK_AWARENESS_STATES: Readonly<Record<string, number>> = {
  AL: 1995,
  AM: 2010,
  AP: 2008,
  MT: 2003,
  RJ: 2002,
  SP: 2023,
};

/** Municipalities (by IBGE code) that did; some 1,200 more exist and come by import. */
const BLACK_AWARENESS_CITIES: Readonly<Record<string, number>> = {
  '3550308': 2004,
};

/** 20 November of the years before it became national, where the state or the city kept it. */
export function earlyBlackAwarenessDay(year: number, state: string, ibgeCode: string): SpecialDay[] {
  if (year >= 2024) return [];
  const date = `${year}-11-20`;
  const name = 'Consciência Negra';
  if (year >= (BLACK_AWARENESS_STATES[state] ?? Infinity)) return [{ date, name, kind: 'state' }];
  if (year >= (BLACK_AWARENESS_CITIES[ibgeCode] ?? Infinity)) return [{ date, name, kind: 'municipal' }];
  return [];
}
