import {
  type Lags,
  meanAlike,
  nearestAlike,
  type RecentChange,
  recentChanges,
  sameHours,
} from '../features/lags.ts';
import { blockOf, TEMPERATURE_HOURS } from '../features/layout.ts';
import { HORIZON_HOURS } from '../horizon.ts';
import { type Algebra, mean, scalar, span } from '../tensor/algebra.ts';
import type { ModelView } from './member.ts';
import type { RidgeDesign } from './ridge-problem.ts';

const WEEK = 168;

/** Recent changes against a week, two weeks and a day before. */
const CHANGES: readonly RecentChange[] = [
  ...[1, 3, 6, 12, 24, 72].map((hours) => ({ hours, distance: WEEK })),
  { hours: 24, distance: 2 * WEEK },
  { hours: WEEK, distance: WEEK },
  ...[1, 6, 24].map((hours) => ({ hours, distance: 24 })),
];

/** Recent days whose same-hour load is a feature: the nearest three and some of the week; two and three weeks ago. */
const RECENT = [1, 2, 3, 4, 5, 6, 8] as const;
const WEEKS = [14, 21] as const;

/**
 * How same-hour loads of other days, and the level of late, differ from last week's load, in units of the row's
 * level: [N, 48, columns]. Built from single roundings only, so that trees may compare them.
 */
export function changeFeatures<T>(g: Algebra<T>, lags: Lags<T>): T {
  const column = (x: T): T => g.reshape(x, [HORIZON_HOURS, 1]);
  const lastWeek = column(lags.week[0]);
  const alike = [...nearestAlike(g, lags), meanAlike(g, lags, 14)].map(column);
  // The same weekday as of the second 24 hours is a day nearer to the end of the history.
  const nextWeeks = WEEKS.map((days) => days - 1);
  const sameHour = sameHours(g, lags.history, [...RECENT, ...WEEKS], [...RECENT, ...nextWeeks]);
  const byHour = g.sub(g.concat([sameHour, ...alike]), lastWeek);
  const byRow = g.div(recentChanges(g, lags.history, CHANGES), lags.scale);
  const everyHour = g.add(g.mul(lastWeek, scalar(g, 0)), g.reshape(byRow, [1, CHANGES.length]));
  return g.concat([g.div(byHour, g.reshape(lags.scale, [1, 1])), everyHour]);
}

/** Hours over which the recent change of the temperature against a week before is averaged. */
const WARMINGS = [6, 24] as const;

/** °C that count as one unit, so that the penalty meets columns of like size. */
const DEGREES = 50;

/**
 * How much warmer it was of late than a week before, [N, 48, columns]; hours without both temperatures count as
 * no change, and a site without a sensor has no column.
 */
function warmingFeatures<T>(g: Algebra<T>, { layout, input, lags }: ModelView<T>): T[] {
  const block = blockOf(layout, 'temperature_history');
  if (block === null) return [];
  const temperature = span(g, input, block.offset, block.offset + TEMPERATURE_HOURS);
  const zeros = g.mul(lags.dayType, scalar(g, 0));
  return WARMINGS.map((hours) => {
    const now = span(g, temperature, TEMPERATURE_HOURS - hours, TEMPERATURE_HOURS);
    const then = span(g, temperature, TEMPERATURE_HOURS - hours - 168, TEMPERATURE_HOURS - 168);
    const change = g.sub(now, then);
    const known = g.less(g.abs(change), scalar(g, 1e6));
    const warmer = mean(g, g.where(known, change, scalar(g, 0)));
    return g.reshape(g.add(zeros, g.div(warmer, scalar(g, DEGREES))), [HORIZON_HOURS, 1]);
  });
}

/** The change against the same hour a week before. */
export const weeklyChange: RidgeDesign = {
  base: (_g, { lags }) => lags.week[0],
  features: (g, view) => g.concat([changeFeatures(g, view.lags), ...warmingFeatures(g, view)]),
  penalty: 0.2,
};
