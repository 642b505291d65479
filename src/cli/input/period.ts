import type { Calendar } from '../../forecasting/calendar/calendar.ts';
import { dateOf, parseDate } from '../../forecasting/calendar/day.ts';
import { HOUR_MS } from '../../forecasting/series.ts';
import { UsageError } from '../failure.ts';

/** Times as options give them: local days, or instants in UTC. */

const FORM = 'write a local day such as 2026-01-31, or an instant such as 2026-01-31T06:00:00Z';
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

function instantOf(option: string, text: string): number {
  const instant = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(instant)) throw new UsageError(`${option}: ${JSON.stringify(text)} is no time; ${FORM}`);
  if (instant % HOUR_MS !== 0) throw new UsageError(`${option}: ${text} is no full hour in UTC; ${FORM}`);
  return instant;
}

/** The hour, epoch ms, at which a period begins: that of the instant, or the first of the local day. */
export function beginOf(option: string, text: string, calendar: Calendar): number {
  const day = parseDate(text);
  return day === null ? instantOf(option, text) : calendar.startOf(day);
}

/** The hour before which a period ends: that of the instant, or the first after the local day. */
export function endOf(option: string, text: string, calendar: Calendar): number {
  const day = parseDate(text);
  return day === null ? instantOf(option, text) : calendar.startOf(day + 1);
}

/** A local day, `YYYY-MM-DD`. @throws {UsageError} */
export function localDay(option: string, text: string): string {
  if (parseDate(text) === null) {
    throw new UsageError(
      `${option}: ${JSON.stringify(text)} is no day; write a local day such as 2026-01-31`,
    );
  }
  return text;
}

/** The local date of an hour, `YYYY-MM-DD`. */
export const localDateOf = (hour: number, calendar: Calendar): string => dateOf(calendar.dayOf(hour));
