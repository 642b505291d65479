/** Instants, and days of a site's own calendar, as requests write them. */

const DAY_MS = 86_400_000;

/**
 * Epoch milliseconds of an ISO 8601 instant in UTC, or NaN when the calendar has no such day: the platform's own
 * parser takes 31 February for 3 March.
 */
export function instantOf(text: string): number {
  const at = Date.parse(text);
  const same = !Number.isNaN(at) && new Date(at).toISOString().slice(0, 10) === text.slice(0, 10);
  return same ? at : Number.NaN;
}

/** Days from `start` to `end`, both counted; null when one of them does not exist. */
export function daysBetween(start: string, end: string): number | null {
  const days = (instantOf(`${end}T00:00:00Z`) - instantOf(`${start}T00:00:00Z`)) / DAY_MS + 1;
  return Number.isNaN(days) ? null : days;
}

/** The calendar day of an instant in a zone. */
export const localDay = (at: Date, zone: string): string =>
  new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).format(at);
