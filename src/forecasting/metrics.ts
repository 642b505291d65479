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
export function tally(scored: ScoredHours, scale: ErrorScale, keep: (i: number) => boolean): Tally {
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
export function leads(scored: ScoredHours, first: number, last: number): (i: number) => boolean {
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
