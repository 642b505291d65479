import { HISTORY_HOURS, HORIZON_HOURS } from '../horizon.ts';
import type { Algebra } from '../tensor/algebra.ts';
import type { FittedModel } from './member.ts';

/** The same hour one day before; beyond 24 hours, two. */
export const naive24: FittedModel = {
  forecast<T>(g: Algebra<T>, { lags }: { readonly lags: { readonly history: T } }): T {
    return g.take(
      lags.history,
      Array.from({ length: HORIZON_HOURS }, (_, i) => HISTORY_HOURS - 24 + (i % 24)),
    );
  },
};

/** The same hour one week before. */
export const naive168: FittedModel = {
  forecast: (_g, { lags }) => lags.week[0],
};
