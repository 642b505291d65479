/** Stops when the simplex's values differ by less than this share. */
const TOLERANCE = 1e-5;

interface Point {
  readonly x: readonly number[];
  readonly value: number;
}

/**
 * Downhill simplex (Nelder and Mead 1965) from `start`, with at most `evaluations` calls of `f`. Answers the best
 * point found.
 */
export function minimise(
  f: (x: readonly number[]) => number,
  start: readonly number[],
  evaluations: number,
): Point {
  let left = evaluations;
  const at = (x: readonly number[]): Point => {
    left--;
    return { x, value: f(x) };
  };
  let points = [start, ...start.map((_, i) => start.map((v, j) => (i === j ? v + 0.3 : v)))].map(at);
  const sorted = (): Point[] => points.toSorted((a, b) => a.value - b.value);
  points = sorted();
  const best = (): Point => points[0] as Point;
  while (left > 0 && (points.at(-1) as Point).value - best().value > TOLERANCE * Math.abs(best().value)) {
    const worst = points.at(-1) as Point;
    const others = points.slice(0, -1);
    const centre = start.map((_, i) => others.reduce((sum, { x }) => sum + (x[i] ?? 0), 0) / others.length);
    const along = (step: number): Point => at(centre.map((c, i) => c + step * ((worst.x[i] ?? 0) - c)));
    const next = improved(along, worst, others.at(-1) as Point, best());
    points =
      next === null
        ? [best(), ...points.slice(1).map(({ x }) => at(x.map((v, i) => (v + (best().x[i] ?? 0)) / 2)))]
        : [...others, next];
    points = sorted();
  }
  return best();
}

/** The point that replaces the worst one; null when the simplex is to shrink. */
function improved(along: (step: number) => Point, worst: Point, second: Point, best: Point): Point | null {
  const reflected = along(-1);
  if (reflected.value < best.value) {
    const expanded = along(-2);
    return expanded.value < reflected.value ? expanded : reflected;
  }
  if (reflected.value < second.value) return reflected;
  const contracted = along(reflected.value < worst.value ? -0.5 : 0.5);
  return contracted.value < Math.min(worst.value, reflected.value) ? contracted : null;
}
