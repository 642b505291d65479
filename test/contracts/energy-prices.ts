import { describe, expect, it } from 'vitest';
import { type EnergyPrices, priceAt, type Submarket } from '../../src/ports/energy-prices.ts';

/** What a source must be filled with: 20 April 2026 (Brasília), 100 + hour in the south-east, 200 + hour in the north-east. */
export const PRICES_OF_THE_DAY: readonly {
  readonly submarket: Submarket;
  readonly localHour: number;
  /** Hour-beginning, UTC. */
  readonly hour: string;
  readonly price: number;
}[] = (['SE/CO', 'NE'] as const).flatMap((submarket) =>
  Array.from({ length: 24 }, (_, localHour) => ({
    submarket,
    localHour,
    hour: new Date(Date.UTC(2026, 3, 20, localHour + 3)).toISOString(),
    price: (submarket === 'NE' ? 200 : 100) + localHour,
  })),
);

const MIDNIGHT = new Date('2026-04-20T03:00:00.000Z');
const NEXT = new Date('2026-04-21T03:00:00.000Z');

/** What every source of energy prices does, given one that holds {@link PRICES_OF_THE_DAY} and nothing else. */
export function energyPricesContract(name: string, open: () => Promise<EnergyPrices>): void {
  describe(`energy prices: ${name}`, () => {
    it('come by hour of the submarket, known from the evening before', async () => {
      const prices = await open();
      const day = await prices.read('SE/CO', MIDNIGHT, NEXT);
      expect(day).toHaveLength(24);
      expect(day[0]).toEqual({
        hour: '2026-04-20T03:00:00.000Z',
        price: 100,
        knownAt: '2026-04-19T23:00:00.000Z',
      });
      expect(day.at(-1)).toMatchObject({ hour: '2026-04-21T02:00:00.000Z', price: 123 });
      expect(new Set(day.map(({ knownAt }) => knownAt)).size).toBe(1);
      expect((await prices.read('NE', MIDNIGHT, NEXT))[5]?.price).toBe(205);
      expect(await prices.read('S', MIDNIGHT, NEXT)).toEqual([]);
    });

    it('come within half-open bounds', async () => {
      const prices = await open();
      const from = new Date('2026-04-20T05:00:00Z');
      const part = await prices.read('SE/CO', from, new Date('2026-04-20T07:00:00Z'));
      expect(part.map(({ price }) => price)).toEqual([102, 103]);
      expect(await prices.read('SE/CO', NEXT, new Date('2026-04-22T03:00:00Z'))).toEqual([]);
    });

    it('are not known before they were published', async () => {
      const day = await (await open()).read('SE/CO', MIDNIGHT, NEXT);
      const hour = new Date('2026-04-20T04:00:00Z');
      expect(priceAt(day, hour, new Date('2026-04-19T22:59:59Z'))).toBeNull();
      expect(priceAt(day, hour, new Date('2026-04-19T23:00:00Z'))).toBe(101);
      expect(priceAt(day, new Date('2026-04-22T04:00:00Z'), NEXT)).toBeNull();
    });
  });
}
