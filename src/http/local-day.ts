/** Days of a site's own calendar, `YYYY-MM-DD`. */

const DAY_MS = 86_400_000;

/** Epoch milliseconds of the day's start in UTC, or null when there is no such day. */
function parseDay(day: string): number | null {
  const at = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== day ? null : at;
}

/** Days from `start` to `end`, both counted; null when one of them does not exist. */
export function daysBetween(start: string, end: string): number | null {
  const from = parseDay(start);
  const to = parseDay(end);
  return from === null || to === null ? null : (to - from) / DAY_MS + 1;
}

/** The calendar day of an instant in a zone. */
export const localDay = (at: Date, zone: string): string =>
  new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).format(at);
