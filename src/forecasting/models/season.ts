import type { TrainingRows } from './member.ts';

/** A usual day holds for about a season. */
const SEASON_HOURS = 90 * 24;

/** Hours from the first origin to the last. */
const hoursOf = (origins: TrainingRows['origins']): number => (origins.at(-1) ?? 0) + 1 - (origins[0] ?? 0);

/** How many seasons an hourly window is about as long as; at least 1. */
export const seasonsIn = (hours: number): number => Math.max(1, Math.round(hours / SEASON_HOURS));

/** The same for origins, ascending. */
export const seasonsSpanned = (origins: TrainingRows['origins']): number => seasonsIn(hoursOf(origins));

/** A season as a share of what the origins span; 1 when that is no longer. */
export const shareOfSeason = (origins: TrainingRows['origins']): number =>
  Math.min(1, SEASON_HOURS / hoursOf(origins));
