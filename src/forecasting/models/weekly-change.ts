import { type Lags, meanAlike, nearestAlike, recentChange, recentDay } from '../features/lags.ts';
import { blockOf, TEMPERATURE_HOURS } from '../features/layout.ts';
import { HORIZON_HOURS } from '../horizon.ts';
import { type Algebra, mean, scalar, span } from '../tensor/algebra.ts';
import type { ModelView } from './member.ts';
import type { RidgeDesign } from './ridge-problem.ts';

/** Hours over which the recent change against a week before is averaged. */
const WEEKLY_CHANGES = [1, 3, 6, 12, 24, 72] as const;
const DAILY_CHANGES = [1, 6, 24] as const;

/** Positions in `recent` whose same-hour load is a feature: the nearest three days and some of the week. */
const RECENT = [0, 1, 2, 3, 4, 5, 7] as const;

/**
 * How same-hour loads of other days, and the level of late, differ from last week's load, in units of the row's
 * level: [N, 48, columns]. Built from single roundings only, so that trees may compare them.
 */
export function changeFeatures<T>(g: Algebra<T>, lags: Lags<T>): T {
  const { week, scale, history } = lags;
  const [lastWeek, twoWeeks, threeWeeks] = week;
  const byHour = [
    ...RECENT.map((i) => recentDay(g, lags, i)),
    twoWeeks,
    threeWeeks,
    ...nearestAlike(g, lags),
    meanAlike(g, lags, 14),
  ].map((load) => g.sub(load, lastWeek));
  const byRow = [
    ...WEEKLY_CHANGES.map((hours) => recentChange(g, history, hours, 168)),
    recentChange(g, history, 24, 336),
    recentChange(g, history, 168, 168),
    ...DAILY_CHANGES.map((hours) => recentChange(g, history, hours, 24)),
  ];
  const zeros = g.mul(lastWeek, scalar(g, 0));
  const columns = [...byHour, ...byRow.map((change) => g.add(zeros, change))];
  return g.concat(columns.map((column) => g.reshape(g.div(column, scale), [HORIZON_HOURS, 1])));
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
