import { HOUR_MS } from '../series.ts';
import { type Span, spansWhere } from './findings.ts';
import { dailyFigures, medianOf } from './numbers.ts';
import { type ExpectedStop, noStops } from './stops.ts';

/** Equal non-zero values for so many hours are a stuck meter. */
const FLAT_HOURS = 8;
/** Above this multiple of the usual daily maximum a value is a metering fault. */
const SPIKE_FACTOR = 3;
/** Below this share of the usual daily minimum the meter dropped out. */
const DROP_SHARE = 0.05;
/** "Usual" is the median over so many days on either side. */
const REFERENCE_DAYS = 14;
/** What happens in this share of all weeks at the same hour of the week, and at least twice, is how the site works. */
const REGULAR_SHARE = 0.25;
/** Peaks in more than this share of all hours are the plant, not the meter. */
const RARE_SHARE = 0.02;

/** Hours that were taken out of a series, by what was wrong with them. */
export interface Faults {
  readonly zeroRuns: readonly Span[];
  readonly flatLines: readonly Span[];
  readonly spikes: readonly Span[];
  readonly dropOuts: readonly Span[];
  /** Peaks that look like spikes but recur too often to be faults; left in. */
  readonly peaksKept: number;
}

const WEEK = 168;

/** Drops the positions that are regular at their hour of the week. */
function irregular(load: Float64Array, start: number, suspect: Uint8Array): Uint8Array {
  const phase = Math.floor(start / HOUR_MS) % WEEK;
  const measured = new Float64Array(WEEK);
  const found = new Float64Array(WEEK);
  const slot = (i: number): number => (phase + i) % WEEK;
  for (const [i, value] of load.entries()) {
    if (Number.isNaN(value)) continue;
    measured[slot(i)] = (measured[slot(i)] ?? 0) + 1;
    found[slot(i)] = (found[slot(i)] ?? 0) + (suspect[i] ?? 0);
  }
  return suspect.map((flag, i) => {
    const times = found[slot(i)] ?? 0;
    return times >= 2 && times >= REGULAR_SHARE * (measured[slot(i)] ?? 0) ? 0 : flag;
  });
}

function flatHours(load: Float64Array): Uint8Array {
  const flags = new Uint8Array(load.length);
  let from = 0;
  for (let i = 1; i <= load.length; i++) {
    if (load[i] === load[from]) continue;
    if (i - from >= FLAT_HOURS && load[from] !== 0) flags.fill(1, from, i);
    from = i;
  }
  return flags;
}

/** Takes the flagged hours out and names them. */
function take(load: Float64Array, flags: Uint8Array): Span[] {
  for (const [i, flag] of flags.entries()) if (flag === 1) load[i] = Number.NaN;
  return spansWhere(load.length, (i) => flags[i] === 1);
}

function usual(figures: Float64Array): Float64Array {
  return figures.map((_, day) =>
    medianOf(figures.subarray(Math.max(0, day - REFERENCE_DAYS), day + REFERENCE_DAYS + 1)),
  );
}

/** Flags what `strikes` says of an hour's value and its day, less what is regular; null when not rare. */
function rare(
  load: Float64Array,
  start: number,
  strikes: (value: number, day: number) => boolean,
): { readonly flags: Uint8Array; readonly kept: number } {
  const suspect = Uint8Array.from(load, (value, i) => Number(strikes(value, Math.floor(i / 24))));
  const count = (flags: Uint8Array): number => flags.reduce((sum, flag) => sum + flag, 0);
  const flags = irregular(load, start, suspect);
  const common = count(flags) > Math.max(2, RARE_SHARE * load.length);
  const left = common ? new Uint8Array(load.length) : flags;
  return { flags: left, kept: count(suspect) - count(left) };
}

/**
 * Replaces metering faults in `load` by NaN, in place: exact zeros and equal values where the site is not
 * regularly so, values above three times the usual daily maximum, and drop-outs below a twentieth of the usual
 * daily minimum. What recurs at its hour of the week is how the site works and stays, and so do zeros, standstill
 * and little load in hours when the site is expected to stop. `start` is the epoch ms of the first hour.
 */
export function maskFaults(load: Float64Array, start: number, stops: ExpectedStop = noStops): Faults {
  const unexpected = (flags: Uint8Array): Uint8Array =>
    flags.map((flag, i) => (flag === 1 && stops(start + i * HOUR_MS) ? 0 : flag));
  const zeros = Uint8Array.from(load, (value) => Number(value === 0));
  const zeroRuns = take(load, irregular(load, start, unexpected(zeros)));
  const flatLines = take(load, irregular(load, start, unexpected(flatHours(load))));
  const size = dailyFigures(load.map(Math.abs));
  const highest = usual(size.highest);
  const spikes = rare(load, start, (value, day) => Math.abs(value) > SPIKE_FACTOR * (highest[day] ?? 0));
  const spikeSpans = take(load, spikes.flags);
  const lowest = usual(dailyFigures(load).lowest);
  const drops = rare(load, start, (value, day) => value > 0 && value < DROP_SHARE * (lowest[day] ?? 0));
  return {
    zeroRuns,
    flatLines,
    spikes: spikeSpans,
    dropOuts: take(load, unexpected(drops.flags)),
    peaksKept: spikes.kept,
  };
}
