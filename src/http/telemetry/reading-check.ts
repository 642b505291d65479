import type { Reading } from '../../ports/telemetry.ts';
import { instantOf } from '../local-day.ts';
import { createRowProblems, hourProblem, type RowProblems } from './row-problems.ts';

/** What every row of readings must satisfy beyond its form. Nothing is stored unless all rows do. */

const HOUR_MS = 3_600_000;
const BOUNDS = {
  earliest: Date.parse('2000-01-01T00:00:00Z'),
  early: 'lies before the year 2000: check the timestamp',
  late: 'lies in the future: send readings of hours that have begun',
};

export interface ReadingCheck extends Pick<RowProblems, 'refuse'> {
  /** Takes a row, numbered from 1; what is wrong with it is noted. */
  add(row: number, reading: Reading): void;
  /** All rows, hours in canonical form. Throws a 422 problem that names the rows when any was wrong. */
  finish(): readonly Reading[];
}

function hasValue({ hour: _hour, ...values }: Reading): boolean {
  return Object.values(values).some((value) => value !== undefined);
}

/** What may be known of hours to come: the price, which is published on the day before. */
const PUBLISHED_AHEAD_MS = 48 * HOUR_MS;

function isPriceAlone({ hour: _hour, priceBrlMwh, ...measured }: Reading): boolean {
  return priceBrlMwh !== undefined && Object.values(measured).every((value) => value === undefined);
}

/** `now` is the site clock's. */
export function createReadingCheck(now: Date): ReadingCheck {
  const readings: Reading[] = [];
  const seen = new Map<number, number>();
  const { refuse, finish } = createRowProblems('readings', 'invalid-readings');

  return {
    refuse,
    add: (row, reading) => {
      const at = instantOf(reading.hour);
      const latest = now.getTime() + (isPriceAlone(reading) ? PUBLISHED_AHEAD_MS : 0);
      const wrong = hourProblem(at, { ...BOUNDS, latest }, seen.get(at));
      if (wrong !== null) return refuse(row, '/hour', wrong);
      seen.set(at, row);
      if (hasValue(reading)) readings.push({ ...reading, hour: new Date(at).toISOString() });
      else refuse(row, '', 'holds no value: leave the row out, or give at least one');
    },
    finish: () => {
      finish();
      return readings;
    },
  };
}
