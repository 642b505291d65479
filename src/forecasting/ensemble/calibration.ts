import { HORIZON_HOURS, QUANTILE_LEVELS } from '../horizon.ts';
import { numeric, tensorOf } from '../tensor/numeric.ts';
import { widening } from './drift.ts';

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
  /** 1 where the hour was forecast to stand still, which says nothing of other hours, [count × 48]; null when none. */
  readonly still: Float32Array | null;
  /** Rows whose origin is a local midnight, from which whole days are drawn. */
  readonly midnights: readonly number[];
  /** How large errors had been of late at each row's origin (see `recentError`), [count]; null in training. */
  readonly recentError: Float32Array | null;
}

/** What turns a forecast into a band and into a chance of the peak; it ships inside the artifact. */
export interface Calibration {
  /**
   * Mean of the recent error over the rows that the band was learnt from, in units of the level: errors above it
   * widen the band. Null keeps the band as it is.
   */
  readonly usualError: number | null;
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

/** Share of the measured factor of a local hour that is believed: an hour has seen few days. */
const BELIEVED_HOUR = 0.75;

function hourFactor(residuals: Residuals, spread: Float32Array): Float32Array {
  const sizes = grouped(
    residuals,
    24,
    (i) => residuals.localHour[i] as number,
    (i) => Math.abs(residuals.relative[i] as number) / (spread[i % HORIZON_HOURS] as number),
  );
  return Float32Array.from(sizes, (list) => 1 - BELIEVED_HOUR + BELIEVED_HOUR * Math.min(mean(list, 1), 4));
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
const ERRORS_PER_DAY = 6;

/**
 * Levels as a conformal band asks for, which grants its coverage to exchangeable errors: with n of them the
 * level p above the median becomes p·(n + 1)/n (Vovk et al., Algorithmic Learning in a Random World, 2005).
 */
function conformalLevel(level: number, days: number): number {
  const outward = Math.max(level, 1 - level) * (1 + 1 / Math.max(ERRORS_PER_DAY * days, 1));
  return level >= 0.5 ? outward : 1 - outward;
}

/** Running hours that a band needs to learn from: four days of them. */
const ENOUGH_HOURS = 96;

/** The errors of running hours; all of them where the plant hardly ran. */
function running(residuals: Residuals): Residuals {
  const { relative, still } = residuals;
  if (still === null) return residuals;
  const kept = relative.map((error, i) => (still[i] === 1 ? Number.NaN : error));
  return sortedErrors(kept).length < ENOUGH_HOURS ? residuals : { ...residuals, relative: kept };
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

/** Mean recent error of the rows with a measured hour. */
function usualErrorOf({ relative, recentError }: Residuals): number | null {
  if (recentError === null) return null;
  const known = recentError.filter((_, r) =>
    relative.subarray(r * HORIZON_HOURS, (r + 1) * HORIZON_HOURS).some((error) => !Number.isNaN(error)),
  );
  return Math.max(mean([...known], 0), LEAST_SPREAD);
}

/** Errors as they would be if errors were as large as usual throughout: what normalised conformal bands learn from. */
function atUsualError(residuals: Residuals, usual: number | null): Residuals {
  const { recentError, relative } = residuals;
  if (recentError === null || usual === null) return residuals;
  const ratio = tensorOf(
    recentError.map((error) => error / usual),
    [recentError.length, 1],
  );
  const factors = widening(numeric, ratio).data;
  return {
    ...residuals,
    relative: relative.map((error, i) => error / (factors[Math.floor(i / HORIZON_HOURS)] as number)),
  };
}

const sortedErrors = (errors: Float32Array): Float32Array =>
  errors.filter((error) => !Number.isNaN(error)).sort();

/** How much larger errors are on days that the models have not seen than on those they were trained on. */
const UNSEEN = 1.17;

/** Days of backtest whose errors tell as much of the size of errors as those of the training window do. */
const SIZED_BY_TRAINING_DAYS = 5;

/** Least and largest factor on the size of the backtest's errors. */
const RESIZED = { least: 0.75, most: 4 / 3 } as const;

const sizeOf = ({ relative }: Residuals): number =>
  mean(
    Array.from(relative, Math.abs).filter((error) => !Number.isNaN(error)),
    0,
  );

/**
 * Factor that moves the size of the backtest's errors towards those of the whole window: two calm weeks are
 * followed by less calm ones, and the other way round.
 */
function resized(residuals: Residuals, days: number, inTraining: Residuals | null): number {
  const [own, trained] = [sizeOf(residuals), inTraining === null ? 0 : sizeOf(inTraining)];
  if (own === 0 || trained === 0) return 1;
  const factor = ((UNSEEN * trained) / own) ** (SIZED_BY_TRAINING_DAYS / (SIZED_BY_TRAINING_DAYS + days));
  return Math.min(Math.max(factor, RESIZED.least), RESIZED.most);
}

/** Days of backtest whose errors tell as much of the shape of errors as those of the training window do. */
const AS_GOOD_AS_TRAINING_DAYS = 14;

function quantilesOf(sorted: Float32Array, inTraining: Float32Array, days: number): Float32Array {
  const own = inTraining.length === 0 ? 1 : days / (days + AS_GOOD_AS_TRAINING_DAYS);
  const quantiles = Float32Array.from(QUANTILE_LEVELS, (level) => {
    const outward = conformalLevel(level, days);
    return own * quantileOf(sorted, outward) + (1 - own) * quantileOf(inTraining, outward);
  });
  quantiles[0] = Math.min(quantiles[0] ?? 0, 0);
  quantiles[QUANTILE_LEVELS.length - 1] = Math.max(quantiles.at(-1) ?? 0, 0);
  return quantiles.sort();
}

/** Paths that were measured throughout, with no error at hours that stand still. */
function wholePaths(errors: Float32Array, { relative, midnights }: Residuals): Float32Array[] {
  return midnights
    .map((row) => row * HORIZON_HOURS)
    .filter((from) => !relative.subarray(from, from + HORIZON_HOURS).some(Number.isNaN))
    .map((from) =>
      errors.slice(from, from + HORIZON_HOURS).map((error) => (Number.isNaN(error) ? 0 : error)),
    );
}

function joined(paths: readonly Float32Array[]) {
  const chosen = paths.length > 0 ? paths : [new Float32Array(HORIZON_HOURS)];
  const values = new Float32Array(chosen.length * HORIZON_HOURS);
  chosen.forEach((path, i) => {
    values.set(path, i * HORIZON_HOURS);
  });
  return { paths: values, pathCount: chosen.length };
}

/**
 * Learns the band's width from errors of `days` days that the models had not seen. The days they were trained on,
 * `trainedOn`, have a say in the shape of the errors, each in units of their own typical error, since 14 days hold
 * too few rare ones, and a smaller say in their size. Throws `RangeError` when no error was measured.
 */
export function calibrate(unseen: Residuals, days: number, trainedOn: Residuals | null): Calibration {
  const usualError = usualErrorOf(unseen);
  const evened = atUsualError(running(unseen), usualError);
  const inTraining = trainedOn === null ? null : running(trainedOn);
  const { spread, factor, errors } = normalise(evened);
  const sorted = sortedErrors(errors);
  if (sorted.length === 0)
    throw new RangeError('no backtest hour was measured: there is no error to calibrate by');
  const size = resized(evened, days, inTraining);
  const trained = inTraining === null ? new Float32Array() : normalise(inTraining).errors;
  return {
    usualError,
    leadSpread: spread.map((typical) => typical * size),
    hourFactor: factor,
    quantiles: quantilesOf(sorted, sortedErrors(trained), days),
    ...joined([...wholePaths(errors, unseen), ...(trainedOn === null ? [] : wholePaths(trained, trainedOn))]),
  };
}
