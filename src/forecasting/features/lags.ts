import { HISTORY_HOURS, HORIZON_HOURS } from '../horizon.ts';
import { type Algebra, exactMean, scalar, span } from '../tensor/algebra.ts';
import { blockOf, CALENDAR_AT, type FeatureLayout } from './layout.ts';

/**
 * What the models derive from an input row, written once for training and for the graph. A "day lag" of a
 * forecast hour is the load a whole number of days before it. All loads are in kW; nothing here multiplies
 * matrices, so every value is the same to the last bit in training and on the device.
 */
export interface Lags<T> {
  /** [N, 720] */
  readonly history: T;
  /** Day type of each history hour. [N, 720] */
  readonly historyDayType: T;
  /** Mean |load| of the last week, never 0: the unit that makes a small and a large site alike. [N, 1] */
  readonly scale: T;
  /** [N, 48, C] calendar rows of the forecast hours. */
  readonly calendar: T;
  /** Type of the forecast hour's day: 0 working day, 1 Saturday, 2 Sunday or holiday. [N, 48] */
  readonly dayType: T;
  /** Same-hour load 1 to 22 days before the newest known such hour, nearest first. [N, 48] each. */
  readonly recent: readonly T[];
  /** 1 where that day is of the forecast day's type. [N, 48] each, as `recent`. */
  readonly alike: readonly T[];
  /** Same-hour load 7, 14 and 21 days before. [N, 48] each. */
  readonly week: readonly [T, T, T];
}

/** Whole days that a lag must reach back to be known at the issue time. */
const firstDay = (lead: number): number => (lead <= 24 ? 1 : 2);

/** Position in the history of the hour `days` before the forecast hour of `lead` (1 to 48). */
const position = (lead: number, days: number): number => HISTORY_HOURS + lead - 1 - 24 * days;

const LEADS = Array.from({ length: HORIZON_HOURS }, (_, i) => i + 1);

/** How many recent days {@link Lags.recent} reaches back. */
const RECENT_DAYS = 21;

const at = <T>(g: Algebra<T>, history: T, days: (lead: number) => number): T =>
  g.take(
    history,
    LEADS.map((lead) => position(lead, days(lead))),
  );

function targetDayType<T>(g: Algebra<T>, calendar: T): T {
  const column = (i: number): T => g.reshape(g.take(calendar, [i]), [HORIZON_HOURS]);
  const rest = g.max(column(CALENDAR_AT.holiday), column(CALENDAR_AT.weekday + 6));
  return g.max(g.add(rest, rest), column(CALENDAR_AT.weekday + 5));
}

/** Reads the blocks of `input` [N, F] and derives the lags. */
export function deriveLags<T>(g: Algebra<T>, layout: FeatureLayout, input: T): Lags<T> {
  const block = (name: 'history' | 'history_day_type' | 'calendar'): T => {
    const found = blockOf(layout, name);
    if (found === null) throw new RangeError(`layout ${layout.version} has no ${name} block`);
    const size = found.shape.reduce((n, d) => n * d, 1);
    return span(g, input, found.offset, found.offset + size);
  };
  const history = block('history');
  const types = block('history_day_type');
  const calendar = g.reshape(block('calendar'), [HORIZON_HOURS, layout.calendarColumns.length]);
  const dayType = targetDayType(g, calendar);
  const lastWeek = g.abs(span(g, history, HISTORY_HOURS - 168, HISTORY_HOURS));
  const back = Array.from({ length: RECENT_DAYS }, (_, i) => (lead: number) => firstDay(lead) + i);
  return {
    history,
    historyDayType: types,
    scale: g.max(exactMean(g, lastWeek), scalar(g, 1e-6)),
    calendar,
    dayType,
    recent: back.map((days) => at(g, history, days)),
    alike: back.map((days) => {
      const apart = g.abs(g.sub(at(g, types, days), dayType));
      return g.less(apart, scalar(g, 0.5));
    }),
    week: [at(g, history, () => 7), at(g, history, () => 14), at(g, history, () => 21)],
  };
}

/** Mean over the last `hours` of load minus load `distance` hours before. [N, 1] */
export function recentChange<T>(g: Algebra<T>, history: T, hours: number, distance: number): T {
  const now = span(g, history, HISTORY_HOURS - hours, HISTORY_HOURS);
  const then = span(g, history, HISTORY_HOURS - hours - distance, HISTORY_HOURS - distance);
  return exactMean(g, g.sub(now, then));
}

/**
 * The three nearest same-hour loads of days of the forecast day's type, nearest first; where there are fewer,
 * the load a week before stands in. [N, 48] each.
 */
export function nearestAlike<T>(g: Algebra<T>, lags: Lags<T>): readonly [T, T, T] {
  let [first, second, third]: [T, T, T] = [lags.week[0], lags.week[0], lags.week[0]];
  for (let i = lags.recent.length - 1; i >= 0; i--) {
    const load = lags.recent[i] as T;
    const alike = lags.alike[i] as T;
    third = g.where(alike, second, third);
    second = g.where(alike, first, second);
    first = g.where(alike, load, first);
  }
  return [first, second, third];
}

/** Mean same-hour load of the days of the forecast day's type among the nearest `days`; last week's if none. [N, 48] */
export function meanAlike<T>(g: Algebra<T>, lags: Lags<T>, days: number): T {
  const none = scalar(g, 0);
  let sum = g.mul(lags.week[0], none);
  let count = sum;
  for (let i = 0; i < days; i++) {
    const alike = lags.alike[i] as T;
    sum = g.add(sum, g.where(alike, lags.recent[i] as T, none));
    count = g.add(count, alike);
  }
  const some = g.max(count, scalar(g, 1));
  return g.where(g.less(none, count), g.div(sum, some), lags.week[0]);
}
