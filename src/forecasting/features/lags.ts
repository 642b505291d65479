import { HISTORY_HOURS, HORIZON_HOURS } from '../horizon.ts';
import { type Algebra, mean, scalar, span } from '../tensor/algebra.ts';
import { blockOf, CALENDAR_AT, type FeatureLayout } from './layout.ts';

/**
 * What the models derive from an input row, written once for training and for the graph. A "day lag" of a
 * forecast hour is the load a whole number of days before it. All loads are in kW; every value is the same
 * to the last bit in training and on the device, since trees compare it.
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
  /** Same-hour load on the 21 newest days on which it is known, nearest first. [N, 48, 21] */
  readonly recent: T;
  /** 1 where that day is of the forecast day's type. [N, 48, 21] */
  readonly alike: T;
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

/** Same-hour values a number of days before each forecast hour, [N, 48]. */
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
  const days = LEADS.flatMap((lead) =>
    Array.from({ length: RECENT_DAYS }, (_, i) => position(lead, firstDay(lead) + i)),
  );
  const byDay = (values: T): T => g.reshape(g.take(values, days), [HORIZON_HOURS, RECENT_DAYS]);
  const apart = g.abs(g.sub(byDay(types), g.reshape(dayType, [HORIZON_HOURS, 1])));
  return {
    history,
    historyDayType: types,
    scale: g.max(mean(g, lastWeek), scalar(g, 1e-6)),
    calendar,
    dayType,
    recent: byDay(history),
    alike: g.less(apart, scalar(g, 0.5)),
    week: [at(g, history, () => 7), at(g, history, () => 14), at(g, history, () => 21)],
  };
}

/** Mean over the last `hours` of load minus load `distance` hours before. [N, 1] */
export function recentChange<T>(g: Algebra<T>, history: T, hours: number, distance: number): T {
  const now = span(g, history, HISTORY_HOURS - hours, HISTORY_HOURS);
  const then = span(g, history, HISTORY_HOURS - hours - distance, HISTORY_HOURS - distance);
  return mean(g, g.sub(now, then));
}

/** Same-hour load of the `i`-th nearest day, [N, 48]. */
export const recentDay = <T>(g: Algebra<T>, lags: Lags<T>, i: number): T =>
  g.reshape(g.take(lags.recent, [i]), [HORIZON_HOURS]);

/** Sum over the days of the last axis, [N, 48]. */
const overDays = <T>(g: Algebra<T>, x: T): T => g.reshape(g.sum(x, 2), [HORIZON_HOURS]);

/**
 * The three nearest same-hour loads of days of the forecast day's type, nearest first; where there are fewer,
 * the load a week before stands in. [N, 48] each.
 */
export function nearestAlike<T>(g: Algebra<T>, lags: Lags<T>): readonly [T, T, T] {
  const upToHere = Array.from({ length: RECENT_DAYS ** 2 }, (_, i) =>
    Number(Math.floor(i / RECENT_DAYS) <= i % RECENT_DAYS),
  );
  // Whole numbers, so the order of adding does not matter.
  const rank = g.matmul(lags.alike, g.constant(upToHere, [RECENT_DAYS, RECENT_DAYS]));
  const ranked = g.mul(rank, lags.alike);
  const nth = (n: number): T => {
    const hit = g.less(g.abs(g.sub(ranked, scalar(g, n))), scalar(g, 0.5));
    const load = overDays(g, g.where(hit, lags.recent, scalar(g, 0)));
    return g.where(g.less(scalar(g, 0.5), overDays(g, hit)), load, lags.week[0]);
  };
  return [nth(1), nth(2), nth(3)];
}

/** Mean same-hour load of the days of the forecast day's type among the nearest `days`; last week's if none. [N, 48] */
export function meanAlike<T>(g: Algebra<T>, lags: Lags<T>, days: number): T {
  const alike = span(g, lags.alike, 0, days);
  const sum = overDays(g, g.where(alike, span(g, lags.recent, 0, days), scalar(g, 0)));
  const count = overDays(g, alike);
  const some = g.less(scalar(g, 0.5), count);
  return g.where(some, g.div(sum, g.max(count, scalar(g, 1))), lags.week[0]);
}
