/** Median of the finite values; NaN when there are none. */
export function medianOf(values: Iterable<number>): number {
  const sorted = Float64Array.from([...values].filter(Number.isFinite)).sort();
  if (sorted.length === 0) return Number.NaN;
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** Largest and smallest finite value and median of every 24 consecutive hours; NaN where none was measured. */
export interface DailyFigures {
  readonly highest: Float64Array;
  readonly lowest: Float64Array;
  readonly median: Float64Array;
}

export function dailyFigures(load: Float64Array): DailyFigures {
  const days = Math.ceil(load.length / 24);
  const figures = {
    highest: new Float64Array(days).fill(Number.NaN),
    lowest: new Float64Array(days).fill(Number.NaN),
    median: new Float64Array(days).fill(Number.NaN),
  };
  for (let day = 0; day < days; day++) {
    const values = load.subarray(day * 24, day * 24 + 24).filter(Number.isFinite);
    if (values.length === 0) continue;
    figures.highest[day] = Math.max(...values);
    figures.lowest[day] = Math.min(...values);
    figures.median[day] = medianOf(values);
  }
  return figures;
}
