import { HORIZON_HOURS } from '../../src/forecasting/horizon.ts';

/** How often the true peak hour of the first day was among the hours named. */
export interface PeakCount {
  readonly days: number;
  readonly top1: number;
  readonly top2: number;
  /** Days on which the load at the hour named first is at least 97 % of the day's highest. */
  readonly captured: number;
  /** Top two by each reference forecast's highest hours. */
  readonly referenceTop2: readonly number[];
}

const HOURS = 24;
const CAPTURED = 0.97;

/** Hours by falling value. */
const ranked = (values: ArrayLike<number>): number[] =>
  Array.from(values, (_, hour) => hour).sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0));

/** Counts over forecasts issued at midnight, [origins × 48] each; a day with a missing hour is left out. */
export function peaksOf(given: {
  readonly actual: Float64Array;
  readonly chances: Float32Array;
  readonly references: readonly Float32Array[];
}): PeakCount {
  const count = { days: 0, top1: 0, top2: 0, captured: 0, referenceTop2: given.references.map(() => 0) };
  for (let first = 0; first < given.actual.length; first += HORIZON_HOURS) {
    const day = given.actual.subarray(first, first + HOURS);
    if (day.some(Number.isNaN)) continue;
    const [peak = 0] = ranked(day);
    const [best = 0, second = 0] = ranked(given.chances.subarray(first, first + HOURS));
    count.days++;
    count.top1 += Number(best === peak);
    count.top2 += Number(best === peak || second === peak);
    count.captured += Number((day[best] ?? 0) >= CAPTURED * (day[peak] ?? 0));
    given.references.forEach((reference, i) => {
      const named = ranked(reference.subarray(first, first + HOURS)).slice(0, 2);
      count.referenceTop2[i] = (count.referenceTop2[i] ?? 0) + Number(named.includes(peak));
    });
  }
  return count;
}
