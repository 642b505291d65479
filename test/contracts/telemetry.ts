import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type ForecastStore,
  InvalidReading,
  type Reading,
  type StoredForecast,
  type TelemetryStore,
} from '../../src/ports/telemetry.ts';

const hour = (n: number): string => new Date(Date.UTC(2026, 0, 5, n)).toISOString();
const at = (n: number): Date => new Date(hour(n));
const newSite = (): string => `site-${randomUUID()}`;

/** What every store of hourly readings must do. */
export function telemetryContract(open: () => Promise<TelemetryStore>): void {
  let store: TelemetryStore;
  beforeAll(async () => {
    store = await open();
  });

  describe('readings', () => {
    test('come back by hour, within half-open bounds, missing hours absent', async () => {
      const site = newSite();
      const readings: Reading[] = [
        { hour: hour(3), loadKw: 103.5 },
        {
          hour: hour(0),
          loadKw: 100,
          batteryKw: -5,
          pvKw: 1,
          temperatureC: 25.5,
          max15Kw: 110,
          priceBrlMwh: 61.07,
        },
        { hour: hour(1), loadKw: -3 },
      ];
      expect(await store.write(site, readings)).toEqual({ written: 3, changed: 3 });
      expect(await store.read(site, at(0), at(3))).toEqual([readings[1], readings[2]]);
      expect(await store.extent(site)).toEqual({ first: hour(0), last: hour(3) });
      expect(await store.read(newSite(), at(0), at(9))).toEqual([]);
      expect(await store.extent(newSite())).toBeNull();
    });

    test('a repeated reading overwrites only the columns it carries', async () => {
      const site = newSite();
      await store.write(site, [{ hour: hour(0), loadKw: 1, temperatureC: 20 }]);
      expect(await store.write(site, [{ hour: hour(0), loadKw: 1 }])).toEqual({ written: 1, changed: 0 });
      expect(await store.write(site, [{ hour: hour(0), loadKw: 2 }])).toEqual({ written: 1, changed: 1 });
      expect(await store.read(site, at(0), at(1))).toEqual([{ hour: hour(0), loadKw: 2, temperatureC: 20 }]);
    });

    test('of two readings for one hour the later wins, column by column', async () => {
      const site = newSite();
      const twice = [
        { hour: hour(0), loadKw: 1, pvKw: 7 },
        { hour: '2026-01-05T00:00Z', loadKw: 2 },
      ];
      expect(await store.write(site, twice)).toEqual({ written: 1, changed: 1 });
      expect(await store.read(site, at(0), at(1))).toEqual([{ hour: hour(0), loadKw: 2, pvKw: 7 }]);
    });

    test('a value that is no number, or an hour that is none, keeps the whole write out', async () => {
      const site = newSite();
      const bad: Reading[] = [
        { hour: hour(1), loadKw: Number.NaN },
        { hour: hour(1), pvKw: Number.POSITIVE_INFINITY },
        { hour: '2026-01-05T01:30:00Z', loadKw: 1 },
        { hour: '2026-01-05T01:00:00-03:00', loadKw: 1 },
        { hour: '2026-13-05T01:00:00Z', loadKw: 1 },
      ];
      for (const reading of bad) {
        const write = store.write(site, [{ hour: hour(0), loadKw: 1 }, reading]);
        await expect(write).rejects.toBeInstanceOf(InvalidReading);
      }
      expect(await store.extent(site)).toBeNull();
    });

    test('those with a price are told apart, also of hours that nobody measured yet', async () => {
      const site = newSite();
      await store.write(site, [
        { hour: hour(0), loadKw: 1 },
        { hour: hour(1), loadKw: 1, priceBrlMwh: 61.07 },
        { hour: hour(30), priceBrlMwh: 300 },
      ]);
      const priced = (await store.priced?.(site, at(0), at(31))) ?? [];
      expect(priced.map((reading) => [reading.hour, reading.priceBrlMwh])).toEqual([
        [hour(1), 61.07],
        [hour(30), 300],
      ]);
      expect(await store.priced?.(site, at(2), at(30))).toEqual([]);
    });

    test('writers of the same hours do not hinder one another', async () => {
      const site = newSite();
      const hours = Array.from({ length: 200 }, (_, n) => ({ hour: hour(n), loadKw: n }));
      await Promise.all([
        store.write(site, hours),
        store.write(site, hours.toReversed()),
        store.write(site, hours),
      ]);
      expect(await store.read(site, at(0), at(200))).toHaveLength(200);
    });
  });
}

const forecast = (systemId: string, issued: number, version = '1.0.0'): StoredForecast => ({
  systemId,
  issuedAt: hour(issued),
  version,
  modelType: 'ensemble',
  deviceId: 'device-1',
  hours: [{ hour: hour(issued), loadKw: 10, lowerKw: 8, upperKw: 12, peakProbability: null }],
});

/** What every store of forecasts must do. */
export function forecastContract(open: () => Promise<ForecastStore>): void {
  test('the latest by issue time comes back, however they arrived', async () => {
    const store = await open();
    const site = newSite();
    expect(await store.latest(site)).toBeNull();
    await store.save(forecast(site, 5));
    await store.save(forecast(site, 3));
    await store.save(forecast(site, 5, '1.1.0'));
    expect(await store.latest(site)).toEqual(forecast(site, 5, '1.1.0'));
  });
}
