import { randomUUID } from 'node:crypto';
import { Point } from '@influxdata/influxdb-client';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { energyPricesContract, PRICES_OF_THE_DAY } from '../../../test/contracts/energy-prices.ts';
import { forecastContract, telemetryContract } from '../../../test/contracts/telemetry.ts';
import { findInflux, type InfluxService, startInflux } from '../../../test/services/influx.ts';
import { connectInflux } from './connection.ts';
import type { InfluxMapping } from './mapping.ts';
import { openInflux } from './open.ts';
import { createInfluxPrices } from './prices.ts';
import { newest } from './queries.ts';

const binary = await findInflux();
const logger = pino({ level: 'silent' });
const HOUR_MS = 3_600_000;
const START = Date.UTC(2026, 0, 5);
const hour = (n: number): Date => new Date(START + n * HOUR_MS);

const place = (field: string, measurement = 'telemetry') => ({ measurement, field });
const mapping: InfluxMapping = {
  fields: {
    loadKw: place('load_kw'),
    batteryKw: place('battery_kw'),
    pvKw: place('pv_kw'),
    temperatureC: place('temperature_c'),
    max15Kw: place('max15_kw'),
    priceBrlMwh: place('price_brl_mwh'),
  },
  siteTag: 'system_id',
  tags: {},
  powerUnit: 'kW',
  plausibleKw: { min: 1, max: 50_000 },
};

