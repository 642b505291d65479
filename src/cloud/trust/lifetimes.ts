/** How long signed metadata holds, ms; each is signed again when half of it has passed. */
export interface TrustLifetimes {
  readonly timestampMs: number;
  readonly snapshotMs: number;
  readonly targetsMs: number;
}

/** Whether more than half of its lifetime lies ahead. */
export const isFresh = (expires: Date, lifetimeMs: number, now: Date): boolean =>
  expires.getTime() - now.getTime() > lifetimeMs / 2;

export const endOf = (now: Date, lifetimeMs: number): Date => new Date(now.getTime() + lifetimeMs);
