import { describe, expect, it } from 'vitest';
import { readConfig, secretsOf } from './config.ts';

describe('the settings', () => {
  it('that are set to nothing count as left out', () => {
    const names = ['LIFO4_DATA', 'LIFO4_HOST', 'LIFO4_PORT', 'LIFO4_NODE', 'LIFO4_LOG_LEVEL', 'DATABASE_URL'];
    expect(readConfig(Object.fromEntries(names.map((name) => [name, ''])))).toEqual(readConfig({}));
  });

  it.each([
    ['LIFO4_PORT', '0'],
    ['LIFO4_PORT', '70000'],
    ['LIFO4_PORT', '8e3'],
    ['LIFO4_OFFER_HOURS', '0'],
    ['LIFO4_LOG_LEVEL', 'loud'],
    ['LIFO4_LOG', 'syslog'],
    ['LIFO4_NODE', 'a b'],
    ['DATABASE_URL', 'mysql://x'],
    ['MQTT_URL', 'http://x'],
    ['LIFO4_PUBLIC_URL', 'here'],
    ['S3_ENDPOINT', 'minio:9000'],
  ])('that cannot be used are named: %s=%s', (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(new RegExp(`^${name}: write `));
  });

  const s3 = { S3_ENDPOINT: 'http://minio:9000', S3_ACCESS_KEY: 'a', S3_SECRET_KEY: 'b' };

  const influx = { INFLUX_URL: 'http://i:8086/', INFLUX_TOKEN: 't', INFLUX_ORG: 'o', INFLUX_BUCKET: 'b' };

  it('of InfluxDB map what is there onto what is needed', () => {
    expect(readConfig({}).influx).toBeNull();
    const place = (field: string, measurement = 'meters') => ({ field, measurement });
    const fields = 'load=P,pv=,temperature=outdoor@weather,price=pld@price';
    const env = {
      ...influx,
      INFLUX_FIELDS: fields,
      INFLUX_MEASUREMENT: 'meters',
      INFLUX_TAGS: 'phase=total',
    };
    expect(readConfig(env).influx).toEqual({
      ...{ url: 'http://i:8086', token: 't', org: 'o', bucket: 'b' },
      mapping: {
        fields: {
          ...{ loadKw: place('P'), batteryKw: place('battery_kw'), max15Kw: place('max15_kw') },
          priceBrlMwh: place('price_brl_mwh'),
          temperatureC: place('outdoor', 'weather'),
        },
        ...{ siteTag: 'system_id', tags: { phase: 'total' }, powerUnit: 'kW' },
        plausibleKw: { min: 1, max: 50_000 },
      },
      price: { place: place('pld', 'price'), submarketTag: 'submarket' },
    });
  });

  it('of prices name files and addresses', () => {
    const { prices } = readConfig({ CCEE_PLD: 'a.csv, https://x/y', CCEE_SUBMARKET: 'SE/CO' });
    expect(prices).toEqual({ pld: ['a.csv', 'https://x/y'], submarket: 'SE/CO' });
  });

  it('of an object store have defaults for the rest', () => {
    expect(readConfig({}).objectStore).toBeNull();
    expect(readConfig({ ...s3, S3_ENDPOINT: 'http://minio:9000/' }).objectStore).toEqual({
      ...{ endpoint: 'http://minio:9000', bucket: 'lifo4-ml', region: 'us-east-1' },
      ...{ accessKey: 'a', secretKey: 'b' },
    });
  });

  const otlp = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' };

  it('of traces go by the names that all programs share, and are off without a receiver', () => {
    for (const off of [{ OTEL_SDK_DISABLED: 'true' }, { OTEL_TRACES_EXPORTER: 'none' }])
      expect(readConfig({ ...otlp, ...off }).otel).toBeNull();
    expect(readConfig({ OTEL_SERVICE_NAME: 'x' }).otel).toBeNull();
    expect(readConfig(otlp).otel).toEqual({
      ...{ url: 'http://collector:4318/v1/traces', protocol: 'http/protobuf', headers: {} },
      ...{ resource: { 'service.name': 'lifo4-ml' }, sampler: 'parentbased_always_on', ratio: 1 },
      ...{ delayMs: 5_000, mostWaiting: 2_048 },
    });
    const own = {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces.test/in',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20some-long-key,a=1',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'a=2',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=other,deployment.environment.name=test',
    };
    const config = readConfig({ ...otlp, ...own });
    expect(config.otel).toMatchObject({
      ...{ url: 'https://traces.test/in', protocol: 'http/json' },
      headers: { authorization: 'Bearer some-long-key', a: '2' },
      resource: { 'service.name': 'other', 'deployment.environment.name': 'test' },
    });
    expect(secretsOf(config)).toContain('Bearer some-long-key');
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', { ...otlp, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }],
    ['OTEL_EXPORTER_OTLP_HEADERS', { ...otlp, OTEL_EXPORTER_OTLP_HEADERS: 'key' }],
    ['OTEL_RESOURCE_ATTRIBUTES', { ...otlp, OTEL_RESOURCE_ATTRIBUTES: 'a=%' }],
    ['OTEL_TRACES_SAMPLER', { ...otlp, OTEL_TRACES_SAMPLER: 'some' }],
    ['OTEL_TRACES_SAMPLER_ARG', { ...otlp, OTEL_TRACES_SAMPLER_ARG: '10' }],
    ['OTEL_TRACES_EXPORTER', { ...otlp, OTEL_TRACES_EXPORTER: 'zipkin' }],
    ['S3_ACCESS_KEY', { ...s3, S3_ACCESS_KEY: '' }],
    ['S3_SECRET_KEY', { ...s3, S3_SECRET_KEY: undefined }],
    ['S3_ENDPOINT', { S3_BUCKET: 'models' }],
    ['S3_ENDPOINT', { ...s3, S3_ENDPOINT: 'http://minio:9000/models' }],
    ['S3_BUCKET', { ...s3, S3_BUCKET: 'Models!' }],
    ['INFLUX_TOKEN', { ...influx, INFLUX_TOKEN: '' }],
    ['INFLUX_TOKEN', { ...influx, INFLUX_TOKEN: 'from a file\n' }],
    ['S3_SECRET_KEY', { ...s3, S3_SECRET_KEY: 'from-a-file\n' }],
    ['INFLUX_ORG', { ...influx, INFLUX_ORG: '' }],
    ['INFLUX_BUCKET', { ...influx, INFLUX_BUCKET: '' }],
    ['INFLUX_URL', { INFLUX_TOKEN: 't' }],
    ['INFLUX_FIELDS', { ...influx, INFLUX_FIELDS: 'load' }],
    ['INFLUX_FIELDS', { ...influx, INFLUX_FIELDS: 'humidity=h' }],
    ['INFLUX_FIELDS', { ...influx, INFLUX_FIELDS: 'load=' }],
    ['INFLUX_POWER_UNIT', { ...influx, INFLUX_POWER_UNIT: 'kwh' }],
    ['INFLUX_PLAUSIBLE_KW', { ...influx, INFLUX_PLAUSIBLE_KW: '500-5' }],
    ['CCEE_PLD', { CCEE_PLD: 'http://[/pld' }],
    ['CCEE_SUBMARKET', { CCEE_SUBMARKET: 'SP' }],
    ['DATABASE_CONNECTIONS', { DATABASE_CONNECTIONS: '1' }],
    ['MQTT_URL', { NATS_URL: 'nats://n:4222' }],
  ])('that are half there name what is missing: %s', (name, env) => {
    expect(() => readConfig(env)).toThrow(new RegExp(`^${name}: (set|write) `));
  });
});
