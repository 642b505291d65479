import { setTimeout as sleep } from 'node:timers/promises';
import { BadSetting } from '../settings/read.ts';

/** How many times faster than real a replay may go; `Infinity` for as fast as the work allows. */
export function parseSpeed(text: string): number {
  if (text === 'max') return Number.POSITIVE_INFINITY;
  const speed = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && speed >= 1 && speed <= 1e9) return speed;
  throw new BadSetting('--speed', `write a number from 1 on, or max, not ${JSON.stringify(text)}`);
}

/** Keeps the site clock from going faster than it may. */
export interface Pace {
  /** The furthest instant that one step may reach from `now`, epoch ms: on a screen the time goes on every second. */
  reach(now: number): number;
  /** Waits until a step of so many milliseconds of the site clock may be made; work since the last one counts. */
  wait(stepMs: number): Promise<void>;
}

const SCREEN_MS = 1_000;

export function createPace(speed: number, signal: AbortSignal): Pace {
  let lastStep = performance.now();
  return {
    reach: (now) => now + Math.max(1, speed * SCREEN_MS),
    async wait(stepMs) {
      const due = lastStep + stepMs / speed - performance.now();
      if (due > 0) await sleep(due, undefined, { signal }).catch(() => undefined);
      lastStep = performance.now();
    },
  };
}
