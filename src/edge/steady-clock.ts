import type { Clock } from '../ports/clocks.ts';

/**
 * For durations only: pauses, patience, retries. It goes on at its own pace when somebody sets the clock, or a dead
 * one is set from the network, so that no wait becomes endless or none at all.
 */
export function createSteadyClock(monotonicMs: () => number = () => performance.now()): Clock {
  return { now: () => new Date(Math.floor(monotonicMs())) };
}
