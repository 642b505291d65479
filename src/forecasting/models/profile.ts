import { meanAlike, nearestAlike } from '../features/lags.ts';
import { scalar } from '../tensor/algebra.ts';
import type { FittedModel, Member } from './member.ts';

/** Days that the mean of a day type looks back over. */
const PROFILE_DAYS = 14;

/** Half the 14-day mean of the same hour on days of the same type, half the last such day. */
export const profileModel: FittedModel = {
  forecast(g, { lags }) {
    const [last] = nearestAlike(g, lags);
    return g.mul(g.add(meanAlike(g, lags, PROFILE_DAYS), last), scalar(g, 0.5));
  },
};

export const profile: Member = {
  name: 'profile',
  async fit() {
    return profileModel;
  },
};
