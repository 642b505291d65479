import { locale, say } from './words.ts';

const instant = new Intl.DateTimeFormat(locale, { dateStyle: 'short', timeStyle: 'medium' });
const hourOnly = new Intl.DateTimeFormat(locale, { weekday: 'short', hour: '2-digit', minute: '2-digit' });
const one = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
const two = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 2 });
const ratio = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });

const NONE = '–';
/** A number is never parted from its unit. */
const NBSP = '\u{A0}';

type Missing = null | undefined;

/** An ISO instant in the reader's own time zone. */
export function formatInstant(iso: string | Missing): string {
  const date = new Date(iso ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? (iso ?? NONE) : instant.format(date);
}

export const formatHour = (iso: string): string => hourOnly.format(new Date(iso));

/** A figure that is already in percent. */
export const formatPercent = (value: number | Missing): string =>
  typeof value === 'number' ? percent.format(value / 100) : NONE;

/** A fraction, shown as whole percent. */
export const formatShare = (value: number | Missing): string =>
  typeof value === 'number' ? ratio.format(value) : NONE;

export const formatKw = (value: number | Missing): string =>
  typeof value === 'number' ? `${one.format(value)}${NBSP}kW` : NONE;

export const formatMs = (value: number | Missing): string =>
  typeof value === 'number' ? `${two.format(value)}${NBSP}ms` : NONE;

export const formatYesNo = (value: boolean): string => say(value ? 'yes' : 'no');
