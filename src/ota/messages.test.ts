import { generateKeyPair } from 'jose';
import { describe, expect, it } from 'vitest';
import { buildUplink, type ForecastMessage, parseUplink } from './messages.ts';
import { buildSiteConfig, parseSiteConfig, type SiteConfig } from './site-config.ts';
import { compareVersions, InvalidVersion, modelUrl, nextVersion } from './versions.ts';
import { encodeMessage } from './wire.ts';

const origin = { messageId: 'm-1', deviceId: 'dev-1' };

describe('device messages', () => {
  const ack = {
    ...origin,
    deploymentId: 'dep-1',
    assignment: 3,
    version: '1.3.0',
    status: 'active',
    runningVersion: '1.3.0',
    inferenceMs: 1.5,
    at: '2026-01-05T06:00:00Z',
  } as const;

  it('come back as they were sent, without fields that nobody knows', () => {
    expect(parseUplink('ack', buildUplink('ack', ack))).toEqual(ack);
    expect(parseUplink('ack', encodeMessage({ ...ack, extra: 1 }))).toEqual(ack);
  });

  it.each([
    ['no message id', { ...ack, messageId: undefined }],
    ['an unknown status', { ...ack, status: 'fine' }],
    ['a date that does not exist', { ...ack, at: '2026-13-45T06:00:00Z' }],
    ['a version that is none', { ...ack, version: '../1.0' }],
    ['a huge id', { ...ack, deploymentId: 'x'.repeat(10_000) }],
    ['an array', [ack]],
  ])('are refused with %s', (_, message) => {
    expect(() => parseUplink('ack', encodeMessage(message))).toThrow(/malformed ack/);
  });

  it('hold readings at whole hours only, and finite', () => {
    const telemetry = (reading: object) => encodeMessage({ ...origin, readings: [reading] });
    const hour = '2026-01-05T06:00:00Z';
    expect(parseUplink('telemetry', telemetry({ hour, loadKw: -3 })).readings).toEqual([
      { hour, loadKw: -3 },
    ]);
    expect(() => parseUplink('telemetry', telemetry({ hour: '2026-01-05T06:30:00Z', loadKw: 1 }))).toThrow();
    expect(() => parseUplink('telemetry', telemetry({ hour, loadKw: Number.NaN }))).toThrow();
    expect(() => parseUplink('telemetry', telemetry({ hour, loadKw: 1e300 }))).toThrow();
  });

  it('hold forecasts of exactly 48 hours', () => {
    const first = Date.parse('2026-01-05T06:00:00Z');
    const hour = (i: number) => ({
      hour: new Date(first + i * 3_600_000).toISOString(),
      loadKw: 1,
      lowerKw: 0,
      upperKw: 2,
      peakProbability: null,
    });
    const forecast = (hours: number, issuedAt = '2026-01-05T06:00:00Z'): ForecastMessage => ({
      ...origin,
      issuedAt,
      version: null,
      modelType: 'seasonal-naive',
      fallback: 'no model',
      hours: Array.from({ length: hours }, (_, i) => hour(i)),
    });
    expect(buildUplink('forecast', forecast(48)).length).toBeLessThan(10_000);
    expect(() => buildUplink('forecast', forecast(47))).toThrow(/malformed forecast/);
    expect(() => buildUplink('forecast', forecast(48, '2026-01-05T07:00:00Z'))).toThrow(/follow issuedAt/);
  });
});

describe('site configuration', () => {
  const config: SiteConfig = {
    systemId: 'bess-456',
    deviceId: 'dev-1',
    revision: 4,
    issuedAt: '2026-01-05T06:00:00Z',
    zone: 'America/Sao_Paulo',
    ibgeCode: null,
    contract: null,
    holidays: [{ date: '2026-11-20', name: 'Consciência Negra', kind: 'national' }],
    flags: [],
  };

  it('is read back when signed by a trusted key for this device, and no older', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const rules = {
      systemId: 'bess-456',
      deviceId: 'dev-1',
      keys: new Map([['k1', publicKey]]),
      floor: 4,
    };
    const bytes = await buildSiteConfig(config, { kid: 'k1', key: privateKey });
    expect(await parseSiteConfig(bytes, rules)).toMatchObject(config);
    await expect(parseSiteConfig(bytes, { ...rules, floor: 5 })).rejects.toMatchObject({
      refusal: 'older-revision',
    });
    await expect(parseSiteConfig(bytes, { ...rules, systemId: 'x' })).rejects.toMatchObject({
      refusal: 'wrong-site',
    });
    await expect(parseSiteConfig(bytes, { ...rules, keys: new Map() })).rejects.toMatchObject({
      refusal: 'bad-signature',
    });
    await expect(parseSiteConfig(encodeMessage({ a: 1 }), rules)).rejects.toThrow(/malformed config/);
  });
});

describe('versions', () => {
  it('rise by a minor, and by a major when the layout changed', () => {
    expect(nextVersion(null, false)).toBe('1.0.0');
    expect(nextVersion('1.9.0', false)).toBe('1.10.0');
    expect(nextVersion('1.9.3', true)).toBe('2.0.0');
    expect(compareVersions('1.9.0', '1.10.0')).toBeLessThan(0);
    expect(() => nextVersion('1.x', false)).toThrow(InvalidVersion);
  });

  it('have an address each', () => {
    const about = { systemId: 'bess-456', version: '1.3.0' };
    expect(modelUrl('https://m.example.com/', { ...about, modelType: 'ensemble' })).toBe(
      'https://m.example.com/bess-456/v1.3.0.onnx',
    );
    expect(modelUrl('https://m.example.com', { ...about, modelType: 'xgboost' })).toBe(
      'https://m.example.com/bess-456/v1.3.0/xgboost.onnx',
    );
  });
});
