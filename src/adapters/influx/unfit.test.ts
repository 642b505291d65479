import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { Point } from '@influxdata/influxdb-client';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findInflux, type InfluxService, startInflux } from '../../../test/services/influx.ts';
import { Unavailable } from '../../ports/unavailable.ts';
import type { InfluxMapping } from './mapping.ts';
import { openInflux } from './open.ts';

const binary = await findInflux();
const logger = pino({ level: 'silent' });
const HOUR_MS = 3_600_000;
const START = Date.UTC(2026, 0, 5);
const hour = (n: number): Date => new Date(START + n * HOUR_MS);

const place = (field: string, measurement = 'telemetry') => ({ measurement, field });
const mapping: InfluxMapping = {
  fields: { loadKw: place('load_kw') },
  siteTag: 'system_id',
  tags: {},
  powerUnit: 'kW',
  plausibleKw: { min: 1, max: 50_000 },
};

describe.skipIf(binary === null)('InfluxDB 2 that does not fit', () => {
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

  it('gives up a server that takes requests and never answers', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const opening = openInflux({ ...influx.login, url, mapping, logger, timeoutMs: 50 });
    await expect(opening).rejects.toBeInstanceOf(Unavailable);
    silent.close();
  });

  it('knows a unit that is a thousandfold off', async () => {
    const site = newSite();
    const { telemetry } = await open();
    const week = Array.from({ length: 168 }, (_, n) => ({
      hour: hour(n).toISOString(),
      loadKw: 300_000 + n,
    }));
    await telemetry.write(site, week);
    await expect(telemetry.read(site, hour(0), hour(168))).rejects.toMatchObject({
      code: 'telemetry-unit-wrong',
      message: expect.stringMatching(/^INFLUX_POWER_UNIT: as kW, the median load of site-.* is 3\.00e\+5 kW/),
    });
    const right = await open({ powerUnit: 'W' });
    expect((await right.telemetry.read(site, hour(0), hour(168)))[0]?.loadKw).toBeCloseTo(300, 9);
    const tooSmall = await open({ powerUnit: 'W', plausibleKw: { min: 1000, max: 50_000 } });
    await expect(tooSmall.telemetry.read(site, hour(0), hour(168))).rejects.toThrow(
      /^INFLUX_POWER_UNIT: as W/,
    );
  });

  it('says why there is nothing', async () => {
    const { telemetry } = await open();
    await telemetry.write('bess-known', [{ hour: hour(0).toISOString(), loadKw: 1 }]);
    const why = async (over: Partial<InfluxMapping>) => (await open(over)).telemetry.whyEmpty?.('bess-x');
    expect(await why({})).toMatch(/^no point of telemetry .* has system_id=bess-x .* sites there: .*\w/);
    expect(await why({ fields: { loadKw: place('load_kw', 'absent') } })).toMatch(
      /^INFLUX_MEASUREMENT: .* no measurement absent; it has .*telemetry/,
    );
    expect(await why({ fields: { loadKw: place('absent') } })).toMatch(
      /^INFLUX_FIELDS: .* no field absent; .*load_kw/,
    );
    expect(await why({ siteTag: 'absent' })).toMatch(/^INFLUX_SITE_TAG: .* no tag absent/);
  });

  it('says that a field holds something else than numbers, on reading and on writing', async () => {
    const site = newSite();
    const texts = { fields: { loadKw: place('text', `texts ${site}`) } };
    const { connection, telemetry } = await open(texts);
    await connection.write([
      new Point(`texts ${site}`).tag('system_id', site).stringField('text', 'on').timestamp(START),
    ]);
    const unfit = { code: 'telemetry-field-unfit', message: expect.stringMatching(/^INFLUX_FIELDS: /) };
    await expect(telemetry.read(site, hour(0), hour(1))).rejects.toMatchObject(unfit);
    await expect(
      connection.write([
        new Point(`texts ${site}`).tag('system_id', site).floatField('text', 1).timestamp(START),
      ]),
    ).rejects.toMatchObject(unfit);
  });

  it.each([
    ['a wrong token', { token: 'wrong' }, 'telemetry-login-refused', /^INFLUX_TOKEN: /],
    ['an unknown organisation', { org: 'nobody' }, 'telemetry-bucket-missing', /^INFLUX_ORG: .* nobody/],
    ['a missing bucket', { bucket: 'absent' }, 'telemetry-bucket-missing', /^INFLUX_BUCKET: .* absent/],
  ])('names the setting of %s', async (_, login, code, message) => {
    const refused = expect(open({}, login)).rejects;
    await refused.toMatchObject({ name: 'TelemetryUnfit', code, message: expect.stringMatching(message) });
  });

  it('waits for a server that is away, and says in the end which setting names it', async () => {
    if (!influx.own) return;
    const { telemetry } = await open();
    const patient = await openInflux({
      ...influx.login,
      mapping,
      logger,
      patience: { attempts: 10, firstPauseMs: 50 },
    });
    const site = newSite();
    await influx.stop();
    await expect(telemetry.read(site, hour(0), hour(1))).rejects.toMatchObject({
      name: 'InfluxUnavailable',
      message: expect.stringContaining('INFLUX_URL'),
    });
    const writing = patient.telemetry.write(site, [{ hour: hour(0).toISOString(), loadKw: 5 }]);
    await influx.start();
    expect(await writing).toEqual({ written: 1, changed: 1 });
    expect(await telemetry.read(site, hour(0), hour(1))).toEqual([
      { hour: hour(0).toISOString(), loadKw: 5 },
    ]);
  });
});
