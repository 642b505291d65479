import { type Span, spansWhere } from './findings.ts';

/** Gaps of up to so many hours are filled; longer ones stay missing. */
export const FILL_HOURS = 6;

export function gapsOf(values: Float64Array): Span[] {
  return spansWhere(values.length, (i) => Number.isNaN(values[i] ?? Number.NaN));
}

function meanOfMeasured(a: number, b: number): number {
  if (Number.isNaN(a)) return b;
  return Number.isNaN(b) ? a : (a + b) / 2;
}

/** The same hour of the weeks before and after, or else of the days before and after; NaN when none is there. */
function neighbour(values: Float64Array, i: number): number {
  const at = (position: number): number => values[position] ?? Number.NaN;
  const weeks = meanOfMeasured(at(i - 168), at(i + 168));
  return Number.isNaN(weeks) ? meanOfMeasured(at(i - 24), at(i + 24)) : weeks;
}

/**
 * Values for a gap with a measured hour on either side: the shape of the neighbouring weeks (or days), moved so
 * that it meets the measured hours at both ends, and never outside of what was measured around it. Without a
 * shape, the straight line between the ends.
 */
function bridge(values: Float64Array, { from, to }: Span): Float64Array {
  const before = values[from - 1] ?? Number.NaN;
  const after = values[to] ?? Number.NaN;
  const offBefore = before - neighbour(values, from - 1);
  const offAfter = after - neighbour(values, to);
  return Float64Array.from({ length: to - from }, (_, k) => {
    const share = (k + 1) / (to - from + 1);
    const shape = neighbour(values, from + k);
    const moved = shape + (1 - share) * offBefore + share * offAfter;
    if (Number.isNaN(moved)) return (1 - share) * before + share * after;
    return Math.min(Math.max(before, after, shape), Math.max(Math.min(before, after, shape), moved));
  });
}

/** Fills gaps of up to {@link FILL_HOURS} that have a measured hour on either side, in place; returns them. */
export function fillGaps(values: Float64Array): Span[] {
  const small = gapsOf(values).filter(
    ({ from, to }) => from > 0 && to < values.length && to - from <= FILL_HOURS,
  );
  const filled = small.map((gap) => bridge(values, gap));
  for (const [k, { from }] of small.entries()) values.set(filled[k] ?? [], from);
  return small;
}
