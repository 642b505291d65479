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

/** Clocks of a node whose sites live `offsetMs` after (or before, if negative) the machine. */
export const systemClocks = (offsetMs = 0): Clocks => ({
  machine: { now: () => new Date() },
  site: { now: () => new Date(Date.now() + offsetMs) },
});
