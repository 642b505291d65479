/** Load by quarter of an hour, for files whose rows are finer than that: the highest quarter is the demand. */
export interface Quarters {
  readonly sums: number[];
  readonly counts: number[];
}

const QUARTER_MINUTES = 15;
const QUARTERS = [0, 1, 2, 3];
/** A quarter counts when this share of its rows is there. */
const COMPLETE_SHARE = 0.75;

export const noQuarters = (): Quarters => ({ sums: [0, 0, 0, 0], counts: [0, 0, 0, 0] });

/** `minute` is that of the hour, 0 up to but not 60. */
export function addToQuarter({ sums, counts }: Quarters, minute: number, load: number): void {
  const quarter = Math.floor(minute / QUARTER_MINUTES);
  sums[quarter] = (sums[quarter] ?? 0) + load;
  counts[quarter] = (counts[quarter] ?? 0) + 1;
}

/** Whether rows so many minutes apart tell quarters of an hour. */
export const tellsQuarters = (cadence: number): boolean => QUARTER_MINUTES % cadence === 0;

/** Highest mean of a quarter, or undefined when one of the four is not complete. */
export function highestQuarter({ sums, counts }: Quarters, cadence: number): number | undefined {
  if (!tellsQuarters(cadence)) return undefined;
  const needed = (COMPLETE_SHARE * QUARTER_MINUTES) / cadence;
  if (counts.some((count) => count < needed)) return undefined;
  return Math.max(...QUARTERS.map((quarter) => (sums[quarter] ?? 0) / (counts[quarter] ?? 1)));
}
