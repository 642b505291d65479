import { HORIZON_HOURS } from '../../src/forecasting/horizon.ts';
import type { FoldRows } from './fold.ts';

/** Hours whose chance of being the peak fell in one tenth. */
export interface ChanceBin {
  readonly hours: number;
  /** Sum of the chances given, and number of hours that were the peak. */
  readonly given: number;
  readonly happened: number;
}

/** How well the peak hour of days was told, added over days. */
export interface PeakCount {
  readonly days: number;
  /** Days on which the true peak hour was the one named first, and among the two named first. */
  readonly top1: number;
  readonly top2: number;
  /** Days on which the load at the hour named first is at least 97 % of the day's highest. */
  readonly captured: number;
  /** By tenths of the chance given, over both local days of each forecast; empty without chances. */
  readonly bins: readonly ChanceBin[];
}

const CAPTURED = 0.97;
const BINS = 10;

export const NO_PEAKS: PeakCount = { days: 0, top1: 0, top2: 0, captured: 0, bins: [] };

function addBins(a: readonly ChanceBin[], b: readonly ChanceBin[]): readonly ChanceBin[] {
  if (a.length === 0 || b.length === 0) return [...a, ...b];
  return a.map((bin, i) => ({
    hours: bin.hours + (b[i]?.hours ?? 0),
    given: bin.given + (b[i]?.given ?? 0),
    happened: bin.happened + (b[i]?.happened ?? 0),
  }));
}

export function addPeaks(a: PeakCount, b: PeakCount): PeakCount {
  return {
    days: a.days + b.days,
    top1: a.top1 + b.top1,
    top2: a.top2 + b.top2,
    captured: a.captured + b.captured,
    bins: addBins(a.bins, b.bins),
  };
}

/** Hours by falling value; of equal ones the earlier. */
const ranked = (values: ArrayLike<number>): number[] =>
  Array.from(values, (_, hour) => hour).sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0));

function countDay({ actual, scores }: Day): PeakCount {
  const [peak = 0] = ranked(actual);
  const [best = 0, second = 0] = ranked(scores);
  const highest = actual[peak] ?? 0;
  return {
    days: 1,
    top1: Number(best === peak),
    top2: Number(best === peak || second === peak),
    captured: Number((actual[best] ?? 0) >= highest - (1 - CAPTURED) * Math.abs(highest)),
    bins: [],
  };
}

function binDay({ actual, scores }: Day): ChanceBin[] {
  const [peak = 0] = ranked(actual);
  const bins = Array.from({ length: BINS }, () => ({ hours: 0, given: 0, happened: 0 }));
  scores.forEach((chance, hour) => {
    const bin = bins[Math.min(BINS - 1, Math.floor(chance * BINS))];
    if (bin === undefined) return;
    bin.hours++;
    bin.given += chance;
    bin.happened += Number(hour === peak);
  });
  return bins;
}

interface Day {
  readonly actual: Float64Array;
  readonly scores: Float32Array;
}

/** The whole local days of each forecast: the first, and the second where it ends within the 48 hours. */
function daysOf({ actual, dayHours }: Pick<FoldRows, 'actual' | 'dayHours'>, scores: Float32Array): Day[][] {
  return dayHours.map(([first, second], r) => {
    const at = r * HORIZON_HOURS;
    const cut = (from: number, hours: number): Day => ({
      actual: actual.subarray(at + from, at + from + hours),
      scores: scores.subarray(at + from, at + from + hours),
    });
    return first + second <= HORIZON_HOURS ? [cut(0, first), cut(first, second)] : [cut(0, first)];
  });
}

const isMeasured = ({ actual }: Day): boolean => !actual.some(Number.isNaN);

/**
 * Counts over forecasts issued at midnight. `scores` [origins × 48] rank the hours of a day: chances of being its
 * peak, or loads. A day with a missing hour is left out.
 */
export function peaksOf(
  rows: Pick<FoldRows, 'actual' | 'dayHours'>,
  scores: Float32Array,
  areChances: boolean,
): PeakCount {
  const days = daysOf(rows, scores);
  const counts = days.flatMap((own) => own.slice(0, 1).filter(isMeasured).map(countDay));
  const count = counts.reduce(addPeaks, NO_PEAKS);
  if (!areChances) return count;
  const whole = days.flat().filter((day) => isMeasured(day) && !day.scores.some(Number.isNaN));
  return { ...count, bins: whole.map(binDay).reduce(addBins, []) };
}

/**
 * Expected calibration error of the chances: mean |share that happened − chance given| over the bins, weighted by
 * their hours (Naeini et al., Obtaining Well Calibrated Probabilities Using Bayesian Binning, 2015). NaN without.
 */
export function calibrationError({ bins }: PeakCount): number {
  const hours = bins.reduce((sum, bin) => sum + bin.hours, 0);
  return bins.reduce((sum, bin) => sum + Math.abs(bin.happened - bin.given), 0) / hours;
}
