import { type DemandBasis, demandRatios } from '../forecasting/exceedance/demand-ratios.ts';
import { exceedanceProbabilities } from '../forecasting/exceedance/exceedance.ts';
import type { ForecastHour } from '../forecasting/forecast-at.ts';
import type { History } from './history.ts';
import type { SiteKnowledge } from './site.ts';

/** Chances that a forecast's hours pass the contract. */
interface ContractedDemand {
  /** What demand is made of; null when no contract is in force in any of the hours. */
  readonly basis: DemandBasis | null;
  /** By hour; null where no contract is in force, and none at all without a basis. */
  readonly chances: readonly (number | null)[];
}

/** Weighs a forecast issued at `issueTime` (epoch ms) against the site's contract, by the demand measured so far. */
export function contractedDemand(
  known: { readonly site: SiteKnowledge; readonly history: History },
  issueTime: number,
  hours: readonly ForecastHour[],
): ContractedDemand {
  const limit = known.site.demandLimit();
  if (limit === null || hours.every(({ hour }) => limit(hour) === null)) return { basis: null, chances: [] };
  const calendar = known.site.calendar();
  const ratios = demandRatios(known.history.readings(issueTime), calendar);
  return { basis: ratios.basis, chances: exceedanceProbabilities(hours, { limit, ratios, calendar }) };
}
