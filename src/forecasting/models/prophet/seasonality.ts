import { CALENDAR_AT } from '../../features/layout.ts';
import { HISTORY_HOURS, HORIZON_HOURS } from '../../horizon.ts';
import { type Algebra, scalar, span } from '../../tensor/algebra.ts';
import { type ByDayType, byDayType, dayFromIssue, wholeDays } from '../day-types.ts';
import { hourOfIssue } from '../hour-of-issue.ts';
import type { ModelView } from '../member.ts';

/**
 * Prophet's seasonal part: a height and a daily Fourier series for each day type (a conditional seasonality, as
 * Prophet's manual advises for loads that differ at weekends), a weekly one, and a shift on holidays, which follow
 * the day type of a Sunday. Without heights of their own, days would hang on the smooth weekly series, which knows
 * no holiday. All of it is a function of the local calendar, so that no absolute time is needed.
 */

/** Harmonics of a day and of a week. */
const DAILY_ORDER = 8;
const WEEKLY_ORDER = 3;
const DAY_TYPES = 3;
const WEEK_HOURS = 168;
const SUNDAY = 6;

/** Day types whose height is a coefficient: that of working days is the trend's. */
const LEVELS = DAY_TYPES - 1;

/** Regressors in the order of the coefficients: daily by day type, heights of the day types, weekly, holiday. */
export const SEASONAL_COLUMNS = DAY_TYPES * 2 * DAILY_ORDER + LEVELS + 2 * WEEKLY_ORDER + 1;

/** Local time of an hour. */
export interface LocalHour {
  readonly hour: number;
  /** 0 Monday. */
  readonly weekday: number;
  readonly holiday: boolean;
  /** 0 working day, 1 Saturday, 2 Sunday or holiday. */
  readonly dayType: number;
}

