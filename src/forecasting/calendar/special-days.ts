import { type DayNumber, parseDate } from './day.ts';

/**
 * What makes a day special. `customary` days are no legal holiday but most of the industry closes (Carnaval,
 * Corpus Christi); `half` days are worked in part; `bridge` and `shutdown` come from the operator.
 */
export type SpecialDayKind =
  | 'national'
  | 'customary'
  | 'half'
  | 'state'
  | 'municipal'
  | 'bridge'
  | 'shutdown';

export interface SpecialDay {
  /** Local date, `YYYY-MM-DD`. */
  readonly date: string;
  readonly name: string;
  readonly kind: SpecialDayKind;
}

/** The special days of a calendar year, in any order; the same day may appear more than once. */
export type SpecialDays = (year: number) => readonly SpecialDay[];

/** A special day that cannot be read: the row and what to write. */
export class InvalidSpecialDay extends Error {
  override readonly name = 'InvalidSpecialDay';
  readonly row: number;

  constructor(row: number, date: string) {
    super(`Special day ${row}: "${date.slice(0, 40)}" is no date; write it as 2026-01-31.`);
    this.row = row;
  }
}

/** No special days: what a site outside Brazil gets. */
export const noSpecialDays: SpecialDays = () => [];

/**
 * Days given one by one: an operator's import, or the list that a device was sent.
 * @throws {InvalidSpecialDay} counting rows from 1
 */
export function listedDays(days: readonly SpecialDay[]): SpecialDays {
  const byYear = new Map<number, SpecialDay[]>();
  days.forEach((day, i) => {
    if (parseDate(day.date) === null) throw new InvalidSpecialDay(i + 1, day.date);
    const year = Number(day.date.slice(0, 4));
    byYear.set(year, [...(byYear.get(year) ?? []), day]);
  });
  return (year) => byYear.get(year) ?? [];
}

/** What is known of one day, all sources taken together. */
export interface DayMarks {
  readonly holiday: boolean;
  readonly half: boolean;
  readonly bridge: boolean;
}

const OFF: readonly SpecialDayKind[] = ['national', 'customary', 'state', 'municipal', 'shutdown'];

const PLAIN: DayMarks = { holiday: false, half: false, bridge: false };

function marked(before: DayMarks, kind: SpecialDayKind): DayMarks {
  return {
    holiday: before.holiday || OFF.includes(kind),
    half: before.half || kind === 'half',
    bridge: before.bridge || kind === 'bridge',
  };
}

/** Marks by day number, computed a year at a time. */
export function createMarks(days: SpecialDays): (day: DayNumber, year: number) => DayMarks {
  const years = new Map<number, Map<DayNumber, DayMarks>>();

  const load = (year: number): Map<DayNumber, DayMarks> => {
    const marks = new Map<DayNumber, DayMarks>();
    for (const { date, kind } of days(year)) {
      const day = parseDate(date);
      if (day !== null) marks.set(day, marked(marks.get(day) ?? PLAIN, kind));
    }
    years.set(year, marks);
    return marks;
  };
  return (day, year) => (years.get(year) ?? load(year)).get(day) ?? PLAIN;
}
