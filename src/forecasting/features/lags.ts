import { HISTORY_HOURS, HORIZON_HOURS } from '../horizon.ts';
import { type Algebra, scalar, span } from '../tensor/algebra.ts';
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

/** Position in the history of the hour `days` before the forecast hour of `lead` (1 to 48). */
const position = (lead: number, days: number): number => HISTORY_HOURS + lead - 1 - 24 * days;

const LEADS = Array.from({ length: HORIZON_HOURS }, (_, i) => i + 1);

/** How many recent days {@link Lags.recent} reaches back. */
const RECENT_DAYS = 21;

const DAY_HOURS = 24;

/**
 * Hourly values at the hours of the forecast, as columns, [N, 48, days]: of some days by their number from the end of
 * `hourly` [N, hours], 1 the newest, for the first 24 hours and, of as many, for the second.
 */
export function sameHours<T>(
  g: Algebra<T>,
  hourly: T,
  first: readonly number[],
  second: readonly number[],
): T {
  const days = (g.shapeOf(hourly).at(-1) ?? 0) / DAY_HOURS;
  const rows = g.takeRows(
    g.reshape(hourly, [days, DAY_HOURS]),
    [...first, ...second].map((day) => days - day),
  );
  const byHour = g.transpose(g.reshape(rows, [2, first.length, DAY_HOURS]));
  return g.reshape(byHour, [HORIZON_HOURS, first.length]);
}

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
  const newest = Array.from({ length: RECENT_DAYS }, (_, i) => i + 1);
  // A day later, the second 24 hours must look back a day more: at the same days.
  const byDay = (values: T): T => sameHours(g, values, newest, newest);
  return {
    history,
    historyDayType: types,
    scale: g.max(g.mul(g.sum(lastWeek, 1), scalar(g, 1 / 168)), scalar(g, 1e-6)),
    calendar,
    dayType,
    recent: byDay(history),
    alike: g.equal(byDay(types), g.reshape(dayType, [HORIZON_HOURS, 1])),
    week: [at(g, history, () => 7), at(g, history, () => 14), at(g, history, () => 21)],
  };
}

/** A mean change of late: over the last `hours`, of load minus load `distance` hours before. */
export interface RecentChange {
  readonly hours: number;
  readonly distance: number;
}

/** Changes over the last hours of each distance, and where each of them ends, one distance after the other. */
function differences<T>(g: Algebra<T>, history: T, changes: readonly RecentChange[]) {
  const byDistance = [...Map.groupBy(changes, ({ distance }) => distance)];
  let end = 0;
  const parts = byDistance.map(([distance, own]) => {
    const most = Math.max(...own.map(({ hours }) => hours));
    end += most;
    const now = span(g, history, HISTORY_HOURS - most, HISTORY_HOURS);
    const then = span(g, history, HISTORY_HOURS - most - distance, HISTORY_HOURS - distance);
    return { distance, end, values: g.sub(now, then) };
  });
  return {
    values: g.concat(parts.map(({ values }) => values)),
    length: end,
    ends: new Map(parts.map((part) => [part.distance, part.end])),
  };
}

/** The mean changes, [N, changes]; to the last bit. */
export function recentChanges<T>(g: Algebra<T>, history: T, changes: readonly RecentChange[]): T {
  const { values, length, ends } = differences(g, history, changes);
  const chosen = new Float32Array(length * changes.length);
  changes.forEach(({ hours, distance }, column) => {
    const end = ends.get(distance) ?? 0;
    for (let i = end - hours; i < end; i++) chosen[i * changes.length + column] = 1;
  });
  const shares = changes.map(({ hours }) => 1 / hours);
  const sums = g.sums(values, g.constant(chosen, [length, changes.length]));
  return g.mul(sums, g.constant(shares, [changes.length]));
}

/** Sum over the days of the last axis, [N, 48]: of whole numbers, or of one load among zeros. */
const overDays = <T>(g: Algebra<T>, x: T): T => g.reshape(g.total(x, 2), [HORIZON_HOURS]);

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
  const count = overDays(g, lags.alike);
  const nth = (n: number): T => {
    const load = overDays(g, g.where(g.equal(ranked, scalar(g, n)), lags.recent, scalar(g, 0)));
    return g.where(g.less(count, scalar(g, n)), lags.week[0], load);
  };
  return [nth(1), nth(2), nth(3)];
}

/** Mean same-hour load of the days of the forecast day's type among the nearest `days`; last week's if none. [N, 48] */
export function meanAlike<T>(g: Algebra<T>, lags: Lags<T>, days: number): T {
  const alike = span(g, lags.alike, 0, days);
  const loads = g.where(alike, span(g, lags.recent, 0, days), scalar(g, 0));
  const sum = g.reshape(g.sum(loads, 2), [HORIZON_HOURS]);
  const count = overDays(g, alike);
  const some = g.less(scalar(g, 0.5), count);
  return g.where(some, g.div(sum, g.max(count, scalar(g, 1))), lags.week[0]);
}
