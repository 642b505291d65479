import { HORIZON_HOURS, QUANTILE_LEVELS } from '../horizon.ts';

/**
 * Errors of forecasts of hours that the models had not seen, in units of each row's level:
 * (actual − forecast) / scale, NaN where nothing was measured.
 */
export interface Residuals {
  readonly count: number;
  /** [count × 48] */
  readonly relative: Float32Array;
  /** Local hour of the day, [count × 48]. */
  readonly localHour: Uint8Array;
  /** Rows whose origin is a local midnight, from which whole days are drawn. */
  readonly midnights: readonly number[];
}

/** What turns a forecast into a band and into a chance of the peak; it ships inside the artifact. */
export interface Calibration {
  /** Typical |error| by lead in units of the level. [48] */
  readonly leadSpread: Float32Array;
  /** Factor on it by local hour. [24] */
  readonly hourFactor: Float32Array;
  /** Error quantiles at {@link QUANTILE_LEVELS} in units of spread × factor, ascending; 0 lies within the band. [19] */
  readonly quantiles: Float32Array;
  /** Error paths of two local days from midnight, in the same units, [paths × 48]. */
  readonly paths: Float32Array;
  readonly pathCount: number;
}

/** Smallest spread, in units of the level: a band of zero width would claim certainty. */
const LEAST_SPREAD = 1e-4;

/** Neighbouring leads on each side that share their errors: 14 days give a lead too few of its own. */
const SMOOTHED_LEADS = 3;

const mean = (values: readonly number[], otherwise: number): number =>
  values.length === 0 ? otherwise : values.reduce((a, b) => a + b, 0) / values.length;

function grouped(
  residuals: Residuals,
  groups: number,
  groupOf: (i: number) => number,
  value: (i: number) => number,
) {
  const lists = Array.from({ length: groups }, (): number[] => []);
  residuals.relative.forEach((error, i) => {
    if (!Number.isNaN(error)) lists[groupOf(i)]?.push(value(i));
  });
  return lists;
}

function leadSpread(residuals: Residuals): Float32Array {
  const sizes = grouped(
    residuals,
    HORIZON_HOURS,
    (i) => i % HORIZON_HOURS,
    (i) => Math.abs(residuals.relative[i] as number),
  );
  return Float32Array.from(sizes, (_, lead) => {
    const near = sizes.slice(Math.max(0, lead - SMOOTHED_LEADS), lead + SMOOTHED_LEADS + 1).flat();
    return Math.max(mean(near, LEAST_SPREAD), LEAST_SPREAD);
  });
}

/** Half the measured factor and half none: an hour has seen few days. */
function hourFactor(residuals: Residuals, spread: Float32Array): Float32Array {
  const sizes = grouped(
    residuals,
    24,
    (i) => residuals.localHour[i] as number,
    (i) => Math.abs(residuals.relative[i] as number) / (spread[i % HORIZON_HOURS] as number),
  );
  return Float32Array.from(sizes, (list) => 0.5 + 0.5 * Math.min(mean(list, 1), 4));
}

/** The value at `level` of ascending values, between neighbours linearly. */
function quantileOf(sorted: ArrayLike<number>, level: number): number {
  const at = Math.min(Math.max(level, 0), 1) * (sorted.length - 1);
  const low = Math.floor(at);
  const below = sorted[low] ?? 0;
  const above = sorted[Math.min(low + 1, sorted.length - 1)] ?? 0;
  return below + (above - below) * (at - low);
}

/** Independent errors that a day holds, as far as the band is concerned: its hours err together. */
const ERRORS_PER_DAY = 3;

/**
 * Levels as a conformal band asks for, which grants its coverage to exchangeable errors: with n of them the
 * level p above the median becomes p·(n + 1)/n (Vovk et al., Algorithmic Learning in a Random World, 2005).
 */
function conformalLevel(level: number, days: number): number {
  const outward = Math.max(level, 1 - level) * (1 + 1 / Math.max(ERRORS_PER_DAY * days, 1));
  return level >= 0.5 ? outward : 1 - outward;
}

/** Errors in units of the typical error of their lead and local hour. */
function normalise(residuals: Residuals) {
  const spread = leadSpread(residuals);
  const factor = hourFactor(residuals, spread);
  const errors = residuals.relative.map((error, i) => {
    const unit = (spread[i % HORIZON_HOURS] as number) * (factor[residuals.localHour[i] as number] as number);
    return error / unit;
  });
  return { spread, factor, errors };
}

const wholePaths = (errors: Float32Array, midnights: readonly number[]): Float32Array[] =>
  midnights
    .map((row) => errors.subarray(row * HORIZON_HOURS, (row + 1) * HORIZON_HOURS))
    .filter((path) => !path.some(Number.isNaN));

/** Error paths of two local days, each in units of its own kind's typical error. */
export const errorPaths = (residuals: Residuals): Float32Array[] =>
  wholePaths(normalise(residuals).errors, residuals.midnights);

/**
 * Learns the band from errors of `days` days, and the paths from them and `more` paths, such as those of the
 * training days: the shape of an error outlives its size. Throws `RangeError` when no error was measured.
 */
export function calibrate(
  residuals: Residuals,
  days: number,
  more: readonly Float32Array[] = [],
): Calibration {
  const { spread, factor, errors } = normalise(residuals);
  const sorted = errors.filter((error) => !Number.isNaN(error)).sort();
  if (sorted.length === 0)
    throw new RangeError('no backtest hour was measured: there is no error to calibrate by');
  const quantiles = Float32Array.from(QUANTILE_LEVELS, (level) =>
    quantileOf(sorted, conformalLevel(level, days)),
  );
  quantiles[0] = Math.min(quantiles[0] ?? 0, 0);
  quantiles[QUANTILE_LEVELS.length - 1] = Math.max(quantiles.at(-1) ?? 0, 0);
  const found = [...wholePaths(errors, residuals.midnights), ...more];
  const chosen = found.length > 0 ? found : [new Float32Array(HORIZON_HOURS)];
  const paths = new Float32Array(chosen.length * HORIZON_HOURS);
  chosen.forEach((path, i) => {
    paths.set(path, i * HORIZON_HOURS);
  });
  return {
    leadSpread: spread,
    hourFactor: factor,
    quantiles: quantiles.sort(),
    paths,
    pathCount: chosen.length,
  };
}
