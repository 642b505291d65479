import Holidays from 'date-holidays';
import type { SpecialDay, SpecialDayKind } from './special-days.ts';

/**
 * The only municipalities that the library holds days for, and its name for each. For any other city it
 * answers with the state's days and does not say so, hence this list.
 */
const KNOWN_CITIES: Readonly<Record<string, readonly [state: string, region: string]>> = {
  '2611606': ['PE', 'RE'],
  '3106200': ['MG', 'BH'],
  '3304557': ['RJ', 'RJ'],
  '3550308': ['SP', 'SP'],
  '4106902': ['PR', 'CU'],
  '5208707': ['GO', 'GOIANIA'],
};

/** Whether municipal days of this place are known without an import. */
export function knowsCity(ibgeCode: string): boolean {
  return ibgeCode in KNOWN_CITIES;
}

function publicDays(library: Holidays, year: number, kind: SpecialDayKind): SpecialDay[] {
  return library
    .getHolidays(year)
    .filter(({ type }) => type === 'public')
    .map(({ date, name }) => ({ date: date.slice(0, 10), name, kind }));
}

/**
 * Public days of a state, and of its city where that is known, beyond `national` (dates). Election days, which
 * the library lists, are left out: they fall on Sundays.
 */
export function regionalDays(
  state: string,
  ibgeCode: string,
): (year: number, national: ReadonlySet<string>) => SpecialDay[] {
  const ofState = new Holidays('BR', state);
  const [, region] = KNOWN_CITIES[ibgeCode] ?? [];
  const ofCity = region === undefined ? null : new Holidays('BR', state, region);
  return (year, national) => {
    const days = publicDays(ofState, year, 'state').filter(({ date }) => !national.has(date));
    const known = new Set([...national, ...days.map(({ date }) => date)]);
    const city = ofCity === null ? [] : publicDays(ofCity, year, 'municipal');
    return [...days, ...city.filter(({ date }) => !known.has(date))];
  };
}
