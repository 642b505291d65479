import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyPair } from 'jose';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDeviceStore } from '../adapters/sqlite/device-store.ts';
import { buildSiteConfig, type SiteConfig } from '../ota/site-config.ts';
import type { DeviceStore } from '../ports/device-store.ts';
import { createLogbook } from './logbook.ts';
import { createSiteKnowledge } from './site.ts';

const { privateKey, publicKey } = await generateKeyPair('ES256');
const signed = (config: SiteConfig) => buildSiteConfig(config, { kid: 'k1', key: privateKey });
const config: SiteConfig = {
  systemId: 'bess-456',
  deviceId: 'dev-1',
  revision: 2,
  issuedAt: '2026-01-05T06:00:00Z',
  zone: 'America/Manaus',
  ibgeCode: null,
  contract: null,
  holidays: [{ date: '2026-03-03', name: 'shutdown', kind: 'shutdown' }],
  flags: [
    { label: 'kiln', hours: [9], weekdays: [0] },
    { label: 'audit', hours: [9], dates: ['2026-03-03'] },
  ],
  prices: [{ issuedAt: '2026-03-01T20:00:00Z', start: '2026-03-02T03:00:00Z', values: [61.07, null, 99] }],
};
const PRICES = Float64Array.of(61.07, Number.NaN, 99);
const at = (text: string) => Date.parse(text);

let folder: string;
let store: DeviceStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'site-'));
  store = openDeviceStore(join(folder, 'device.sqlite'));
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const know = () =>
  createSiteKnowledge({
    systemId: 'bess-456',
    deviceId: 'dev-1',
    keys: new Map([['k1', publicKey]]),
    zone: 'America/Sao_Paulo',
    store,
    onSigned: () => undefined,
    logbook: createLogbook(store, { now: () => new Date(0) }),
    logger: pino({ level: 'silent' }),
  });

describe('site knowledge', () => {
  it('takes zone, holidays and event flags from the cloud, and keeps them over a restart', async () => {
    expect(know().calendar().zone).toBe('America/Sao_Paulo');
    expect(await know().take(await signed(config))).toBe(true);
    const site = know();
    expect(site.calendar().zone).toBe('America/Manaus');
    expect(site.calendar().localDay(site.calendar().dayOf(at('2026-03-03T16:00:00Z'))).holiday).toBe(true);
    const flags = site.eventFlags();
    expect(flags('kiln', at('2026-03-02T13:00:00Z'))).toBe(true);
    expect(flags('kiln', at('2026-03-02T14:00:00Z'))).toBe(false);
    expect(flags('kiln', at('2026-03-03T13:00:00Z'))).toBe(false);
    expect(flags('audit', at('2026-03-03T13:00:00Z'))).toBe(true);
    expect(site.outlook()).toEqual({
      temperature: [],
      price: [{ issuedAt: at('2026-03-01T20:00:00Z'), start: at('2026-03-02T03:00:00Z'), values: PRICES }],
    });
    expect(flags('unknown', at('2026-03-03T13:00:00Z'))).toBe(false);
  });

  it('knows what the contract allows, and that there is none', async () => {
    const site = know();
    expect(site.demandLimit()).toBeNull();
    const hours = { peakHours: [18], tolerance: 0.05, validFrom: null, validTo: null };
    await site.take(await signed({ ...config, contract: { peakKw: 100, offPeakKw: 200, ...hours } }));
    // 18:00 and 19:00 of a Wednesday in Manaus.
    expect(know().demandLimit()?.(at('2026-03-04T22:00:00Z'))).toBeCloseTo(105);
    expect(know().demandLimit()?.(at('2026-03-04T23:00:00Z'))).toBeCloseTo(210);
    await site.take(await signed({ ...config, revision: 3 }));
    expect(know().demandLimit()).toBeNull();
  });

  it('keeps the last good one when another is older, unsigned, no zone, or cleared', async () => {
    const site = know();
    await site.take(await signed(config));
    const zone = 'America/Sao_Paulo';
    expect(await site.take(await signed({ ...config, revision: 1, zone }))).toBe(false);
    expect(await site.take(await signed({ ...config, revision: 3, zone: 'Mars/Olympus' }))).toBe(false);
    expect(await site.take(new TextEncoder().encode(JSON.stringify({ ...config, revision: 3 })))).toBe(false);
    expect(await site.take(null)).toBe(false);
    expect(site.calendar().zone).toBe('America/Manaus');
    expect(await site.take(await signed({ ...config, revision: 3, zone }))).toBe(true);
  });
});
