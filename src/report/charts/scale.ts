/** A range of values on a range of pixels. */
export interface Scale {
  (value: number): number;
  readonly low: number;
  readonly high: number;
}

export function linearScale(low: number, high: number, from: number, to: number): Scale {
  const span = high - low || 1;
  return Object.assign((value: number) => from + ((value - low) / span) * (to - from), { low, high });
}

/** The step of 1, 2, 2.5 or 5 times a power of ten that cuts a span into about `parts`. */
function niceStep(span: number, parts: number): number {
  const raw = Math.max(span, Number.MIN_VALUE) / parts;
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = [1, 2, 2.5, 5, 10].find((f) => f * power >= raw) ?? 10;
  return factor * power;
}

/** Round values within and around `low` to `high`, ascending, about `parts` + 1 of them. */
export function ticksOf(low: number, high: number, parts: number): number[] {
  const step = niceStep(high - low, parts);
  const first = Math.floor(low / step);
  const last = Math.ceil(high / step);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

/** Least and greatest of what is a number; 0 and 1 when nothing is. */
export function extentOf(...columns: readonly ArrayLike<number>[]): readonly [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of columns.flatMap((column) => Array.from(column)).filter(Number.isFinite)) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : [0, 1];
}

/** A number on an axis: no more digits than its step needs, thousands apart. */
export function tickText(value: number): string {
  return Number(value.toPrecision(6)).toLocaleString('en-US', { maximumFractionDigits: 6 });
}
