import { type DayShape, dayShapeDesign, learnDayShape } from './day-shape.ts';
import { deviationDesign } from './long-window.ts';
import { subsetOf, type TrainingRows } from './member.ts';
import type { DesignedRows } from './ridge-problem.ts';
import { seasonsSpanned } from './season.ts';

/** Rows in spans of about a season each. */
export interface Seasons {
  /** Whether there are several: what is learnt then has further columns. */
  readonly long: boolean;
  /** Oldest first; each with the usual day of its own time. */
  readonly older: readonly DesignedRows[];
  readonly newest: TrainingRows;
  /** The usual day of the newest season. */
  readonly shape: DayShape;
}

/**
 * Takes rows apart into seasons. What is usual is learnt anew for each of them, and how deviations from it go on
 * from all of them together.
 */
export function seasonsOf(rows: TrainingRows): Seasons {
  const first = rows.origins[0] ?? 0;
  const hours = (rows.origins.at(-1) ?? first) + 1 - first;
  const count = seasonsSpanned(rows.origins);
  if (count === 1) return { long: false, older: [], newest: rows, shape: learnDayShape(rows) };
  const seasonOf = (origin: number): number => Math.floor(((origin - first) * count) / hours);
  const part = (season: number): TrainingRows =>
    subsetOf(
      rows,
      rows.origins.flatMap((origin, r) => (seasonOf(origin) === season ? [r] : [])),
    );
  const older = Array.from({ length: count - 1 }, (_, season) => part(season))
    // A gap of the meter may leave a season with nothing.
    .filter(({ count: left }) => left > 0)
    .map((season) => ({
      rows: season,
      design: deviationDesign(dayShapeDesign(learnDayShape(season)), true),
    }));
  const newest = part(count - 1);
  return { long: true, older, newest, shape: learnDayShape(newest) };
}
