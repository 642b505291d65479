import type { Calendar } from '../calendar/calendar.ts';
import type { DemandLimit } from './demand-limit.ts';
import type { DemandRatios } from './demand-ratios.ts';
import { chanceAbove, type LoadDistribution } from './load-distribution.ts';

/** A forecast hour with what its gross load may be. */
interface HourAhead {
  /** Epoch ms of the hour's start. */
  readonly hour: number;
  readonly distribution: LoadDistribution;
}

/** Chance that `demand = load · ratio` passes `limit`, with each of the ratios as likely as the others. */
function chanceOf(distribution: LoadDistribution, ratios: readonly number[], limit: number): number {
  const sum = ratios.reduce(
    (total, ratio) => total + (ratio > 0 ? chanceAbove(distribution, limit / ratio) : 0),
    0,
  );
  return Math.min(Math.max(sum / ratios.length, 0), 1);
}

/**
 * Chance that each hour's demand, before the battery and after solar, passes what the contract allows with its
 * tolerance; null where no contract is in force. Load and ratio are taken as independent within a local hour and
 * kind of day (docs/decisions/0026). Used by devices and the cloud alike.
 */
export function exceedanceProbabilities(
  hours: readonly HourAhead[],
  demand: { readonly limit: DemandLimit; readonly ratios: DemandRatios; readonly calendar: Calendar },
): (number | null)[] {
  const { limit, ratios, calendar } = demand;
  return hours.map(({ hour, distribution }) => {
    const allowed = limit(hour);
    if (allowed === null) return null;
    const { workingDay } = calendar.localDay(calendar.dayOf(hour));
    return chanceOf(distribution, ratios.at(calendar.hourOf(hour), workingDay), allowed);
  });
}
