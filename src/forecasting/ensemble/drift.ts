import type { FittedModel } from '../models/member.ts';
import { type Algebra, scalar } from '../tensor/algebra.ts';
import type { Models } from './combine.ts';

/**
 * How large errors are at present. The artifact runs one model as it would have run two, four and six days ago
 * and compares with what was measured since: all from its input row, so the band follows a site between
 * retrains on a device that keeps no state (docs/decisions/0025).
 */

/** Forecasts of 48 hours that are looked back on. One alone hardly tells anything: its hours err together. */
export const WATCHED_LOOKS = 3;

/** How far the band follows: fully would chase chance. */
const FOLLOWED = 0.75;

/** Least and largest factor on the band. */
const BOUNDS = { least: 0.5, most: 2 } as const;

/**
 * The model that errors are watched by: the linear one, which costs next to nothing and errs when the others do;
 * without it the first there is. Null when there is none.
 */
export const watchedModel = (models: Models): FittedModel | null =>
  models.linear ?? Object.values(models)[0] ?? null;

/** Factor on the band where errors are `ratio` times as large as they usually are. */
export function widening<T>(g: Algebra<T>, ratio: T): T {
  const followed = g.add(scalar(g, 1 - FOLLOWED), g.mul(ratio, scalar(g, FOLLOWED)));
  return g.min(g.max(followed, scalar(g, BOUNDS.least)), scalar(g, BOUNDS.most));
}
