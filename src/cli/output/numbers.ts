/** Fractions as JSON carries them outside: percent with two decimals. */
export const outside = (fraction: number | null | undefined): number | null =>
  typeof fraction === 'number' && Number.isFinite(fraction) ? Math.round(fraction * 10_000) / 100 : null;
