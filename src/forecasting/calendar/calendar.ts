import { HOUR_MS } from '../series.ts';
import { type DayNumber, dateOf, dayNumber, weekdayOf, yearOf } from './day.ts';
import { createMarks, type SpecialDay, type SpecialDays } from './special-days.ts';
import { createZone, DAY_MS } from './zone.ts';

/** One local day of a site. */
export interface LocalDay {
  readonly day: DayNumber;
  /** `YYYY-MM-DD`. */
  readonly date: string;
  /** Monday is 0, Sunday 6. */
  readonly weekday: number;
  /** 1 to 366. */
  readonly dayOfYear: number;
  /** Position in the year, 0 (1 January) up to but not 1. */
  readonly annualPhase: number;
  /** Holiday, customary day off or shutdown: the site is not expected to work. */
  readonly holiday: boolean;
  /** Worked in part by custom (Ash Wednesday, Christmas Eve, New Year's Eve). */
  readonly half: boolean;
  /** A weekday alone between a holiday and a weekend, or named a bridge by the operator. */
  readonly bridge: boolean;
  /** Monday to Friday and no holiday; a bridge or half day still is one. */
  readonly workingDay: boolean;
}

/** Calendar of consecutive hours, one column a property; flags are 0 or 1. See {@link LocalDay}. */
interface LocalHours {
  /** Epoch ms of the first hour. */
  readonly start: number;
  /** Local hour of the day at the hour's start, 0 to 23. */
  readonly hour: Uint8Array;
  readonly weekday: Uint8Array;
  /** Day number of the local date. */
  readonly day: Int32Array;
  readonly dayOfYear: Uint16Array;
  readonly annualPhase: Float64Array;
  readonly holiday: Uint8Array;
  readonly half: Uint8Array;
  readonly bridge: Uint8Array;
  readonly workingDay: Uint8Array;
}

/** Turns UTC hours into a site's local days and hours. Hours are epoch ms of whole UTC hours. */
export interface Calendar {
  readonly zone: string;
  /** Local time minus UTC, in ms. */
  offsetAt(hour: number): number;
  /** Local hour of the day, 0 to 23. */
  hourOf(hour: number): number;
  /** Day number of the local date. */
  dayOf(hour: number): DayNumber;
  localDay(day: DayNumber): LocalDay;
  /** Columns for `count` hours from `start`. */
  hours(start: number, count: number): LocalHours;
  /**
   * First whole UTC hour of every local day that begins within `from <= hour < to`, ascending. Days of 23 and
   * 25 hours come out as such; where the zone is off by half an hour, it is the hour that begins at 00:30.
   */
  midnights(from: number, to: number): number[];
  /** First whole UTC hour of a local day; the next day's is its end. */
  startOf(day: DayNumber): number;
  /** Special days with `from <= date <= to` (local dates as day numbers), ascending by date. */
  specialDays(from: DayNumber, to: DayNumber): SpecialDay[];
}

function emptyHours(start: number, count: number): LocalHours {
  return {
    start,
    hour: new Uint8Array(count),
    weekday: new Uint8Array(count),
    day: new Int32Array(count),
    dayOfYear: new Uint16Array(count),
    annualPhase: new Float64Array(count),
    holiday: new Uint8Array(count),
    half: new Uint8Array(count),
    bridge: new Uint8Array(count),
    workingDay: new Uint8Array(count),
  };
}

function writeDay(columns: LocalHours, i: number, day: LocalDay): void {
  columns.weekday[i] = day.weekday;
  columns.day[i] = day.day;
  columns.dayOfYear[i] = day.dayOfYear;
  columns.annualPhase[i] = day.annualPhase;
  columns.holiday[i] = Number(day.holiday);
  columns.half[i] = Number(day.half);
  columns.bridge[i] = Number(day.bridge);
  columns.workingDay[i] = Number(day.workingDay);
}

const FRIDAY = 4;
const MONDAY = 0;

/** Describes local days, each once. */
function createDays(days: SpecialDays): (day: DayNumber) => LocalDay {
  const known = new Map<DayNumber, LocalDay>();
  const marks = createMarks(days);
  const holiday = (day: DayNumber): boolean => marks(day, yearOf(day)).holiday;

  const describe = (day: DayNumber): LocalDay => {
    const year = yearOf(day);
    const weekday = weekdayOf(day);
    const own = marks(day, year);
    const between = (weekday === FRIDAY && holiday(day - 1)) || (weekday === MONDAY && holiday(day + 1));
    const newYear = dayNumber(year, 1, 1);
    return {
      day,
      date: dateOf(day),
      weekday,
      dayOfYear: day - newYear + 1,
      annualPhase: (day - newYear) / (dayNumber(year + 1, 1, 1) - newYear),
      holiday: own.holiday,
      half: own.half,
      bridge: own.bridge || (between && !own.holiday),
      workingDay: weekday <= FRIDAY && !own.holiday,
    };
  };
  return (day) => {
    const before = known.get(day);
    if (before !== undefined) return before;
    const described = describe(day);
    known.set(day, described);
    return described;
  };
}

/**
 * The calendar of a place: its zone and its special days.
 * @throws {UnknownZone}
 */
export function createCalendar(place: { readonly zone: string; readonly days: SpecialDays }): Calendar {
  const zone = createZone(place.zone);
  const localDay = createDays(place.days);
  const dayOf = (hour: number): DayNumber => Math.floor((hour + zone.offsetAt(hour)) / DAY_MS);
  const hourOf = (hour: number): number => {
    const local = hour + zone.offsetAt(hour);
    return Math.floor((local - Math.floor(local / DAY_MS) * DAY_MS) / HOUR_MS);
  };
  const startOf = (day: DayNumber): number => {
    // The offset at the UTC midnight may be off by a clock change: begin three hours early.
    let hour = Math.ceil((day * DAY_MS - zone.offsetAt(day * DAY_MS)) / HOUR_MS) * HOUR_MS - 3 * HOUR_MS;
    while (dayOf(hour) < day) hour += HOUR_MS;
    return hour;
  };

  return {
    zone: zone.name,
    offsetAt: zone.offsetAt,
    hourOf,
    dayOf,
    localDay,
    startOf,
    hours(start, count) {
      const columns = emptyHours(start, count);
      let today = localDay(dayOf(start));
      for (let i = 0; i < count; i++) {
        const local = start + i * HOUR_MS + zone.offsetAt(start + i * HOUR_MS);
        const day = Math.floor(local / DAY_MS);
        columns.hour[i] = Math.floor((local - day * DAY_MS) / HOUR_MS);
        if (day !== today.day) today = localDay(day);
        writeDay(columns, i, today);
      }
      return columns;
    },
    midnights(from, to) {
      const found: number[] = [];
      const first = dayOf(from);
      for (let day = startOf(first) === from ? first : first + 1; startOf(day) < to; day++) {
        found.push(startOf(day));
      }
      // A zone that skips a whole date gives that date the next one's first hour.
      return found.filter((hour, i) => hour !== found[i - 1]);
    },
    specialDays(from, to) {
      const first = dateOf(from);
      const last = dateOf(to);
      const years = Array.from({ length: yearOf(to) - yearOf(from) + 1 }, (_, i) => yearOf(from) + i);
      return years
        .flatMap((year) => place.days(year))
        .filter(({ date }) => date >= first && date <= last)
        .sort((a, b) => (a.date < b.date ? -1 : Number(a.date > b.date)));
    },
  };
}
