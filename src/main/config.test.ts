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
  ])('that cannot be used are named: %s=%s', (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(new RegExp(`^${name}: write `));
  });
});
