import { scalar } from '../tensor/algebra.ts';
import { type DayShape, dayShapeDesign } from './day-shape.ts';
import { deviationDesign, longWeeklyChange } from './long-window.ts';
import { type Member, requireTargets } from './member.ts';
import { fitByLead, fitSeasons, type RidgeState, ridgeModel } from './ridge-by-lead.ts';
import type { RidgeDesign } from './ridge-problem.ts';
import { seasonsOf } from './seasons.ts';
import { weeklyChange } from './weekly-change.ts';

export interface LinearState {
  /** Whether the window was longer than a season. */
  readonly long: boolean;
  readonly shape: DayShape;
  /** On the change against last week, and on the deviation from the shape. */
  readonly change: RidgeState;
  readonly deviation: RidgeState;
}

const changeDesign = (long: boolean): RidgeDesign => (long ? longWeeklyChange : weeklyChange);

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
    const { long, older, newest, shape } = seasonsOf(rows);
    const design = deviationDesign(dayShapeDesign(shape), long);
    return {
      long,
      shape,
      change: fitByLead(changeDesign(long), rows, half(0)),
      deviation: fitSeasons(older, { rows: newest, design }, half(0.5)),
    };
  },
  restore(state) {
    const change = ridgeModel(changeDesign(state.long), state.change);
    const deviation = ridgeModel(deviationDesign(dayShapeDesign(state.shape), state.long), state.deviation);
    return {
      forecast: (g, view) =>
        g.mul(g.add(change.forecast(g, view), deviation.forecast(g, view)), scalar(g, 0.5)),
    };
  },
};
