/** Fractions inside, percent outside, with two decimals: 0.0384 is 3.84. */
export const percent = (fraction: number): number => Math.round(fraction * 10_000) / 100;

export const percentOrNull = (fraction: number | null): number | null =>
  fraction === null ? null : percent(fraction);

export const fraction = (percentage: number): number => percentage / 100;