describe.skipIf(binary === null)('on InfluxDB 2', () => {
  let influx: InfluxService;
  const open = (over: Partial<InfluxMapping> = {}, login: Partial<InfluxService['login']> = {}) =>
    openInflux({
      ...influx.login,
      ...login,
      mapping: { ...mapping, ...over },
      logger,
      patience: { attempts: 3, firstPauseMs: 20 },
    });
  const newSite = () => `site-${randomUUID()}`;

  beforeAll(async () => {
    influx = await startInflux(binary ?? '');
  });
  afterAll(() => influx.close());

  describe('telemetry', () => telemetryContract(async () => (await open()).telemetry));
  describe('forecasts', () => forecastContract(async () => (await open()).forecasts));
  energyPricesContract('InfluxDB', async () => {
    const connection = connectInflux({ ...influx.login, logger });
    const points = PRICES_OF_THE_DAY.map((each) =>
      new Point('energy_price')
        .tag('submarket', each.submarket)
        .floatField('pld', each.price)
        .timestamp(Date.parse(each.hour)),
    );
    await connection.write(points);
    return createInfluxPrices({ connection, place: place('pld', 'energy_price'), submarketTag: 'submarket' });
  });

  it("merges the operators' finer data to hours, stamped by their start, in their own names and unit", async () => {
    const measurement = `meters ${randomUUID()}`;
    const { connection, telemetry } = await open({
      fields: {
        loadKw: place('P, total', measurement),
        max15Kw: place('demand', measurement),
        temperatureC: place('t', `${measurement} weather`),
      },
      siteTag: 'site name',
      tags: { phase: 'total' },
      powerUnit: 'W',
    });
    const at = (minutes: number) => START + minutes * 60_000;
    const meter = (minutes: number, watts: number, phase = 'total') =>
      new Point(measurement)
        .tag('site name', 'bess-1')
        .tag('phase', phase)
        .timestamp(at(minutes))
        .floatField('P, total', watts);
    await connection.write([
      ...[0, 15, 30, 45].map((minute) => meter(minute, 100_000 + minute * 1000)),
      ...[60, 75].map((minute) => meter(minute, 200_000)),
      meter(0, 9_000_000, 'A'),
      new Point(measurement)
        .tag('site name', 'bess-1')
        .tag('phase', 'total')
        .timestamp(at(15))
        .floatField('demand', 120_000),
      new Point(measurement)
        .tag('site name', 'bess-1')
        .tag('phase', 'total')
        .timestamp(at(45))
        .floatField('demand', 145_000),
      new Point(`${measurement} weather`)
        .tag('site name', 'bess-1')
        .tag('phase', 'total')
        .timestamp(at(59))
        .floatField('t', 25),
    ]);
    expect(await telemetry.read('bess-1', hour(0), hour(2))).toEqual([
      { hour: hour(0).toISOString(), loadKw: 122.5, max15Kw: 145, temperatureC: 25 },
      { hour: hour(1).toISOString(), loadKw: 200 },
    ]);
    expect(await telemetry.read('bess-1', new Date(START + 1), hour(2))).toHaveLength(1);
    expect(await telemetry.extent('bess-1')).toEqual({
      first: hour(0).toISOString(),
      last: hour(1).toISOString(),
    });
    await telemetry.write('bess-1', [{ hour: hour(3).toISOString(), loadKw: 250.5, temperatureC: 20 }]);
    expect(await telemetry.read('bess-1', hour(3), hour(4))).toEqual([
      { hour: hour(3).toISOString(), loadKw: 250.5, temperatureC: 20 },
    ]);
  });

  it('averages the series of two devices in the hours that both measured', async () => {
    const { connection, telemetry } = await open();
    const site = newSite();
    const of = (device: string, n: number, load: number) =>
      new Point('telemetry')
        .tag('system_id', site)
        .tag('device', device)
        .floatField('load_kw', load)
        .timestamp(hour(n).getTime());
    await connection.write([of('old', 0, 10), of('old', 1, 20), of('new', 1, 30), of('new', 2, 40)]);
    const loads = (await telemetry.read(site, hour(0), hour(3))).map(({ loadKw }) => loadKw);
    expect(loads).toEqual([10, 25, 40]);
  });

  it('reads and writes three years in pages', async () => {
    const { telemetry } = await open();
    const site = newSite();
    const hours = 3 * 365 * 24;
    const readings = Array.from({ length: hours }, (_, n) => ({
      hour: hour(n - hours).toISOString(),
      loadKw: 100 + (n % 24),
    }));
    expect(await telemetry.write(site, readings)).toEqual({ written: hours, changed: hours });
    const read = await telemetry.read(site, hour(-hours), hour(0));
    expect(read).toHaveLength(hours);
    expect(read.at(-1)).toEqual(readings.at(-1));
    expect(await telemetry.write(site, readings.slice(-50))).toEqual({ written: 50, changed: 0 });
  });

  it('lets no name out of its quotes', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Flux would read it as a template
    const evil = 'x" or true) |> drop(columns: ["_value"]) // ${r}';
    const { connection, telemetry } = await open({ siteTag: evil, fields: { loadKw: place(evil, evil) } });
    await connection.write([
      new Point(evil).tag(evil, evil).floatField(evil, 7).timestamp(START),
      new Point('telemetry').tag('system_id', 'other').floatField('load_kw', 1).timestamp(START),
    ]);
    const read = await telemetry.read(evil, hour(0), hour(1));
    expect(read.every(({ loadKw }) => loadKw === 7)).toBe(true);
    for (const site of ['bess" or true', 'bess\\', 'bess\n', '\\" or true or r.x == "'])
      expect(await telemetry.read(site, hour(0), hour(1))).toEqual([]);
    await expect(open({}, { bucket: 'b") |> yield() //' })).rejects.toMatchObject({
      code: 'telemetry-bucket-missing',
    });
  });

  it('keeps every forecast and the scores, many at a time', async () => {
    const { forecasts, connection } = await open();
    const site = newSite();
    const forecast = (issue: number) => ({
      systemId: site,
      issuedAt: hour(issue).toISOString(),
      version: issue === 5 ? null : '1.0.0',
      modelType: 'ensemble',
      deviceId: 'device-1',
      hours: Array.from({ length: 48 }, (_, lead) => ({
        hour: hour(issue + lead).toISOString(),
        loadKw: issue * 100 + lead,
        lowerKw: 1,
        upperKw: 2,
        peakProbability: lead < 24 ? 0.5 : null,
      })),
    });
    await Promise.all([0, 1, 2, 3, 4, 5].map((issue) => forecasts.save(forecast(issue))));
    expect(await forecasts.latest(site)).toEqual(forecast(5));
    const day = {
      ...{ systemId: site, model: 'device', day: '2026-01-05', issuedAt: hour(3).toISOString(), hours: 24 },
      ...{ modelType: 'ensemble', version: '1.0.0', excludedHours: 0, suspectHours: 0 },
      ...{ forecastKw: [], lowerKw: [], upperKw: [], actualKw: [] },
      ...{ mape: 0.05, wape: null, rmse: 12.5, coverage: 0.9 },
    };
    await forecasts.saveScores([day, { ...day, model: 'linear', rmse: 14 }]);
    // Given again, a day replaces what was there.
    await forecasts.saveScores([{ ...day, mape: 0.04 }]);
    expect(
      await connection.query(
        newest({
          bucket: influx.login.bucket,
          mapping: { siteTag: 'system_id', tags: {} },
          systemId: site,
          places: [place('mape', 'lifo4_score'), place('rmse', 'lifo4_score')],
        }),
      ),
    ).toEqual(
      expect.arrayContaining(
        [0.04, 0.05, 12.5, 14].map((value) => expect.objectContaining({ _value: value })),
      ),
    );
  });
});
