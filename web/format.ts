import { computed } from '@preact/signals';
import { locale } from './i18n.ts';

/** Makes one form for each language, again only when the language changes. */
function forms<Form>(make: (locale: string) => Form): () => Form {
  const made = computed(() => make(locale.value));
  return () => made.value;
}

const number = (options: Intl.NumberFormatOptions) => forms((code) => new Intl.NumberFormat(code, options));
const one = number({ maximumFractionDigits: 1 });
const two = number({ maximumFractionDigits: 2 });
const percent = number({ style: 'percent', maximumFractionDigits: 2 });
const ratio = number({ style: 'percent', maximumFractionDigits: 0 });

/** Dates in the reader's own time zone, or in the one that is given. */
function dates(options: Intl.DateTimeFormatOptions): (zone: string | undefined) => Intl.DateTimeFormat {
  const byZone = forms((code) => {
    const made = new Map<string | undefined, Intl.DateTimeFormat>();
    return (zone: string | undefined) => {
      const form =
        made.get(zone) ??
        new Intl.DateTimeFormat(code, zone === undefined ? options : { ...options, timeZone: zone });
      made.set(zone, form);
      return form;
    };
  });
  return (zone) => byZone()(zone);
}
const instant = dates({ dateStyle: 'short', timeStyle: 'medium' });
const hourOnly = dates({ weekday: 'short', hour: '2-digit', minute: '2-digit' });

const day = dates({ day: '2-digit', month: 'short', year: 'numeric' });
const whole = number({ maximumFractionDigits: 0 });
const ago = forms((code) => new Intl.RelativeTimeFormat(code, { numeric: 'auto', style: 'short' }));
const date = dates({ weekday: 'short', day: '2-digit', month: 'short', hour: '2-digit', minute: '2-digit' });
const tickDay = dates({ weekday: 'short', day: 'numeric' });
const clockTime = dates({ hour: '2-digit', minute: '2-digit' });
const hourOf = dates({ hour: '2-digit', hourCycle: 'h23' });
const weekday = dates({ weekday: 'short' });

const NONE = '–';
/** A number is never parted from its unit. */
const NBSP = '\u{A0}';

type Missing = null | undefined;

/** An ISO instant in the reader's own time zone, or in `zone`. */
export function formatInstant(iso: string | Missing, zone?: string): string {
  const date = new Date(iso ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? (iso ?? NONE) : instant(zone).format(date);
}

/** A mark of a time axis: the day at midnight, else the hour. */
export function formatTick(iso: string, zone: string): string {
  const at = new Date(iso);
  return hourOf(zone).format(at).startsWith('00') ? tickDay(zone).format(at) : clockTime(zone).format(at);
}

export const formatHour = (iso: string, zone?: string): string => hourOnly(zone).format(new Date(iso));

/** A figure that is already in percent. */
export const formatPercent = (value: number | Missing): string =>
  typeof value === 'number' ? percent().format(value / 100) : NONE;

/** A fraction, shown as whole percent. */
export const formatShare = (value: number | Missing): string =>
  typeof value === 'number' ? ratio().format(value) : NONE;

export const formatKw = (value: number | Missing): string =>
  typeof value === 'number' ? `${one().format(value)}${NBSP}kW` : NONE;

export const formatMs = (value: number | Missing): string =>
  typeof value === 'number' ? `${two().format(value)}${NBSP}ms` : NONE;

/** A local day such as `2026-01-05`. */
export const formatDay = (localDay: string): string => day('UTC').format(new Date(`${localDay}T00:00:00Z`));

/** An instant of the coming days, to the minute. */
export const formatDate = (iso: string | Missing, zone?: string): string =>
  typeof iso === 'string' ? date(zone).format(new Date(iso)) : NONE;

/** Monday is 0. */
export const formatWeekday = (index: number): string =>
  weekday('UTC').format(new Date(Date.UTC(2024, 0, 1 + index)));

export const formatCount = (value: number | Missing): string =>
  typeof value === 'number' ? whole().format(value) : NONE;

export const formatNumber = (value: number | Missing): string =>
  typeof value === 'number' ? two().format(value) : NONE;

const STEPS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** How long ago, in the largest unit that fits, for example “3 h ago”. */
export function formatAge(seconds: number | Missing): string {
  if (typeof seconds !== 'number') return NONE;
  const [unit, size] = STEPS.find(([, length]) => seconds >= length) ?? ['second', 1];
  return ago().format(-Math.round(seconds / size), unit);
}

/** A length of time in seconds, in words of the largest two units. */
export function formatSeconds(seconds: number | Missing): string {
  if (typeof seconds !== 'number') return NONE;
  if (seconds < 60) return `${one().format(seconds)}${NBSP}s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes}${NBSP}min`
    : `${Math.floor(minutes / 60)}${NBSP}h ${minutes % 60}${NBSP}min`;
}
