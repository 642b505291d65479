import { meanAlike, nearestAlike } from '../features/lags.ts';
import { scalar } from '../tensor/algebra.ts';
import { type DayShape, learnDayShape } from './day-shape.ts';
import { deviationDesign } from './long-window.ts';
import type { FittedModel, Member } from './member.ts';
import { recentDaysDesign } from './recent-days.ts';
import { fitByLead, type RidgeState, ridgeModel } from './ridge-by-lead.ts';
import type { RidgeDesign } from './ridge-problem.ts';
import { seasonsSpanned } from './season.ts';

/** Days that the mean of a day type looks back over. */
const PROFILE_DAYS = 14;

/** Half the 14-day mean of the same hour on days of the same type, half the last such day. */
export const profileModel: FittedModel = {
  forecast(g, { lags }) {
    const [last] = nearestAlike(g, lags);
    return g.mul(g.add(meanAlike(g, lags, PROFILE_DAYS), last), scalar(g, 0.5));
  },
};

/** What the profile learnt: the usual days, and how the last two weeks' deviation from them goes on. */
export interface ProfileState {
  /** Whether the window was longer than a season. */
  readonly long: boolean;
  readonly shape: DayShape;
  readonly deviation: RidgeState;
}

const designOf = (shape: DayShape, long: boolean): RidgeDesign =>
  deviationDesign(recentDaysDesign(shape), long);

/**
 * The usual day of each type in the last 30 days, and a regression per lead on how the last two weeks deviated
 * from it (docs/decisions/0022).
 */
export const profile: Member<ProfileState> = {
  name: 'profile',
  async fit(rows, options) {
    const shape = learnDayShape(rows);
    const long = seasonsSpanned(rows.origins) > 1;
    return { long, shape, deviation: fitByLead(designOf(shape, long), rows, options) };
  },
  restore: ({ shape, long, deviation }) => ridgeModel(designOf(shape, long), deviation),
};
