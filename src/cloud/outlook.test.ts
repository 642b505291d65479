import { expect, it } from 'vitest';
import type { HourlyPrice } from '../ports/energy-prices.ts';
import { issuesOf } from './outlook.ts';

const price = (hour: string, value: number, knownAt: string): HourlyPrice => ({
  hour: `2026-04-${hour}:00:00.000Z`,
  price: value,
  knownAt: `2026-04-${knownAt}:00:00.000Z`,
});

it('tells each publication by itself, those that were public by then, with gaps as gaps', () => {
  const prices = [
    price('20T03', 1, '19T23'),
    price('20T05', 3, '19T23'),
    price('21T03', 4, '20T23'),
    price('22T03', 5, '21T23'),
  ];
  expect(issuesOf(prices, Date.parse('2026-04-21T23:00:00Z'))).toEqual([
    {
      issuedAt: Date.parse('2026-04-19T23:00:00Z'),
      start: Date.parse('2026-04-20T03:00:00Z'),
      values: Float64Array.of(1, Number.NaN, 3),
    },
    {
      issuedAt: Date.parse('2026-04-20T23:00:00Z'),
      start: Date.parse('2026-04-21T03:00:00Z'),
      values: Float64Array.of(4),
    },
  ]);
  expect(issuesOf([], 0)).toEqual([]);
});
