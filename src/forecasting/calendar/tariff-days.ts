import { type Calendar, createCalendar } from './calendar.ts';
import { dateOf } from './day.ts';
import { easterOf, nationalDays } from './national-days.ts';
import type { SpecialDay } from './special-days.ts';

/**
 * Days without ponta beside weekends: the national holidays with Good Friday, and the Tuesday of Carnaval and
 * Corpus Christi, which are no holidays (ANEEL, Resolução Normativa 1.000/2021, art. 2, horário de ponta). State
 * and municipal holidays keep their ponta.
 */
function daysWithoutPeak(year: number): SpecialDay[] {
  const easter = easterOf(year);
  const named = [
    { date: dateOf(easter - 47), name: 'Carnaval (terça-feira)', kind: 'national' as const },
    { date: dateOf(easter + 60), name: 'Corpus Christi', kind: 'national' as const },
  ];
  return [...nationalDays(year).filter(({ kind }) => kind === 'national'), ...named];
}

/** The calendar of the tariff in a zone: ponta is on its working days only. */
export const createTariffCalendar = (zone: string): Calendar =>
  createCalendar({ zone, days: daysWithoutPeak });
