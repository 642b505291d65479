import { CALENDAR_AT } from '../features/layout.ts';
import { HORIZON_HOURS } from '../horizon.ts';
import { type Algebra, span } from '../tensor/algebra.ts';
import type { Tensor } from '../tensor/numeric.ts';

export const HOURS_OF_DAY = 24;

/** One-hot of the local hour in which a forecast is issued, [N, 24], from the calendar rows [N, 48, C]. */
export function hourOfIssue<T>(g: Algebra<T>, calendar: T): T {
  const columns = g.shapeOf(calendar).at(-1) ?? 1;
  const row = g.reshape(calendar, [HORIZON_HOURS * columns]);
  return span(g, row, CALENDAR_AT.hour, CALENDAR_AT.hour + HOURS_OF_DAY);
}

/** The same as a number for every row. [N] */
export function hoursOfIssue(calendar: Tensor): Uint8Array {
  const [rows = 0, leads = 1, columns = 1] = calendar.shape;
  return Uint8Array.from({ length: rows }, (_, r) => {
    const first = r * leads * columns + CALENDAR_AT.hour;
    return calendar.data.subarray(first, first + HOURS_OF_DAY).indexOf(1);
  });
}

/**
 * Hours of the day at which what a model learns is learnt apart; between two of them it is mixed by their
 * distance. What tells most about the next day is not the same at night and at noon.
 */
export const ANCHORS = 4;
const SPACING = HOURS_OF_DAY / ANCHORS;

/** How much an hour counts at an anchor, 0 to 1; over all anchors 1. */
export function anchorShare(hour: number, anchor: number): number {
  const apart = Math.abs(hour - anchor * SPACING);
  return Math.max(0, 1 - Math.min(apart, HOURS_OF_DAY - apart) / SPACING);
}

/** {@link anchorShare} of all hours and anchors, [24 × ANCHORS]. */
export const ANCHOR_SHARES: Float32Array = Float32Array.from({ length: HOURS_OF_DAY * ANCHORS }, (_, i) =>
  anchorShare(Math.floor(i / ANCHORS), i % ANCHORS),
);
