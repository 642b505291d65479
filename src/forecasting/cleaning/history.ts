import { HISTORY_HOURS } from '../horizon.ts';
import type { HourlySeries } from '../series.ts';
import { HOUR_MS } from '../series.ts';
import { maskFaults } from './faults.ts';
import { fillGaps } from './gaps.ts';
import { layOnGrid } from './grid.ts';
import type { HourReading } from './readings.ts';
import { type ExpectedStop, noStops } from './stops.ts';

/** Of the 720 hours before the issue time, so many must be measured. */
const MINIMUM_MEASURED_HOURS = 336;
/** The newest measured hour may be no older than a week: beyond, last week's value is missing too. */
const MAXIMUM_AGE_HOURS = 168;
/** Hours read before the history itself, so that its first gaps find a neighbour. */
const REACH_HOURS = 168;

/** The 30 days before an issue time without a gap, as a model's features need them. */
export interface BridgedHistory {
  /** Gross load in kW, oldest first; the last value is the hour before the issue time. 720 values, all finite. */
  readonly load: Float64Array;
  /** °C, same hours; null when the sensor was silent in more than half of them. */
  readonly temperature: Float64Array | null;
  /** Hours of `load` that were not measured but bridged. */
  readonly filled: number;
}

/** Too little was measured to forecast from. */
export class NoHistory extends Error {
  override readonly name = 'NoHistory';
  readonly code = 'no-history';
}

/** Where a missing hour's value is looked for, in hours from it; a load repeats by the week, weather by the day. */
const LOAD_STEPS: readonly number[] = [-168, -24, 168, 24];
const TEMPERATURE_STEPS: readonly number[] = [-24, 24, -168, 168];

/** Fills every hour that is left, oldest first; the mean of what was measured when nothing else is known. */
function bridgeLongGaps(values: Float64Array, steps: readonly number[]): void {
  const measured = values.filter(Number.isFinite);
  const mean = measured.reduce((sum, value) => sum + value, 0) / Math.max(1, measured.length);
  for (const [i, value] of values.entries()) {
    if (!Number.isNaN(value)) continue;
    values[i] = steps.map((step) => values[i + step] ?? Number.NaN).find(Number.isFinite) ?? mean;
  }
}

function bridged(values: Float64Array, steps: readonly number[]): Float64Array {
  if (values.some(Number.isNaN)) {
    fillGaps(values);
    bridgeLongGaps(values, steps);
  }
  return values.slice(-HISTORY_HOURS);
}

function measuredIn(values: Float64Array): number {
  let measured = 0;
  for (let i = values.length - HISTORY_HOURS; i < values.length; i++) {
    if (!Number.isNaN(values[i] ?? Number.NaN)) measured++;
  }
  return measured;
}

/** Why the hours before `issueTime` are too little to forecast from; null when they will do. */
function lackOf(load: Float64Array, issueTime: number): string | null {
  const issue = (): string => new Date(issueTime).toISOString();
  const measured = measuredIn(load);
  if (measured < MINIMUM_MEASURED_HOURS) {
    return (
      `Of the 720 hours before ${issue()} only ${measured} have a usable load; ${MINIMUM_MEASURED_HOURS} are needed. ` +
      'Fetch the history from the cloud, or wait until the meter has run for two weeks.'
    );
  }
  const newest = load.findLastIndex(Number.isFinite);
  const age = load.length - newest;
  if (age <= MAXIMUM_AGE_HOURS) return null;
  return `The newest usable load is ${age} hours older than ${issue()}; at most ${MAXIMUM_AGE_HOURS} are allowed. Check the meter and its link.`;
}

function bridgeColumns(load: Float64Array, temperature: Float64Array | null): BridgedHistory {
  const filled = HISTORY_HOURS - measuredIn(load);
  const sensed = temperature !== null && measuredIn(temperature) * 2 >= HISTORY_HOURS;
  return {
    load: bridged(load, LOAD_STEPS),
    temperature: sensed ? bridged(temperature, TEMPERATURE_STEPS) : null,
    filled,
  };
}

/**
 * The history that a forecast issued at `issueTime` (epoch ms, whole hour) is made from. Only readings of
 * earlier hours are looked at. Metering faults and gaps of up to six hours are treated as in training; a longer
 * gap takes the value of the same hour a week before, or a day before, or, at the beginning of the history, the
 * next one known. What happens in hours of `stops` is no fault.
 * @throws {NoHistory}
 */
export function bridgeHistory(
  readings: readonly HourReading[],
  issueTime: number,
  stops: ExpectedStop = noStops,
): BridgedHistory {
  const from = issueTime - (HISTORY_HOURS + REACH_HOURS) * HOUR_MS;
  const { load, temperature } = layOnGrid(readings, from, issueTime);
  maskFaults(load, from, stops);
  const lack = lackOf(load, issueTime);
  if (lack !== null) throw new NoHistory(lack);
  return bridgeColumns(load, temperature);
}

/** What lies before `position` of a cleaned series, as far back as a history reaches; NaN before its beginning. */
function before(values: Float64Array, position: number): Float64Array {
  const first = position - HISTORY_HOURS - REACH_HOURS;
  const history = new Float64Array(HISTORY_HOURS + REACH_HOURS).fill(Number.NaN);
  history.set(values.subarray(Math.max(0, first), position), Math.max(0, -first));
  return history;
}

/** Whether a device would forecast at `position` of a cleaned series: {@link bridgeHistory} would not refuse. */
export const hasHistory = ({ start, load }: HourlySeries, position: number): boolean =>
  lackOf(before(load, position), start + position * HOUR_MS) === null;

/**
 * The same from a cleaned series: the history of a forecast whose first hour is at `position`. Hours from there
 * on are not looked at. Where too little was measured it is bridged all the same: see {@link hasHistory}.
 */
export function bridgeSeries({ load, temperature }: HourlySeries, position: number): BridgedHistory {
  return bridgeColumns(before(load, position), temperature === null ? null : before(temperature, position));
}
