/**
 * How good a forecast was. All shares are fractions (0.038 is 3.8 %), all loads kW. An hour without a measured
 * value (NaN) is not scored.
 */

/** Forecast hours with what was then measured, one column a property, all of the same length. */
export interface ScoredHours {
  readonly actual: Float64Array;
  readonly forecast: Float64Array;
  /** 90 % band; null when the forecast has none. */
  readonly lower: Float64Array | null;
  readonly upper: Float64Array | null;
  /** Lead time, 1 to 48. */
  readonly lead: Uint8Array;
  /** Local hour of the day, 0 to 23. */
  readonly localHour: Uint8Array;
}

/** What errors are measured against; from the training window, so that every model of a job shares it. */
export interface ErrorScale {
  /** Mean |load| in kW. MAPE counts hours with |actual| at or above {@link MAPE_FLOOR} of it. */
  readonly meanLoad: number;
  /** Mean |load − load 24 h before| in kW: the unit of MASE. */
  readonly dailyNaiveError: number;
}

/** Share of the window's mean |load| below which a percentage error says nothing. */
export const MAPE_FLOOR = 0.01;

/** An hour counts as accurate when the forecast is within this share of the actual. */
export const ACCURACY_TOLERANCE = 0.1;

export interface MetricsSummary {
  readonly mape: number;
  readonly wape: number;
  readonly rmse: number;
  readonly mase: number;
  /** Null when the forecast has no band. */
  readonly coverage90: number | null;
  /** MAPE of leads 1–24 and of leads 25–48; NaN when no such hour could be scored. */
  readonly mape24h: number;
  readonly mape48h: number;
  /** Hours with a measured value, and those of them too small for a percentage. */
  readonly hours: number;
  readonly excludedHours: number;
}

/** No hour carries a value that a percentage could be taken of. */
export class NothingToScore extends Error {
  override readonly name = 'NothingToScore';
}

/** Scale of a window; missing hours are skipped. */
export function scaleOf(load: Float64Array): ErrorScale {
  let sum = 0;
  let count = 0;
  let naive = 0;
  let pairs = 0;
  for (const [i, value] of load.entries()) {
    if (Number.isNaN(value)) continue;
    sum += Math.abs(value);
    count++;
    const before = load[i - 24] ?? Number.NaN;
    if (Number.isNaN(before)) continue;
    naive += Math.abs(value - before);
    pairs++;
  }
  const meanLoad = count === 0 ? 0 : sum / count;
  // A series that repeats to the watt would make MASE infinite.
  const floor = meanLoad * 1e-6;
  return { meanLoad, dailyNaiveError: Math.max(pairs === 0 ? meanLoad : naive / pairs, floor) };
}

/** Sums over a selection of hours, from which every figure follows. */
class Tally {
  hours = 0;
  relative = 0;
  counted = 0;
  absolute = 0;
  squared = 0;
  actual = 0;
  covered = 0;
  accurate = 0;

  add(actual: number, forecast: number, floor: number): void {
    const error = Math.abs(forecast - actual);
    this.hours++;
    this.absolute += error;
    this.squared += error * error;
    this.actual += Math.abs(actual);
    if (Math.abs(actual) < floor || actual === 0) return;
    this.relative += error / Math.abs(actual);
    this.counted++;
    if (error <= ACCURACY_TOLERANCE * Math.abs(actual)) this.accurate++;
  }

  get mape(): number {
    return this.relative / this.counted;
  }
}

/** Whether hour `i` lies in the 90 % band; false without one. */
function inBand(scored: ScoredHours, i: number, actual: number): boolean {
  const lower = scored.lower?.[i] ?? Infinity;
  const upper = scored.upper?.[i] ?? -Infinity;
  return actual >= lower && actual <= upper;
}

/** Sums over the measured hours that `keep` selects by their position. */
function tally(scored: ScoredHours, scale: ErrorScale, keep: (i: number) => boolean): Tally {
  const sums = new Tally();
  const floor = MAPE_FLOOR * scale.meanLoad;
  for (const [i, actual] of scored.actual.entries()) {
    if (Number.isNaN(actual) || !keep(i)) continue;
    sums.add(actual, scored.forecast[i] ?? Number.NaN, floor);
    if (inBand(scored, i, actual)) sums.covered++;
  }
  return sums;
}

const all = (): boolean => true;

/** Selects hours at leads `first` to `last`. */
function leads(scored: ScoredHours, first: number, last: number): (i: number) => boolean {
  return (i) => {
    const lead = scored.lead[i] ?? 0;
    return lead >= first && lead <= last;
  };
}

/**
 * The figures of a set of forecast hours.
 * @throws {NothingToScore} when no hour was measured or all are below the floor
 */
export function summarise(scored: ScoredHours, scale: ErrorScale): MetricsSummary {
  const sums = tally(scored, scale, all);
  if (sums.counted === 0) {
    throw new NothingToScore(
      sums.hours === 0
        ? 'No hour of the days to score has a measured load.'
        : `All ${sums.hours} hours to score are below ${MAPE_FLOOR * 100} % of the window's mean load of ${scale.meanLoad.toFixed(1)} kW: the site stood still, so no percentage can be given.`,
    );
  }
  return {
    mape: sums.mape,
    wape: sums.absolute / sums.actual,
    rmse: Math.sqrt(sums.squared / sums.hours),
    mase: sums.absolute / sums.hours / scale.dailyNaiveError,
    coverage90: scored.lower === null || scored.upper === null ? null : sums.covered / sums.hours,
    mape24h: tally(scored, scale, leads(scored, 1, 24)).mape,
    mape48h: tally(scored, scale, leads(scored, 25, 48)).mape,
    hours: sums.hours,
    excludedHours: sums.hours - sums.counted,
  };
}

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
