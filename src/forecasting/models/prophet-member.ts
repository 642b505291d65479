import { CALENDAR_AT } from '../features/layout.ts';
import { HISTORY_HOURS } from '../horizon.ts';
import { scalar, span } from '../tensor/algebra.ts';
import { deviationFeatures, REACH_HOURS } from './day-shape.ts';
import { deviationDesign } from './long-window.ts';
import { measuredHours } from './measured-hours.ts';
import { type Member, requireTargets, type TrainingRows } from './member.ts';
import { type LocalHour, seasonalAhead, seasonalBehind, seasonalRow } from './prophet/seasonality.ts';
import { fitProphet, type ProphetData } from './prophet/stan.ts';
import { fitSeasons, type RidgeState, ridgeModel } from './ridge-by-lead.ts';
import type { RidgeDesign } from './ridge-problem.ts';
import { seasonsOf } from './seasons.ts';

/**
 * Prophet on the load in units of the row's level, and a regression per lead on how the last two weeks deviated
 * from it. Left alone, Prophet cannot see the last days and extrapolates its trend (docs/decisions/0020). Its
 * seasonality does not change with the season of the year, so it is fitted to the newest one; the regressions
 * learn from the older ones too, by the usual days of their time.
 */

/** Hours beyond which they are thinned out: the optimiser's time grows with them and its answer hardly moves. */
const MOST_HOURS = 2_160;

/** Steps that visit every hour of the week have no divisor in common with its 168 hours. */
function stepOf(hours: number): number {
  let step = Math.ceil(hours / MOST_HOURS);
  while (step % 2 === 0 || step % 3 === 0 || step % 7 === 0) step++;
  return step;
}

function localHour(rows: TrainingRows, calendarRow: number): LocalHour {
  const { calendar, dayType } = rows.view.lags;
  const width = calendar.shape[2] ?? 1;
  const row = calendar.data.subarray(calendarRow * width, (calendarRow + 1) * width);
  return {
    hour: row.subarray(CALENDAR_AT.hour, CALENDAR_AT.hour + 24).indexOf(1),
    weekday: row.subarray(CALENDAR_AT.weekday, CALENDAR_AT.weekday + 7).indexOf(1),
    holiday: row[CALENDAR_AT.holiday] === 1,
    dayType: dayType.data[calendarRow] as number,
  };
}

/** The measured hours as Prophet wants them, and the load that counts as 1. */
function prophetData(rows: TrainingRows): { readonly data: ProphetData; readonly unit: number } {
  const { load, level, calendarRow } = measuredHours(rows);
  const measured = Array.from(load.keys()).filter((i) => !Number.isNaN(load[i]));
  const step = stepOf(measured.length);
  const kept = measured.filter((i) => i % step === 0);
  const values = kept.map((i) => (load[i] as number) / (level[i] as number));
  const unit = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const [first = 0] = kept;
  const length = Math.max(1, (kept.at(-1) ?? 0) - first);
  return {
    unit,
    data: {
      load: values.map((value) => value / unit),
      time: kept.map((i) => (i - first) / length),
      regressors: kept.map((i) => seasonalRow(localHour(rows, calendarRow[i] as number))),
    },
  };
}

/** Everything in units of the level: the trend where the training ended, and the seasonal coefficients. */
function correctedDesign({ trend, beta, long }: Omit<ProphetState, 'correction'>): RidgeDesign {
  const design: RidgeDesign = {
    base: (g, view) => g.mul(g.add(seasonalAhead(g, view, beta), scalar(g, trend)), view.lags.scale),
    features(g, view) {
      const { history, scale } = view.lags;
      const recent = g.div(span(g, history, HISTORY_HOURS - REACH_HOURS, HISTORY_HOURS), scale);
      const usual = g.add(seasonalBehind(g, view, beta, REACH_HOURS), scalar(g, trend));
      return deviationFeatures(g, view, g.sub(recent, usual));
    },
    penalty: 0.1,
  };
  return deviationDesign(design, long);
}

export interface ProphetState {
  /** Whether the window was longer than a season. */
  readonly long: boolean;
  /** Trend where the training ended, and the seasonal coefficients, in units of the level. */
  readonly trend: number;
  readonly beta: Float64Array;
  readonly correction: RidgeState;
}

export const prophet: Member<ProphetState> = {
  name: 'prophet',
  async fit(rows, options) {
    requireTargets(rows);
    const { long, older, newest } = seasonsOf(rows);
    const { data, unit } = prophetData(newest);
    const { trendAtEnd, beta } = await fitProphet(data);
    options.signal.throwIfAborted();
    options.onProgress(0.5);
    const trend = trendAtEnd * unit;
    const scaled = beta.map((value) => value * unit);
    const design = correctedDesign({ long, trend, beta: scaled });
    const onProgress = (share: number): void => options.onProgress(0.5 + share / 2);
    const correction = fitSeasons(older, { rows: newest, design }, { ...options, onProgress });
    return { long, trend, beta: scaled, correction };
  },
  restore: (state) => ridgeModel(correctedDesign(state), state.correction),
};
