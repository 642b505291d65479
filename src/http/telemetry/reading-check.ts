import type { Reading } from '../../ports/telemetry.ts';
import { instantOf } from '../local-day.ts';
import { type FieldProblem, Problem } from '../problem/problem.ts';

/** What every row of readings must satisfy beyond its form. Nothing is stored unless all rows do. */

const HOUR_MS = 3_600_000;
const EARLIEST = Date.parse('2000-01-01T00:00:00Z');
const MAX_LISTED = 20;

export interface ReadingCheck {
  /** Takes a row, numbered from 1; what is wrong with it is noted. */
  add(row: number, reading: Reading): void;
  /** Notes a row that could not even be read. */
  refuse(row: number, field: string, detail: string): void;
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

/** What is wrong with the hour, or null. */
function hourProblem(at: number, latest: number, seen: ReadonlyMap<number, number>): string | null {
  if (Number.isNaN(at)) return 'is no instant: write it like 2026-01-05T06:00:00Z';
  if (at % HOUR_MS !== 0) return 'is not the beginning of an hour: readings are hourly, in UTC';
  if (at > latest) return 'lies in the future: send readings of hours that have begun';
  if (at < EARLIEST) return 'lies before the year 2000: check the timestamp';
  const before = seen.get(at);
  return before === undefined ? null : `repeats the hour of row ${before}: send each hour once`;
}

/** `now` is the site clock's. */
export function createReadingCheck(now: Date): ReadingCheck {
  const readings: Reading[] = [];
  const seen = new Map<number, number>();
  const problems: FieldProblem[] = [];
  let refused = 0;

  const refuse: ReadingCheck['refuse'] = (row, field, detail) => {
    refused += 1;
    if (problems.length < MAX_LISTED)
      problems.push({ pointer: `/body/readings/${row - 1}${field}`, row, detail });
  };

  return {
    refuse,
    add: (row, reading) => {
      const at = instantOf(reading.hour);
      const latest = now.getTime() + (isPriceAlone(reading) ? PUBLISHED_AHEAD_MS : 0);
      const wrong = hourProblem(at, latest, seen);
      if (wrong !== null) return refuse(row, '/hour', wrong);
      seen.set(at, row);
      if (hasValue(reading)) readings.push({ ...reading, hour: new Date(at).toISOString() });
      else refuse(row, '', 'holds no value: leave the row out, or give at least one');
    },
    finish: () => {
      const [first] = problems;
      if (first === undefined) return readings;
      const more = refused > 1 ? ` ${refused} problems in all; the first ${problems.length} are listed.` : '';
      throw new Problem(
        422,
        'invalid-readings',
        `Nothing was stored: row ${first.row} ${first.detail}.${more}`,
        { problems, members: { problemCount: refused } },
      );
    },
  };
}
