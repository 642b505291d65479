import { describe, expect, it } from 'vitest';
import type { Reading } from '../ports/telemetry.ts';
import { suspectReadings } from './suspect-readings.ts';

const START = Date.parse('2026-03-02T00:00:00Z');
const at = (n: number): string => new Date(START + n * 3_600_000).toISOString();
const store = (hours: number, loadKw = 100) => ({
  read: async (_systemId: string, from: Date, to: Date): Promise<readonly Reading[]> =>
    Array.from({ length: hours }, (_, i) => ({ hour: at(i - hours), loadKw })).filter(
      ({ hour }) => Date.parse(hour) >= from.getTime() && Date.parse(hour) < to.getTime(),
    ),
});
const given: readonly Reading[] = [
  { hour: at(0), loadKw: 120 },
  { hour: at(1), loadKw: 120_000 },
  { hour: at(2), loadKw: -90_000 },
  { hour: at(3), temperatureC: 25 },
];

describe('readings of another unit', () => {
  it('are those a hundred times the usual load', async () => {
    expect(await suspectReadings(store(200), 'bess-1', given)).toEqual([at(1), at(2)]);
  });

  it('are not told where too little is known, or nothing came', async () => {
    expect(await suspectReadings(store(20), 'bess-1', given)).toEqual([]);
    expect(await suspectReadings(store(200, 0), 'bess-1', given)).toEqual([]);
    expect(await suspectReadings(store(200), 'bess-1', [])).toEqual([]);
  });
});
