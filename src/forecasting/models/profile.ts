import { hindcastInput } from '../features/hindcast.ts';
import { meanAlike, nearestAlike } from '../features/lags.ts';
import { HISTORY_HOURS, HORIZON_HOURS } from '../horizon.ts';
import { type Algebra, scalar, span } from '../tensor/algebra.ts';
import { type FittedModel, type Member, type ModelView, viewOf } from './member.ts';
import { fitByLead, type RidgeDesign, type RidgeState, ridgeModel } from './ridge-by-lead.ts';

/** Days that the mean of a day type looks back over. */
const PROFILE_DAYS = 14;

/** Half the 14-day mean of the same hour on days of the same type, half the last such day. */
export const profileModel: FittedModel = {
  forecast(g, { lags }) {
    const [last] = nearestAlike(g, lags);
    return g.mul(g.add(meanAlike(g, lags, PROFILE_DAYS), last), scalar(g, 0.5));
  },
};

/** Hours over which the profile's own recent error is averaged. */
const MEANS = [1, 3, 12, 24, 48] as const;

/** How far the last 48 hours ran above the profile of 48 hours ago, in units of the level: [N, 48, columns]. */
function recentErrors<T>(g: Algebra<T>, view: ModelView<T>): T {
  const { layout, input, lags } = view;
  const past = viewOf(g, layout, hindcastInput(g, layout, input));
  const measured = span(g, lags.history, HISTORY_HOURS - HORIZON_HOURS, HISTORY_HOURS);
  const errors = g.div(g.sub(measured, profileModel.forecast(g, past)), lags.scale);
  const table = new Float32Array(HORIZON_HOURS * MEANS.length);
  MEANS.forEach((hours, column) => {
    for (let i = HORIZON_HOURS - hours; i < HORIZON_HOURS; i++) table[i * MEANS.length + column] = 1 / hours;
  });
  const means = g.reshape(g.matmul(errors, g.constant(table, [HORIZON_HOURS, MEANS.length])), [
    1,
    MEANS.length,
  ]);
  return g.add(means, g.constant(new Float32Array(HORIZON_HOURS), [HORIZON_HOURS, 1]));
}

const correction: RidgeDesign = {
  base: (g, view) => profileModel.forecast(g, view),
  features: recentErrors,
  penalty: 0.1,
};

/** The profile, corrected by a regression per lead on how it did over the last 48 hours. */
export const profile: Member<RidgeState> = {
  name: 'profile',
  async fit(rows, options) {
    return fitByLead(correction, rows, options);
  },
  restore: (state) => ridgeModel(correction, state),
};
