import type { Calendar } from '../forecasting/calendar/calendar.ts';

/** Numbers and times as people read them, in English. */

const MISSING = '–';

const known = (value: number | null | undefined): value is number =>
  value !== null && value !== undefined && Number.isFinite(value);

/** A fraction in percent, without the sign. */
export function percent(fraction: number | null | undefined, digits = 2): string {
  return known(fraction) ? (fraction * 100).toFixed(digits) : MISSING;
}

/** kW with three figures or more, thousands apart. */
export function kw(value: number | null | undefined): string {
  if (!known(value)) return MISSING;
  const size = Math.abs(value);
  let digits = 2;
  if (size >= 10) digits = 1;
  if (size >= 1000) digits = 0;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export function plain(value: number | null | undefined, digits: number): string {
  return known(value) ? value.toFixed(digits) : MISSING;
}

export const count = (value: number): string => value.toLocaleString('en-US');

const FORMS = {
  day: { weekday: 'short', day: 'numeric', month: 'short' },
  date: { day: 'numeric', month: 'short', year: 'numeric' },
  hour: { weekday: 'short', day: '2-digit', month: 'short', hour: '2-digit', minute: '2-digit' },
  clock: { hour: '2-digit', minute: '2-digit' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

/** Writes an hour (epoch ms) in a site's local time: `Mon, 26 Jan`, `26 Jan 2026`, `Mon, 26 Jan, 14:00`, `14:00`. */
export function localTime(hour: number, calendar: Calendar, form: keyof typeof FORMS): string {
  const local = new Date(hour + calendar.offsetAt(hour));
  return new Intl.DateTimeFormat('en-GB', { ...FORMS[form], timeZone: 'UTC' }).format(local);
}

/** `09:00` of a local hour of the day. */
export const hourOfDay = (hour: number): string => `${String(hour).padStart(2, '0')}:00`;
