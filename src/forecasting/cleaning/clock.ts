import type { Calendar } from '../calendar/calendar.ts';
import { HOUR_MS } from '../series.ts';
import type { Finding, HourNames } from './findings.ts';

/** A change of the site's clock: the position of its first hour with the new offset, and both offsets in hours. */
interface ClockChange {
  readonly position: number;
  readonly before: number;
  readonly after: number;
}

function changesOf(start: number, hours: number, calendar: Calendar): ClockChange[] {
  const offset = (i: number): number => calendar.offsetAt(start + i * HOUR_MS) / HOUR_MS;
  return Array.from({ length: Math.max(0, hours - 1) }, (_, k) => k + 1)
    .filter((i) => offset(i) !== offset(i - 1))
    .map((position) => ({ position, before: offset(position - 1), after: offset(position) }));
}

/**
 * Position of the hour that the local clock skipped, were its time taken for UTC; null when the clock went back.
 * Local time that was stored as UTC misses just this hour.
 */
const skippedHour = ({ position, before, after }: ClockChange): number | null =>
  after > before ? Math.floor(position + before) : null;

const missesOnly = (load: Float64Array, i: number): boolean =>
  Number.isNaN(load[i]) && Number.isFinite(load[i - 1]) && Number.isFinite(load[i + 1]);

/** Tells changes of the site's clock in a series as measured, and where they suggest that its times are local. */
export function clockFindings(
  load: Float64Array,
  start: number,
  calendar: Calendar,
  names: HourNames,
): Finding[] {
  const changes = changesOf(start, load.length, calendar);
  if (changes.length === 0) return [];
  const places = changes.map(({ position }) => names.at(position));
  const told = places.length > 2 ? `${places[0]} and ${places.length - 1} times more` : places.join(' and ');
  const found: Finding[] = [
    {
      code: 'clock-change',
      message: `The site's clock changed at ${told}: that day has 23 or 25 local hours, which is allowed for.`,
      hours: changes.length,
    },
  ];
  const suspect = changes.map(skippedHour).filter((i) => i !== null && missesOnly(load, i));
  const [first] = suspect;
  if (first === undefined || first === null) return found;
  const utc = new Date(start + first * HOUR_MS).toISOString().slice(0, 16);
  return [
    ...found,
    {
      code: 'local-time',
      message: `Only ${utc}Z is missing where the local clock skipped just that time: the times look local. Check that they are UTC.`,
      hours: suspect.length,
    },
  ];
}
