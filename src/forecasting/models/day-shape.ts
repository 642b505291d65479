import { sameHours } from '../features/lags.ts';
import { CALENDAR_AT } from '../features/layout.ts';
import { HISTORY_HOURS, HORIZON_HOURS } from '../horizon.ts';
import { type Algebra, scalar, span } from '../tensor/algebra.ts';
import { byDayType, dayFromIssue, wholeDays } from './day-types.ts';
import { hourOfIssue } from './hour-of-issue.ts';
import type { ModelView, TrainingRows } from './member.ts';
import type { RidgeDesign } from './ridge-problem.ts';

/**
 * The site's usual day: the load of each hour of a working day, a Saturday and a Sunday or holiday, in units of
 * the level. The regression follows how the last two weeks deviated from it, where {@link ./weekly-change.ts}
 * follows how they differed from the week before: their errors are of different kinds.
 */
export type DayShape = readonly [working: Float32Array, saturday: Float32Array, rest: Float32Array];

/** Days after which a training day counts half in the shape. */
const HALF_LIFE_DAYS = 30;

/** Hours of history whose deviations are looked at. */
export const REACH_HOURS = 336;

/** Hours over which the deviation is averaged; a whole week's is nothing, since the level is its mean. */
const MEANS = [1, 3, 6, 12, 24, 48, 72, 336] as const;

/** Hour of the forecast hours, [N, 48, 24]. */
const hourOneHot = <T>(g: Algebra<T>, calendar: T): T =>
  span(g, calendar, CALENDAR_AT.hour, CALENDAR_AT.hour + 24);

/** Learns the shape from the hours that followed the origins. */
export function learnDayShape(rows: TrainingRows): DayShape {
  const { calendar, dayType, scale } = rows.view.lags;
  const width = calendar.shape[2] ?? 1;
  const sums = new Float64Array(72);
  const weights = new Float64Array(72);
  const newest = rows.origins.at(-1) ?? 0;
  rows.targets.forEach((load, i) => {
    if (Number.isNaN(load)) return;
    const row = Math.floor(i / HORIZON_HOURS);
    const hour = calendar.data.subarray(i * width, i * width + 24).indexOf(1);
    const slot = (dayType.data[i] as number) * 24 + hour;
    const weight = 0.5 ** ((newest - (rows.origins[row] as number)) / 24 / HALF_LIFE_DAYS);
    sums[slot] = (sums[slot] as number) + (weight * load) / (scale.data[row] as number);
    weights[slot] = (weights[slot] as number) + weight;
  });
  const mean = (slots: readonly number[], otherwise: number): number => {
    const weight = slots.reduce((sum, slot) => sum + (weights[slot] as number), 0);
    return weight === 0 ? otherwise : slots.reduce((sum, slot) => sum + (sums[slot] as number), 0) / weight;
  };
  const shapeOf = (type: number): Float32Array =>
    Float32Array.from({ length: 24 }, (_, hour) =>
      mean([type * 24 + hour], mean([hour, 24 + hour, 48 + hour], 1)),
    );
  return [shapeOf(0), shapeOf(1), shapeOf(2)];
}

/** Usual load of the forecast hours in units of the level, [N, 48]. */
function usualAhead<T>(g: Algebra<T>, { lags }: ModelView<T>, shape: DayShape): T {
  const oneHot = hourOneHot(g, lags.calendar);
  const of = (values: Float32Array): T =>
    g.reshape(g.matmul(oneHot, g.constant(values, [24, 1])), [HORIZON_HOURS]);
  return byDayType(g, lags.dayType, [of(shape[0]), of(shape[1]), of(shape[2])]);
}

/** Deviation of the last two weeks from the usual load, in units of the level, [N, 336]. */
function deviations<T>(g: Algebra<T>, { lags }: ModelView<T>, shape: DayShape): T {
  const hour = hourOfIssue(g, lags.calendar);
  const of = (values: Float32Array): T => dayFromIssue(g, hour, values);
  const recent = (history: T): T => span(g, history, HISTORY_HOURS - REACH_HOURS, HISTORY_HOURS);
  const days = [of(shape[0]), of(shape[1]), of(shape[2])] as const;
  const usual = wholeDays(g, recent(lags.historyDayType), days, REACH_HOURS);
  return g.sub(g.div(recent(lags.history), lags.scale), usual);
}

/** From `deviation` [N, 336]: those at the same hour of some earlier days, and means of late, [N, 48, columns]. */
export function deviationFeatures<T>(g: Algebra<T>, view: ModelView<T>, deviation: T): T {
  const sameHour = sameHours(g, deviation, [1, 2, 3, 7, 14], [1, 2, 3, 6, 13]);
  const table = new Float32Array(REACH_HOURS * MEANS.length);
  MEANS.forEach((hours, column) => {
    for (let i = REACH_HOURS - hours; i < REACH_HOURS; i++) table[i * MEANS.length + column] = 1 / hours;
  });
  const means = g.matmul(deviation, g.constant(table, [REACH_HOURS, MEANS.length]));
  const zeros = g.mul(g.reshape(view.lags.dayType, [HORIZON_HOURS, 1]), scalar(g, 0));
  return g.concat([sameHour, g.add(zeros, g.reshape(means, [1, MEANS.length]))]);
}

/** The deviation from a learnt day shape. */
export const dayShapeDesign = (shape: DayShape): RidgeDesign => ({
  base: (g, view) => g.mul(usualAhead(g, view, shape), view.lags.scale),
  features: (g, view) => deviationFeatures(g, view, deviations(g, view, shape)),
  penalty: 0.1,
});
