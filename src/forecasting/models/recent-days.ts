import { HISTORY_HOURS, HORIZON_HOURS } from '../horizon.ts';
import { type Algebra, scalar, span } from '../tensor/algebra.ts';
import { type DayShape, deviationFeatures, REACH_HOURS } from './day-shape.ts';
import { type ByDayType, dayFromIssue, wholeDays } from './day-types.ts';
import { HOURS_OF_DAY, hourOfIssue } from './hour-of-issue.ts';
import type { ModelView } from './member.ts';
import type { RidgeDesign } from './ridge-problem.ts';

/**
 * The usual day of each type as the row's own history shows it: where {@link ./day-shape.ts} has learnt one shape,
 * this one follows the season, and a model of a whole year does not hold last summer's days for usual.
 */

const DAYS = HISTORY_HOURS / HOURS_OF_DAY;

/** Days of the learnt shape that count with those of the history: a type may have no day in it. */
const LEARNT_DAYS = 1;

/** The usual day of each type from the hour of the issue on, in units of the level, [N, 24] each. */
function usualDays<T>(g: Algebra<T>, { lags }: ModelView<T>, shape: DayShape): ByDayType<T> {
  const hour = hourOfIssue(g, lags.calendar);
  const days = g.reshape(g.div(lags.history, lags.scale), [DAYS, HOURS_OF_DAY]);
  const types = g.reshape(lags.historyDayType, [DAYS, HOURS_OF_DAY]);
  const overDays = (x: T): T => g.reshape(g.total(x, 1), [HOURS_OF_DAY]);
  const ofType = (type: 0 | 1 | 2): T => {
    const alike = g.equal(types, scalar(g, type));
    const learnt = g.mul(dayFromIssue(g, hour, shape[type]), scalar(g, LEARNT_DAYS));
    return g.div(g.add(overDays(g.mul(alike, days)), learnt), g.add(overDays(alike), scalar(g, LEARNT_DAYS)));
  };
  return [ofType(0), ofType(1), ofType(2)];
}

/** The deviation from the usual day of late; `shape` stands in where the history has too few days of a type. */
export const recentDaysDesign = (shape: DayShape): RidgeDesign => ({
  base(g, view) {
    const usual = wholeDays(g, view.lags.dayType, usualDays(g, view, shape), HORIZON_HOURS);
    return g.mul(usual, view.lags.scale);
  },
  features(g, view) {
    const { history, historyDayType, scale } = view.lags;
    const types = span(g, historyDayType, HISTORY_HOURS - REACH_HOURS, HISTORY_HOURS);
    const recent = g.div(span(g, history, HISTORY_HOURS - REACH_HOURS, HISTORY_HOURS), scale);
    const usual = wholeDays(g, types, usualDays(g, view, shape), REACH_HOURS);
    return deviationFeatures(g, view, g.sub(recent, usual));
  },
  penalty: 0.1,
});
