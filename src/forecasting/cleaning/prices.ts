import { createZone } from '../calendar/zone.ts';
import { HOUR_MS, type HourlySeries, type IssuedValues, type Outlook } from '../series.ts';
import type { HourReading } from './readings.ts';

/** The market's days, of which CCEE publishes the hourly PLD on the day before. */
const MARKET_ZONE = 'America/Sao_Paulo';

/** Taken as published so long before the day begins, which is later than the market does it. */
const AHEAD_MS = 3 * HOUR_MS;

const DAY_HOURS = 24;

/** Start of the market day that an hour lies in, epoch ms. */
function createMarketDays(): (hour: number) => number {
  const zone = createZone(MARKET_ZONE);
  return (hour) => {
    const offset = zone.offsetAt(hour);
    return Math.floor((hour + offset) / (DAY_HOURS * HOUR_MS)) * DAY_HOURS * HOUR_MS - offset;
  };
}

/** Prices of readings by the day that published them together, ascending; empty where there are none. */
export function publishedPrices(readings: readonly HourReading[]): IssuedValues[] {
  const priced = readings.filter(({ priceBrlMwh }) => Number.isFinite(priceBrlMwh));
  if (priced.length === 0) return [];
  const dayOf = createMarketDays();
  const days = new Map<number, Float64Array>();
  for (const { hour, priceBrlMwh = Number.NaN } of priced) {
    const start = dayOf(hour);
    const values = days.get(start) ?? new Float64Array(DAY_HOURS + 1).fill(Number.NaN);
    values[(hour - start) / HOUR_MS] = priceBrlMwh;
    days.set(start, values);
  }
  return [...days]
    .sort(([a], [b]) => a - b)
    .map(([start, values]) => ({ issuedAt: start - AHEAD_MS, start, values }));
}

/** A source of prices tells when each was published; where it has none, those stored with the readings count. */
export function withOutlook(series: HourlySeries, told: Outlook): HourlySeries {
  const stored = series.outlook?.price ?? [];
  const price = told.price.length > 0 ? told.price : stored;
  return { ...series, outlook: { ...told, price } };
}
