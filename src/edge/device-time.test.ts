import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { createDeviceTime } from './device-time.ts';

const NOON = Date.parse('2026-03-02T12:00:00Z');
const HOUR = 3_600_000;

let settings: Map<string, string>;
let world: { wall: number; steady: number };

beforeEach(() => {
  settings = new Map();
  world = { wall: NOON, steady: 0 };
});

/** As after a start of the program: the steady clock begins anew. */
function start(offsetMs = 0) {
  world.steady = 0;
  return createDeviceTime({
    clocks: {
      site: { now: () => new Date(world.wall + offsetMs) },
      machine: { now: () => new Date(world.wall) },
    },
    steady: { now: () => new Date(world.steady) },
    store: {
      setting: (name) => settings.get(name) ?? null,
      saveSetting: (name, value) => settings.set(name, value),
    },
    logger: pino({ level: 'silent' }),
  });
}

describe('the time of a device', () => {
  it('is that of its clock, which may be set by a little in either direction', () => {
    const time = start();
    time.see(NOON - HOUR);
    world.wall = NOON - 5 * 60_000;
    expect(time.clocks.site.now().getTime()).toBe(world.wall);
    expect(time.status()).toMatchObject({ isLost: false, floor: new Date(NOON - HOUR).toISOString() });
  });

  it('never lies before what was seen, also after a restart with a dead clock, and goes on from there', () => {
    start().see(NOON);
    world.wall = 0;
    const time = start();
    expect(time.isLost()).toBe(true);
    expect(time.clocks.site.now().getTime()).toBe(NOON);
    world.steady += HOUR;
    expect(time.clocks.site.now().getTime()).toBe(NOON + HOUR);
    expect(time.clocks.machine.now().getTime()).toBe(NOON + HOUR);
    world.wall = NOON + 2 * HOUR;
    expect(time.isLost()).toBe(false);
    expect(time.clocks.site.now().getTime()).toBe(NOON + 2 * HOUR);
  });

  it('is not moved back by an older sight, nor is the disk written for it', () => {
    const time = start();
    time.see(NOON);
    world.steady += HOUR;
    time.see(NOON + HOUR / 2);
    expect(settings.get('time-floor')).toBe(String(NOON));
  });

  it('holds without a disk, until the program ends', () => {
    settings.set = () => {
      throw new Error('disk full');
    };
    const time = start();
    time.see(NOON + HOUR);
    expect(time.clocks.site.now().getTime()).toBe(NOON + HOUR);
  });

  it('keeps the machine clock as far from the site clock as it was', () => {
    start(-24 * HOUR).see(NOON - 24 * HOUR);
    world.wall = 0;
    const { clocks } = start(-24 * HOUR);
    expect(clocks.machine.now().getTime() - clocks.site.now().getTime()).toBe(24 * HOUR);
    expect(clocks.machine.now().getTime()).toBe(NOON);
  });
});
