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

const NONE = '–';
/** A number is never parted from its unit. */
const NBSP = '\u{A0}';

type Missing = null | undefined;

/** An ISO instant in the reader's own time zone, or in `zone`. */
export function formatInstant(iso: string | Missing, zone?: string): string {
  const date = new Date(iso ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? (iso ?? NONE) : instant(zone).format(date);
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