/** sin and cos of the first `order` harmonics at `phase`, a share of the period. */
function harmonics(phase: number, order: number): number[] {
  return Array.from({ length: 2 * order }, (_, i) => {
    const angle = 2 * Math.PI * phase * (Math.floor(i / 2) + 1);
    return i % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
}

const DAILY = Array.from({ length: 24 }, (_, hour) => harmonics(hour / 24, DAILY_ORDER));
const WEEKLY = Array.from({ length: WEEK_HOURS }, (_, at) => harmonics(at / WEEK_HOURS, WEEKLY_ORDER));

/** The regressors of one hour, [{@link SEASONAL_COLUMNS}]. */
export function seasonalRow({ hour, weekday, holiday, dayType }: LocalHour): number[] {
  const own = DAILY[hour] ?? [];
  const byType = Array.from({ length: DAY_TYPES }, (_, type) => own.map((x) => (type === dayType ? x : 0)));
  const levels = Array.from({ length: LEVELS }, (_, i) => Number(dayType === i + 1));
  return [...byType.flat(), ...levels, ...(WEEKLY[weekday * 24 + hour] ?? []), Number(holiday)];
}

/** Coefficients taken apart. */
interface Parts {
  /** Height and harmonics of the day of each type. */
  readonly byType: ByDayType<{ readonly level: number; readonly harmonics: readonly number[] }>;
  readonly weekly: readonly number[];
  readonly holiday: number;
}

function partsOf(beta: ArrayLike<number>): Parts {
  const all = Array.from(beta);
  const width = 2 * DAILY_ORDER;
  const heights = DAY_TYPES * width;
  const weekly = heights + LEVELS;
  const ofType = (type: number) => ({
    level: type === 0 ? 0 : (all[heights + type - 1] ?? 0),
    harmonics: all.slice(type * width, (type + 1) * width),
  });
  return {
    byType: [ofType(0), ofType(1), ofType(2)],
    weekly: all.slice(weekly, weekly + 2 * WEEKLY_ORDER),
    holiday: all.at(-1) ?? 0,
  };
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);

/** The day of each type by hour, as `write` has it. */
function daysOf<T>({ byType }: Parts, write: (day: readonly number[]) => T): ByDayType<T> {
  const dayOf = ({ level, harmonics: coefficients }: Parts['byType'][number]): T =>
    write(DAILY.map((own) => level + dot(own, coefficients)));
  const [working, saturday, rest] = byType;
  return [dayOf(working), dayOf(saturday), dayOf(rest)];
}

/** Seasonal part of the forecast hours, [N, 48]. */
export function seasonalAhead<T>(g: Algebra<T>, { lags }: ModelView<T>, beta: ArrayLike<number>): T {
  const parts = partsOf(beta);
  const hour = span(g, lags.calendar, CALENDAR_AT.hour, CALENDAR_AT.hour + 24);
  const weekday = span(g, lags.calendar, CALENDAR_AT.weekday, CALENDAR_AT.weekday + 7);
  const holiday = g.reshape(g.take(lags.calendar, [CALENDAR_AT.holiday]), [HORIZON_HOURS]);
  const days = daysOf(parts, (day) => g.reshape(g.matmul(hour, g.constant(day, [24, 1])), [HORIZON_HOURS]));
  const table = Array.from({ length: WEEK_HOURS }, (_, i) =>
    dot(WEEKLY[(i % 7) * 24 + Math.floor(i / 7)] ?? [], parts.weekly),
  );
  const week = g.reshape(g.total(g.mul(g.matmul(hour, g.constant(table, [24, 7])), weekday), 2), [
    HORIZON_HOURS,
  ]);
  const shift = g.mul(holiday, scalar(g, parts.holiday));
  return g.add(g.add(byDayType(g, lags.dayType, days), week), shift);
}

/** One-hots of the issue hour [N, 24] and of its weekday, Monday first [N, 7]. */
interface IssueHour<T> {
  readonly hour: T;
  readonly weekday: T;
}

function issueHour<T>(g: Algebra<T>, { lags, layout }: ModelView<T>): IssueHour<T> {
  const row = g.reshape(lags.calendar, [HORIZON_HOURS * layout.calendarColumns.length]);
  return {
    hour: hourOfIssue(g, lags.calendar),
    weekday: span(g, row, CALENDAR_AT.weekday, CALENDAR_AT.weekday + 7),
  };
}

/** The weekly series over the last `hours`, [N, hours]: its harmonics at the issue hour, turned back. */
function weeklyBehind<T>(
  g: Algebra<T>,
  { hour, weekday }: IssueHour<T>,
  coefficients: readonly number[],
  hours: number,
): T {
  const rank = 2 * WEEKLY_ORDER;
  const inWeek = g.reshape(g.mul(g.reshape(weekday, [7, 1]), g.reshape(hour, [1, 24])), [WEEK_HOURS]);
  const now = g.matmul(inWeek, g.constant(WEEKLY.flat(), [WEEK_HOURS, rank]));
  const table = new Float32Array(rank * hours);
  for (let i = 0; i < hours; i++) {
    const turned = harmonics((i - hours) / WEEK_HOURS, WEEKLY_ORDER);
    for (let k = 0; k < rank; k += 2) {
      const [a = 0, b = 0] = coefficients.slice(k, k + 2);
      const [sin = 0, cos = 0] = turned.slice(k, k + 2);
      table[k * hours + i] = a * cos - b * sin;
      table[(k + 1) * hours + i] = a * sin + b * cos;
    }
  }
  return g.matmul(now, g.constant(table, [rank, hours]));
}

/** 1 on the Sundays of the last `hours`, [N, hours]: a day from the issue hour on ends on the next weekday. */
function sundaysBehind<T>(g: Algebra<T>, { hour, weekday }: IssueHour<T>, hours: number): T {
  const days = hours / 24;
  const isDayOf = (when: number): T => {
    const weekdays = Array.from({ length: days }, (_, i) => (when + days - i + WEEK_HOURS) % 7);
    return g.reshape(g.take(weekday, weekdays), [days, 1]);
  };
  const nextDay = Array.from({ length: 24 * 24 }, (_, i) => Number(Math.floor(i / 24) + (i % 24) >= 24));
  const after = g.reshape(g.matmul(hour, g.constant(nextDay, [24, 24])), [1, 24]);
  const sundays = g.where(after, isDayOf(SUNDAY - 1), isDayOf(SUNDAY));
  return g.reshape(sundays, [hours]);
}

/**
 * Seasonal part of the last `hours` of the history, [N, hours]. Local hours are counted back from the issue
 * hour: across a clock change they are one hour off.
 */
export function seasonalBehind<T>(
  g: Algebra<T>,
  view: ModelView<T>,
  beta: ArrayLike<number>,
  hours: number,
): T {
  const parts = partsOf(beta);
  const issued = issueHour(g, view);
  const types = span(g, view.lags.historyDayType, HISTORY_HOURS - hours, HISTORY_HOURS);
  const days = daysOf(parts, (day) => dayFromIssue(g, issued.hour, day));
  const rest = g.less(scalar(g, 1.5), types);
  const holiday = g.sub(rest, g.mul(rest, sundaysBehind(g, issued, hours)));
  const week = weeklyBehind(g, issued, parts.weekly, hours);
  return g.add(g.add(wholeDays(g, types, days, hours), week), g.mul(holiday, scalar(g, parts.holiday)));
}
