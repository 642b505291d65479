/** The four price zones of the Brazilian interconnected system. */
export const SUBMARKETS = ['SE/CO', 'S', 'NE', 'N'] as const;

export type Submarket = (typeof SUBMARKETS)[number];

/** The price of one hour and the moment from which it was public. */
export interface HourlyPrice {
  /** Hour-beginning, UTC, ISO 8601 with `Z`. */
  readonly hour: string;
  /** R$/MWh. */
  readonly price: number;
  /** UTC, ISO 8601 with `Z`; before the hour. */
  readonly knownAt: string;
}

/** The source cannot be used as it is set up; the message begins with the setting to change. */
export class PricesUnfit extends Error {
  override readonly name = 'PricesUnfit';
}

/** Hourly energy prices. They are optional: a source that is away tells what it knew. */
export interface EnergyPrices {
  /** Prices with `from <= hour < to`, ascending by hour. Hours without one are absent. */
  read(submarket: Submarket, from: Date, to: Date): Promise<readonly HourlyPrice[]>;
}

/** The price of `hour` as it was known at `asOf`; null when it was not public by then. */
export function priceAt(prices: readonly HourlyPrice[], hour: Date, asOf: Date): number | null {
  const found = prices.find((each) => Date.parse(each.hour) === hour.getTime());
  return found !== undefined && Date.parse(found.knownAt) <= asOf.getTime() ? found.price : null;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Brasília's offset, which has no summer time since 2019; hourly prices begin in 2021. */
const BRASILIA_MS = -3 * HOUR_MS;
/** By this hour of the day before, Brasília, CCEE publishes a day's hourly prices (Regras de Comercialização, 3.68). */
const PUBLISHED_HOUR = 20;

/** Epoch ms of an hour that is told in Brasília's time: the date's midnight as if it were UTC, and the hour, 0 to 23. */
export const brasiliaHour = (midnight: number, hour: number): number =>
  midnight + hour * HOUR_MS - BRASILIA_MS;

/** When the price of an hour (epoch ms) is public at the latest: 20:00 of the day before, Brasília. */
export function publishedBy(hour: number): string {
  const midnight = Math.floor((hour + BRASILIA_MS) / DAY_MS) * DAY_MS;
  return new Date(brasiliaHour(midnight - DAY_MS, PUBLISHED_HOUR)).toISOString();
}

const SOUTH = new Set(['41', '42', '43']);
const NORTH = new Set(['13', '14', '15', '16', '17', '21']);
const NORTHEAST = new Set(['22', '23', '24', '25', '26', '27', '28', '29']);

/**
 * The submarket of a place by its IBGE code, whose first two digits are the state's. The operator's grid decides, not
 * the map: Maranhão (21) belongs to the north, Acre (12) and Rondônia (11) to the south-east.
 */
export function submarketOf(ibgeCode: string): Submarket {
  const state = ibgeCode.slice(0, 2);
  if (SOUTH.has(state)) return 'S';
  if (NORTH.has(state)) return 'N';
  return NORTHEAST.has(state) ? 'NE' : 'SE/CO';
}
