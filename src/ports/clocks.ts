/**
 * Two clocks. The site clock rules schedules, deadlines and forecast origins; a replay may offset or speed it.
 * The machine clock rules leases, retries, tokens and signatures and is never moved.
 */
export interface Clock {
  now(): Date;
}

export interface Clocks {
  readonly site: Clock;
  readonly machine: Clock;
}

/** A site clock that stands still until it is set on: a replay sets it from one instant that matters to the next. */
export interface SteppedClock extends Clock {
  /** Sets it to `instant` (epoch ms); it never goes back. */
  advanceTo(instant: number): void;
}

/** A stepped clock that stands at `start`, epoch ms. */
export function createSteppedClock(start: number): SteppedClock {
  let at = start;
  return {
    now: () => new Date(at),
    advanceTo(instant) {
      at = Math.max(at, instant);
    },
  };
}

/** Clocks of a node whose sites live `offsetMs` after (or before, if negative) the machine. */
export const systemClocks = (offsetMs = 0): Clocks => ({
  machine: { now: () => new Date() },
  site: { now: () => new Date(Date.now() + offsetMs) },
});
