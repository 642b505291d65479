import { dailyFigures, medianOf } from './numbers.ts';

/** Days compared on either side of a level shift: two whole weeks. */
const SHIFT_DAYS = 14;
/** A level shift changes the daily median by this share at least … */
const SHIFT_SHARE = 0.3;
/** … and by so many times the usual day-to-day deviation. */
const SHIFT_DEVIATIONS = 4;
/** Days compared on either side of a unit jump. */
const JUMP_DAYS = 7;

export interface LevelChange {
  /** Position of the first hour at the new level. */
  readonly position: number;
  /** kW before and after. */
  readonly before: number;
  readonly after: number;
}

function around(
  values: Float64Array,
  day: number,
  days: number,
): [before: Float64Array, after: Float64Array] {
  return [
    values.subarray(Math.max(0, day - days), day).filter(Number.isFinite),
    values.subarray(day, day + days).filter(Number.isFinite),
  ];
}

/** The first hour at the new level, looked for backwards from a day when it holds. */
function firstHourAfter(load: Float64Array, from: number, before: number): number {
  const atOldLevel = (value: number): boolean => Math.abs(Math.log10(Math.abs(value) / before)) < 1;
  return load.subarray(0, from).findLastIndex(atOldLevel) + 1;
}

/**
 * The hour from which values are about a thousand or a million times larger or smaller than before for good
 * (W, kW and MW mixed up), or null. The daily median decides, so single faulty hours do not.
 */
export function findUnitJump(load: Float64Array): LevelChange | null {
  const { median } = dailyFigures(load.map(Math.abs));
  for (let day = 2; day <= median.length - 2; day++) {
    const [before = Number.NaN, after = Number.NaN] = around(median, day, JUMP_DAYS).map(medianOf);
    const magnitude = Math.abs(Math.log10(after / before));
    const near = (target: number): boolean => Math.abs(magnitude - target) < 0.3;
    if (near(3) || near(6)) {
      return { position: firstHourAfter(load, (day + JUMP_DAYS) * 24, before), before, after };
    }
  }
  return null;
}

function shiftAt(median: Float64Array, day: number): (LevelChange & { readonly strength: number }) | null {
  const [earlier, later] = around(median, day, SHIFT_DAYS);
  if (earlier.length < SHIFT_DAYS / 2 || later.length < SHIFT_DAYS / 2) return null;
  const before = medianOf(earlier);
  const after = medianOf(later);
  const change = Math.abs(after - before);
  const deviation = medianOf([
    ...earlier.map((value) => Math.abs(value - before)),
    ...later.map((value) => Math.abs(value - after)),
  ]);
  const base = Math.max(Math.min(Math.abs(before), Math.abs(after)), 1e-9);
  const shifted = change > SHIFT_SHARE * base && change > SHIFT_DEVIATIONS * deviation;
  return shifted ? { position: day * 24, before, after, strength: change / base } : null;
}

/** Days on which the level of the load changed for at least a fortnight; the strongest of each neighbourhood. */
export function findLevelShifts(load: Float64Array): LevelChange[] {
  const { median } = dailyFigures(load);
  const shifts = [...median.keys()].map((day) => shiftAt(median, day)).filter((shift) => shift !== null);
  const strongest = shifts.filter((shift) =>
    shifts.every(
      (other) =>
        Math.abs(other.position - shift.position) > SHIFT_DAYS * 24 ||
        other.strength < shift.strength ||
        (other.strength === shift.strength && other.position >= shift.position),
    ),
  );
  return strongest.map(({ position, before, after }) => ({ position, before, after }));
}
