import { HORIZON_HOURS, QUANTILE_LEVELS } from '../../src/forecasting/horizon.ts';
import {
  type ErrorScale,
  NothingToScore,
  pinballLoss,
  type ScoredHours,
  summarise,
} from '../../src/forecasting/metrics.ts';
import type { FoldRows } from './fold.ts';
import { type PeakCount, peaksOf } from './peaks.ts';

/** Errors of some hours: MAPE and WAPE in percent, RMSE in kW, MASE a ratio. NaN where nothing could be scored. */
export interface Errors {
  readonly mape: number;
  readonly wape: number;
  readonly rmse: number;
  readonly mase: number;
}

/** The 90 % band and the quantiles. */
export interface BandScore {
  /** Share of the hours inside. */
  readonly coverage90: number;
  /** Mean width in kW, and in percent of the mean |load| of the hours. */
  readonly widthKw: number;
  readonly widthPct: number;
  /** Mean pinball loss over the 19 levels in kW, and in percent of the mean |load| of the hours. */
  readonly pinballKw: number;
  readonly pinballPct: number;
}

export interface ModelScore {
  /** Leads 1–48, 1–24 and 25–48. */
  readonly all: Errors;
  readonly day1: Errors;
  readonly day2: Errors;
  /** WAPE in percent at each of the 48 leads. */
  readonly wapeByLead: readonly number[];
  /** Null for a model that gives a point forecast only. */
  readonly band: BandScore | null;
  readonly peaks: PeakCount;
  /** CPU seconds of all its fits, where they could be told apart. */
  readonly cpuSeconds: number | null;
}

/** What a model says of a fold's rows; all but the point forecast may be missing. */
export interface Answer {
  readonly forecast: Float32Array;
  readonly distribution: {
    readonly lower: Float32Array;
    readonly upper: Float32Array;
    readonly quantiles: Float32Array;
    readonly peakProbability: Float32Array;
  } | null;
}

const NONE: Errors = { mape: Number.NaN, wape: Number.NaN, rmse: Number.NaN, mase: Number.NaN };

/** The hours at leads `first` to `last`. */
function atLeads(rows: FoldRows, forecast: Float32Array, first: number, last: number): ScoredHours {
  const kept = Array.from(rows.actual.keys()).filter((i) => {
    const lead = (i % HORIZON_HOURS) + 1;
    return lead >= first && lead <= last;
  });
  return {
    actual: Float64Array.from(kept, (i) => rows.actual[i] ?? Number.NaN),
    forecast: Float64Array.from(kept, (i) => forecast[i] ?? Number.NaN),
    lower: null,
    upper: null,
    lead: Uint8Array.from(kept, (i) => (i % HORIZON_HOURS) + 1),
    localHour: Uint8Array.from(kept, (i) => rows.localHour[i] ?? 0),
  };
}

function errorsOf(hours: ScoredHours, scale: ErrorScale): Errors {
  try {
    const { mape, wape, rmse, mase } = summarise(hours, scale);
    return { mape: 100 * mape, wape: 100 * wape, rmse, mase };
  } catch (error) {
    if (error instanceof NothingToScore) return NONE;
    throw error;
  }
}

function bandScore(rows: FoldRows, answer: NonNullable<Answer['distribution']>): BandScore {
  let [hours, inside, width, load] = [0, 0, 0, 0];
  rows.actual.forEach((actual, i) => {
    if (Number.isNaN(actual)) return;
    const [lower, upper] = [answer.lower[i] ?? Number.NaN, answer.upper[i] ?? Number.NaN];
    hours++;
    inside += Number(actual >= lower && actual <= upper);
    width += upper - lower;
    load += Math.abs(actual);
  });
  const pinballKw = pinballLoss(rows.actual, answer.quantiles, QUANTILE_LEVELS);
  return {
    coverage90: inside / hours,
    widthKw: width / hours,
    widthPct: (100 * width) / load,
    pinballKw,
    pinballPct: (100 * pinballKw * hours) / load,
  };
}

/** Scores what a model said of the rows. */
export function scoreOf(
  rows: FoldRows,
  answer: Answer,
  scale: ErrorScale,
  cpuSeconds: number | null,
): ModelScore {
  const { forecast, distribution } = answer;
  const errors = (first: number, last: number): Errors =>
    errorsOf(atLeads(rows, forecast, first, last), scale);
  return {
    all: errors(1, HORIZON_HOURS),
    day1: errors(1, 24),
    day2: errors(25, HORIZON_HOURS),
    wapeByLead: Array.from({ length: HORIZON_HOURS }, (_, i) => errors(i + 1, i + 1).wape),
    band: distribution === null ? null : bandScore(rows, distribution),
    peaks: peaksOf(rows, distribution?.peakProbability ?? forecast, distribution !== null),
    cpuSeconds,
  };
}
