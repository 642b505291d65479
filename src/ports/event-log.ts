import type { Effect } from '../events/effect.ts';
import type { NewFact, RecordedFact, SequencedFact } from '../events/envelope.ts';
import type { RegistryKind, RegistryOperation } from '../events/registry.ts';

/** An effect with the key that makes it idempotent; a key that is already enqueued or done is not enqueued again. */
export interface KeyedEffect {
  readonly key: string;
  readonly effect: Effect;
  readonly tenant: string;
  /** Higher runs first within a lane. */
  readonly priority: number;
}

/** Facts for one stream. `expectedVersion` is the version of its last fact, 0 for a new stream. */
export interface StreamAppend {
  readonly streamId: string;
  readonly expectedVersion: number;
  readonly facts: readonly NewFact[];
  readonly effects: readonly KeyedEffect[];
  readonly registry: readonly RegistryOperation[];
}

/** Proof of a lease on an effect: `attempts` fences out a worker whose lease was taken over. */
export interface LeaseToken {
  readonly key: string;
  readonly attempts: number;
}

/** One transaction: every append, every effect and the completion of the effect that caused them, or nothing. */
export interface Commit {
  readonly appends: readonly StreamAppend[];
  readonly completes?: LeaseToken;
}

export class VersionConflict extends Error {
  override readonly name = 'VersionConflict';
  readonly streamId: string;
  readonly expectedVersion: number;

  constructor(streamId: string, expectedVersion: number) {
    super(`stream ${streamId} is no longer at version ${expectedVersion}`);
    this.streamId = streamId;
    this.expectedVersion = expectedVersion;
  }
}

/** A claimed key is held by another value. */
export class RegistryConflict extends Error {
  override readonly name = 'RegistryConflict';
  readonly kind: RegistryKind;
  readonly key: string;
  readonly holder: string;

  constructor(kind: RegistryKind, key: string, holder: string) {
    super(`${kind} ${key} is held by ${holder}`);
    this.kind = kind;
    this.key = key;
    this.holder = holder;
  }
}

/** The lease was lost: another worker has the effect, or it is done. Nothing was written. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
  readonly key: string;

  constructor(key: string) {
    super(`the lease on effect ${key} is lost`);
    this.key = key;
  }
}

export interface RegistryEntry {
  readonly key: string;
  readonly value: string;
}

/** Which facts of a site's history are read. */
export interface SiteHistory {
  readonly systemId: string;
  /** Fact types. */
  readonly types: readonly string[];
  /** The last instant, of the site clock. */
  readonly until: Date;
}

export interface EventLog {
  /**
   * Appends atomically. Facts whose `eventId` all stand in the log already make the call a no-op (also its
   * effects and registry operations), so a commit of unknown fate can be repeated.
   * Throws {@link VersionConflict}, {@link RegistryConflict}, {@link LeaseLost} or `InvalidFact`.
   */
  commit(commit: Commit): Promise<void>;
  /** Facts of one stream after `afterVersion` (default 0), in order, upcast to today's schemas. */
  readStream(streamId: string, afterVersion?: number): Promise<readonly RecordedFact[]>;
  /** Facts of a site's streams, but for the journals of its devices, in the order of the feed. */
  readSite(history: SiteHistory): Promise<readonly RecordedFact[]>;
  /** The value that a registry key holds, or null. */
  lookup(kind: RegistryKind, key: string): Promise<string | null>;
  /** Keys of a kind after `afterKey` with their values, ascending by key, at most `limit`. */
  entries(kind: RegistryKind, afterKey: string, limit: number): Promise<readonly RegistryEntry[]>;
  /** Sequenced facts with `seq > afterSeq`, ascending, at most `limit`. */
  readFeed(afterSeq: number, limit: number): Promise<readonly SequencedFact[]>;
  /** The highest `seq` given out so far, 0 for an empty log. */
  headSeq(): Promise<number>;
  /** Calls back, soon after new facts were sequenced; a hint, never a guarantee. Returns the unsubscription. */
  onFacts(listener: () => void): () => void;
}
