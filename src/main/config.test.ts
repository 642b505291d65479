import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

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
    ['LIFO4_NODE', 'a b'],
    ['DATABASE_URL', 'mysql://x'],
    ['MQTT_URL', 'http://x'],
    ['LIFO4_PUBLIC_URL', 'here'],
    ['S3_ENDPOINT', 'minio:9000'],
  ])('that cannot be used are named: %s=%s', (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(new RegExp(`^${name}: write `));
  });

  const s3 = { S3_ENDPOINT: 'http://minio:9000', S3_ACCESS_KEY: 'a', S3_SECRET_KEY: 'b' };

  it('of an object store have defaults for the rest', () => {
    expect(readConfig({}).objectStore).toBeNull();
    expect(readConfig({ ...s3, S3_ENDPOINT: 'http://minio:9000/' }).objectStore).toEqual({
      ...{ endpoint: 'http://minio:9000', bucket: 'lifo4-ml', region: 'us-east-1' },
      ...{ accessKey: 'a', secretKey: 'b' },
    });
  });

  it.each([
    ['S3_ACCESS_KEY', { ...s3, S3_ACCESS_KEY: '' }],
    ['S3_SECRET_KEY', { ...s3, S3_SECRET_KEY: undefined }],
    ['S3_ENDPOINT', { S3_BUCKET: 'models' }],
    ['S3_ENDPOINT', { ...s3, S3_ENDPOINT: 'http://minio:9000/models' }],
    ['S3_BUCKET', { ...s3, S3_BUCKET: 'Models!' }],
    ['MQTT_URL', { NATS_URL: 'nats://n:4222' }],
  ])('that are half there name what is missing: %s', (name, env) => {
    expect(() => readConfig(env)).toThrow(new RegExp(`^${name}: (set|write) `));
  });
});
