import { scalar } from '../tensor/algebra.ts';
import { type DayShape, dayShapeDesign } from './day-shape.ts';
import { type Member, requireTargets } from './member.ts';
import { fitByLead, fitSeasons, type RidgeState, ridgeModel } from './ridge-by-lead.ts';
import { seasonsOf } from './seasons.ts';
import { weeklyChange } from './weekly-change.ts';

export interface LinearState {
  readonly shape: DayShape;
  /** On the change against last week, and on the deviation from the shape. */
  readonly change: RidgeState;
  readonly deviation: RidgeState;
}

/**
 * The mean of two ridge regressions per lead: on the change against last week, and on the deviation from the
 * site's usual day (docs/decisions/0012). Everything is in units of the row's own level, so that a site that
 * grows keeps its model.
 */
export const linear: Member<LinearState> = {
  name: 'linear',
  async fit(rows, options) {
    const half = (from: number) => ({
      ...options,
      onProgress: (share: number): void => options.onProgress(from + share / 2),
    });
    requireTargets(rows);
    const { older, newest, shape } = seasonsOf(rows);
    return {
      shape,
      change: fitByLead(weeklyChange, rows, half(0)),
      deviation: fitSeasons(older, { rows: newest, design: dayShapeDesign(shape) }, half(0.5)),
    };
  },
  restore(state) {
    const change = ridgeModel(weeklyChange, state.change);
    const deviation = ridgeModel(dayShapeDesign(state.shape), state.deviation);
    return {
      forecast: (g, view) =>
        g.mul(g.add(change.forecast(g, view), deviation.forecast(g, view)), scalar(g, 0.5)),
    };
  },
};
