import { type EnergyPrices, publishedBy } from '../../ports/energy-prices.ts';
import type { InfluxConnection } from './connection.ts';
import type { FieldPlace } from './mapping.ts';
import { hourly } from './queries.ts';

export interface InfluxPricesOptions {
  readonly connection: InfluxConnection;
  /** R$/MWh. */
  readonly place: FieldPlace;
  /** The tag whose value is `SE/CO`, `S`, `NE` or `N`. */
  readonly submarketTag: string;
}

/** Hourly energy prices that somebody already puts into InfluxDB; known from 20:00 of the day before, as CCEE's. */
export function createInfluxPrices({ connection, place, submarketTag }: InfluxPricesOptions): EnergyPrices {
  return {
    read: async (submarket, from, to) => {
      const mapping = { siteTag: submarketTag, tags: {} };
      const { bucket } = connection.place;
      const request = { bucket, mapping, systemId: submarket, places: [place] };
      const rows = await connection.query(hourly(request, from, to, 'mean'));
      return rows
        .map((row) => ({ time: Date.parse(String(row['_time'])), price: Number(row['_value']) }))
        .sort((a, b) => a.time - b.time)
        .map(({ time, price }) => ({
          hour: new Date(time).toISOString(),
          price,
          knownAt: publishedBy(time),
        }));
    },
  };
}
