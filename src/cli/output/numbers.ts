/** Numbers as the program writes them for people. */

const MISSING = '–';

const known = (value: number | null | undefined): value is number =>
  value !== null && value !== undefined && Number.isFinite(value);

/** A fraction in percent, without the sign. */
export function percent(fraction: number | null | undefined, digits = 2): string {
  return known(fraction) ? (fraction * 100).toFixed(digits) : MISSING;
}

/** kW with four figures or so, thousands apart. */
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

/** Fractions as JSON carries them outside: percent with two decimals. */
export const outside = (fraction: number | null | undefined): number | null =>
  known(fraction) ? Math.round(fraction * 10_000) / 100 : null;
