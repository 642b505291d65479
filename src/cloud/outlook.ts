import type { StreamActors } from '../actors/stream-actor.ts';
import { HOUR_MS, type IssuedValues } from '../forecasting/series.ts';
import { type EnergyPrices, type HourlyPrice, type Submarket, submarketOf } from '../ports/energy-prices.ts';
import type { OutlookSource } from '../ports/outlook.ts';
import type { TemperatureForecasts } from '../ports/temperature-forecasts.ts';
import { loadSite } from './streams.ts';

/** The hours of a day are told on the day before. */
const AHEAD_MS = 48 * HOUR_MS;

export interface OutlookOptions {
  readonly actors: StreamActors;
  /** Null where no source of prices is integrated. */
  readonly prices: EnergyPrices | null;
  /** For sites whose place is not known; null for no prices there. */
  readonly submarket: Submarket | null;
  readonly temperatureForecasts: Pick<TemperatureForecasts, 'read'>;
}

/** The prices of one publication as one run of hours, NaN where it told none. */
function issueOf(prices: readonly HourlyPrice[]): IssuedValues {
  const hours = prices.map(({ hour }) => Date.parse(hour));
  const start = Math.min(...hours);
  const values = new Float64Array((Math.max(...hours) - start) / HOUR_MS + 1).fill(Number.NaN);
  for (const { hour, price } of prices) values[(Date.parse(hour) - start) / HOUR_MS] = price;
  return { issuedAt: Date.parse(prices[0]?.knownAt ?? ''), start, values };
}

/** Publications that were public before `to` (epoch ms), the earliest first. */
export function issuesOf(prices: readonly HourlyPrice[], to: number): readonly IssuedValues[] {
  const known = prices.filter(({ knownAt }) => Date.parse(knownAt) < to);
  return [...Map.groupBy(known, ({ knownAt }) => knownAt).values()]
    .map(issueOf)
    .sort((a, b) => a.issuedAt - b.issuedAt);
}

/**
 * What is known ahead of a site's hours: the prices of its submarket where they are integrated, and the temperature
 * forecasts that were supplied for it.
 */
export function createOutlook({
  actors,
  prices,
  submarket,
  temperatureForecasts,
}: OutlookOptions): OutlookSource {
  async function pricesOf(systemId: string, from: Date, to: Date): Promise<readonly IssuedValues[]> {
    if (prices === null) return [];
    const { settings } = (await loadSite(actors, systemId)).stage.context;
    const place = settings?.ibgeCode ?? null;
    const zone = place === null ? submarket : submarketOf(place);
    if (zone === null) return [];
    return issuesOf(await prices.read(zone, from, new Date(to.getTime() + AHEAD_MS)), to.getTime());
  }

  return {
    read: async (systemId, from, to) => {
      const [temperature, price] = await Promise.all([
        temperatureForecasts.read(systemId, from, to),
        pricesOf(systemId, from, to),
      ]);
      return { temperature, price };
    },
  };
}
