import { type ErrorScale, leads, type ScoredHours, tally } from './metrics.ts';

/** Error at one lead time or local hour; `mape` is NaN when nothing there could be scored. */
export interface ErrorProfilePoint {
  /** Lead time 1 to 48, or local hour 0 to 23. */
  readonly at: number;
  readonly mape: number;
  readonly meanAbsoluteError: number;
  readonly coverage90: number | null;
  readonly hours: number;
}

function profile(
  scored: ScoredHours,
  scale: ErrorScale,
  key: Uint8Array,
  points: readonly number[],
): ErrorProfilePoint[] {
  const banded = scored.lower !== null && scored.upper !== null;
  return points.map((at) => {
    const sums = tally(scored, scale, (i) => key[i] === at);
    return {
      at,
      mape: sums.mape,
      meanAbsoluteError: sums.absolute / sums.hours,
      coverage90: banded && sums.hours > 0 ? sums.covered / sums.hours : null,
      hours: sums.hours,
    };
  });
}

/** Error at leads 1 to 48. */
export function byLead(scored: ScoredHours, scale: ErrorScale): ErrorProfilePoint[] {
  return profile(
    scored,
    scale,
    scored.lead,
    Array.from({ length: 48 }, (_, i) => i + 1),
  );
}

/** Error at local hours 0 to 23. */
export function byLocalHour(scored: ScoredHours, scale: ErrorScale): ErrorProfilePoint[] {
  return profile(
    scored,
    scale,
    scored.localHour,
    Array.from({ length: 24 }, (_, i) => i),
  );
}

/**
 * Share of hours at leads `first` to `last` whose forecast is within {@link ACCURACY_TOLERANCE} of the actual,
 * of the hours that MAPE counts; NaN when there are none.
 */
export function accuracyWithin(scored: ScoredHours, scale: ErrorScale, first: number, last: number): number {
  const sums = tally(scored, scale, leads(scored, first, last));
  return sums.accurate / sums.counted;
}

/** The three local hours of highest and of lowest MAPE, each ascending by hour; equal ones by the earlier hour. */
export function worstAndBestHours(
  scored: ScoredHours,
  scale: ErrorScale,
): { readonly worst: number[]; readonly best: number[] } {
  const ranked = byLocalHour(scored, scale)
    .filter(({ mape }) => !Number.isNaN(mape))
    .sort((a, b) => a.mape - b.mape || a.at - b.at);
  const three = (points: ErrorProfilePoint[]): number[] => points.map(({ at }) => at).sort((a, b) => a - b);
  return { worst: three(ranked.slice(-3)), best: three(ranked.slice(0, 3)) };
}

function pinball(miss: number, level: number): number {
  return miss >= 0 ? level * miss : (level - 1) * miss;
}

/**
 * Mean pinball loss in kW over hours and levels; Koenker and Bassett, Regression Quantiles (1978).
 * `quantiles` is [hours × levels], row-major; `levels` are in (0, 1). NaN when no hour was measured.
 */
export function pinballLoss(
  actual: Float64Array,
  quantiles: Float64Array | Float32Array,
  levels: readonly number[],
): number {
  let sum = 0;
  let count = 0;
  for (const [i, value] of actual.entries()) {
    if (Number.isNaN(value)) continue;
    for (const [j, level] of levels.entries()) {
      sum += pinball(value - (quantiles[i * levels.length + j] ?? Number.NaN), level);
      count++;
    }
  }
  return sum / count;
}
