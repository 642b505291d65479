import type { Algebra } from '../tensor/algebra.ts';
import { scalar } from '../tensor/algebra.ts';
import { HOURS_OF_DAY } from './hour-of-issue.ts';

/** A value for each day type: working day, Saturday, Sunday or holiday. */
export type ByDayType<T> = readonly [working: T, saturday: T, rest: T];

/** The value of the day type: 0, 1 or 2. */
export function byDayType<T>(g: Algebra<T>, type: T, [working, saturday, rest]: ByDayType<T>): T {
  const weekend = g.where(g.equal(type, scalar(g, 1)), saturday, rest);
  return g.where(g.equal(type, scalar(g, 0)), working, weekend);
}

/** A day's values by local hour, from the hour of the issue on, [N, 24]; `hour` is its one-hot [N, 24]. */
export function dayFromIssue<T>(g: Algebra<T>, hour: T, values: ArrayLike<number>): T {
  const table = Float32Array.from(
    { length: HOURS_OF_DAY ** 2 },
    (_, i) => values[(Math.floor(i / HOURS_OF_DAY) + i) % HOURS_OF_DAY] ?? 0,
  );
  return g.matmul(hour, g.constant(table, [HOURS_OF_DAY, HOURS_OF_DAY]));
}

/**
 * Values of `hours` in a row of the day types given [N, hours], a whole number of days from that of the issue, whose
 * hour each of `days` [N, 24] begins with. [N, hours]
 */
export function wholeDays<T>(g: Algebra<T>, types: T, days: ByDayType<T>, hours: number): T {
  const [working, saturday, rest] = days;
  const everyDay = (day: T): T => g.reshape(day, [1, HOURS_OF_DAY]);
  const byDay = byDayType(g, g.reshape(types, [hours / HOURS_OF_DAY, HOURS_OF_DAY]), [
    everyDay(working),
    everyDay(saturday),
    everyDay(rest),
  ]);
  return g.reshape(byDay, [hours]);
}
