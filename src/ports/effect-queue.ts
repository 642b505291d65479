import type { Effect, Lane } from '../events/effect.ts';
import type { Metadata } from '../events/envelope.ts';
import type { KeyedEffect, LeaseToken } from './event-log.ts';

/** What the fact that asked for an effect says of where it comes from. */
export type EffectCause = Pick<Metadata, 'correlationId' | 'trace'>;

/** An effect leased to a worker. */
export interface LeasedEffect extends LeaseToken {
  /**
   * Tries that count, this one included: limits and backoff go by it. `attempts` only fences, and rises with every
   * claim; a claim that was given back by `release` is no try, and a re-driven effect starts anew.
   */
  readonly tries: number;
  readonly streamId: string;
  readonly effect: Effect;
  readonly tenant: string;
  /** Null for work that no fact asked for. */
  readonly cause: EffectCause | null;
  /** Seconds from being asked for to this claim; null for what was to wait, or was claimed before. */
  readonly waitedSeconds: number | null;
  readonly leaseUntil: Date;
}

/** Progress of a running effect, for people; a table row, never a fact. */
export interface EffectProgress {
  readonly key: string;
  readonly streamId: string;
  readonly type: string;
  readonly state: 'waiting' | 'running' | 'retrying' | 'dead';
  readonly attempts: number;
  readonly progress: unknown;
  readonly error: string | null;
  readonly visibleAt: Date;
}

/** Which dead effects: all that fit every part that is given. */
export interface DeadFilter {
  readonly key?: string | undefined;
  readonly type?: string | undefined;
  readonly tenant?: string | undefined;
}

export interface EffectCounts {
  readonly type: string;
  readonly waiting: number;
  readonly running: number;
  readonly retrying: number;
  readonly dead: number;
  readonly oldestWaitSeconds: number;
}

/** What the effects that are not done wait for; dead ones wait for a person, and are not among them. */
export interface Outstanding {
  /** Types of those that are due: they wait for a worker, run, or failed and wait to be tried again. */
  readonly due: readonly string[];
  /** Types of those that wait a while of the machine clock until they are looked at, for the first time or again. */
  readonly resting: readonly string[];
  /** When the next one is due on the site clock; null when none is. */
  readonly nextAt: Date | null;
}

export interface ClaimRequest {
  readonly worker: string;
  readonly lane: Lane;
  readonly limit: number;
  readonly leaseMs: number;
  /** The site clock's now: deadlines are compared with it. */
  readonly siteNow: Date;
}

export type Heartbeat = 'held' | 'lost' | 'cancel-requested';

export interface EffectQueue {
  /**
   * Leases due effects, or effects whose lease ran out; each claim raises `attempts`. Highest priority first, then
   * who waited longest; in the slow lane the tenant that holds the fewest places goes before who waited longest.
   */
  claim(request: ClaimRequest): Promise<readonly LeasedEffect[]>;
  /** Leases this one effect, whatever its lane, when it is due by the machine clock; null when it is not to be had. */
  claimOne(key: string, worker: string, leaseMs: number): Promise<LeasedEffect | null>;
  /** Adds work that no fact asks for: parts of a running effect. A key that is enqueued or done already is left out. */
  enqueue(streamId: string, effects: readonly KeyedEffect[]): Promise<void>;
  /** Renews a lease and stores progress when given. */
  heartbeat(lease: LeaseToken, leaseMs: number, progress?: unknown): Promise<Heartbeat>;
  /** Ends an effect that answered with no facts. Throws `LeaseLost`. */
  complete(lease: LeaseToken): Promise<void>;
  /** Gives the effect back, to be seen again after `delayMs` of the machine clock. Throws `LeaseLost`. */
  retry(lease: LeaseToken, error: string, delayMs: number): Promise<void>;
  /** Gives the effect back untouched (shutdown, a reminder that repeats): due after `delayMs`, this attempt not counted. */
  release(lease: LeaseToken, delayMs?: number): Promise<void>;
  /** Dead-letters the effect: it stays visible and can be re-driven. Throws `LeaseLost`. */
  bury(lease: LeaseToken, error: string): Promise<void>;
  /** Makes dead effects due again with fresh attempts; returns how many. */
  redrive(filter: DeadFilter): Promise<number>;
  /** Asks running effects of a stream to stop and removes waiting ones; of one type when given. */
  cancel(streamId: string, type?: string): Promise<void>;
  /**
   * Forgets effects that ended more than `olderThanMs` ago, and returns how many. Their keys may then be enqueued
   * again: keep them for longer than any commit may be repeated.
   */
  prune(olderThanMs: number): Promise<number>;
  /** Effects of one stream that are not done. */
  ofStream(streamId: string): Promise<readonly EffectProgress[]>;
  /** Dead letters, newest first; of one tenant when given. */
  dead(limit: number, tenant?: string): Promise<readonly EffectProgress[]>;
  counts(): Promise<readonly EffectCounts[]>;
  /** How far the effects are at this instant of the site clock. */
  outstanding(siteNow: Date): Promise<Outstanding>;
  /**
   * Has what rests looked at now, and calls the workers: the site clock was set on by more than the rest. Tries that
   * failed keep their pause.
   */
  hasten(): Promise<void>;
  /** Calls back when effects may have become due; a hint. Returns the unsubscription. */
  onEffects(listener: () => void): () => void;
}
