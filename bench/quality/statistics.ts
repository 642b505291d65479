/** Means over series and folds; what is not finite was not measured and is left out. */

export const mean = (values: readonly number[]): number => {
  const measured = values.filter(Number.isFinite);
  return measured.reduce((a, b) => a + b, 0) / measured.length;
};

export function median(values: readonly number[]): number {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}

/** Of positive ratios; a ratio of 0 or beyond all bounds says that one of the two was never wrong, and is left out. */
export const geometricMean = (ratios: readonly number[]): number =>
  Math.exp(mean(ratios.map((ratio) => Math.log(ratio))));

/** The mean over its folds of every series, by series, in the order they come. */
export function bySeries<F extends { readonly series: string }>(
  folds: readonly F[],
  value: (fold: F) => number,
): ReadonlyMap<string, number> {
  const grouped = Map.groupBy(folds, ({ series }) => series);
  return new Map([...grouped].map(([series, own]) => [series, mean(own.map(value))]));
}

/** Mean over series of the mean over each one's folds. */
export const meanOverSeries = <F extends { readonly series: string }>(
  folds: readonly F[],
  value: (fold: F) => number,
): number => mean([...bySeries(folds, value).values()]);

/** Mean rank by name over contests; 1 is best, equal values share the better rank, who has no value is not ranked. */
export function meanRanks(contests: readonly ReadonlyMap<string, number>[]): ReadonlyMap<string, number> {
  const names = new Set(contests.flatMap((contest) => [...contest.keys()]));
  const rankIn = (contest: ReadonlyMap<string, number>, name: string): number => {
    const own = contest.get(name) ?? Number.NaN;
    if (Number.isNaN(own)) return Number.NaN;
    return 1 + [...contest.values()].filter((other) => other < own).length;
  };
  return new Map([...names].map((name) => [name, mean(contests.map((contest) => rankIn(contest, name)))]));
}
