import type { Effect } from '../events/effect.ts';
import type { Fact } from '../events/envelope.ts';
import type { Reading } from './telemetry.ts';

/**
 * The device's own memory: its journal with the effects still to be run, what is to be sent, and its readings.
 * One process at a time; synchronous, and durable against a power cut when a call returns.
 */

/** Means over a few minutes of an hour, as a meter gives them. kW; battery positive when discharging. */
export interface Sample {
  /** Beginning of the minutes, UTC, ISO 8601 with `Z`. */
  readonly at: string;
  readonly minutes: 5 | 15;
  readonly loadKw?: number;
  readonly batteryKw?: number;
  readonly pvKw?: number;
  readonly temperatureC?: number;
}

/** A fact of the device's journal. The cloud adds whose it is when it copies it. */
export interface JournalFact {
  /** From 1, without gaps. */
  readonly version: number;
  readonly eventId: string;
  readonly fact: Fact;
  /** Machine and version that found the fact legal. */
  readonly machine: string;
  /** Version of the fact's own schema when it was written. */
  readonly schema: number;
  /** Site clock, ISO 8601. */
  readonly at: string;
}

/** An effect of the journal that is not done. */
export interface PendingEffect {
  readonly key: string;
  /** The fact that requested it. */
  readonly eventId: string;
  readonly at: string;
  readonly effect: Effect;
  /** How often it was begun. */
  readonly attempts: number;
}

export type OutboxKind = 'ack' | 'forecast';

/** A message that must reach the broker; its id stays the same however often it is sent. */
export interface OutboxMessage {
  readonly messageId: string;
  readonly kind: OutboxKind;
  /** The assignment that an ack answers; null for others. */
  readonly assignment: number | null;
  readonly payload: Uint8Array;
}

/** One transaction. */
export interface JournalCommit {
  /** Version of the journal's last fact, 0 for none. */
  readonly expectedVersion: number;
  readonly facts: readonly JournalFact[];
  readonly effects: readonly Omit<PendingEffect, 'attempts'>[];
  /** Key of the effect that these facts and messages answer: it is done with them or not at all. */
  readonly completes?: string | undefined;
  readonly messages?: readonly OutboxMessage[] | undefined;
}

/** Another writer moved the journal on, or the same device runs twice. */
export class JournalConflict extends Error {
  override readonly name = 'JournalConflict';
  readonly expectedVersion: number;

  constructor(expectedVersion: number, found: number) {
    super(
      `the device's journal is at version ${found}, not ${expectedVersion}: nothing was written; start the device again`,
    );
    this.expectedVersion = expectedVersion;
  }
}

/** What is still to be sent, by kind. */
export interface Waiting {
  readonly acks: number;
  readonly forecasts: number;
  readonly readings: number;
}

export interface DeviceStore {
  /** Drawn when the store was made: a device that was reset begins another journal. */
  readonly installationId: string;
  /** Facts after this version (default 0), in order, at most `limit`. */
  journal(afterVersion?: number, limit?: number): readonly JournalFact[];
  /** Version of the journal's last fact, 0 for none. */
  journalVersion(): number;
  /** Throws {@link JournalConflict}. */
  commit(commit: JournalCommit): void;
  pendingEffects(): readonly PendingEffect[];
  /** Counts an attempt before it is made, so that one which crashes the process is counted too. */
  beginEffect(key: string): number;

  /** Adds a message; one that is known by its id is not added again. */
  enqueue(message: OutboxMessage): void;
  /** Messages to be sent, oldest first. */
  unsent(kind: OutboxKind, limit: number): readonly OutboxMessage[];
  markSent(messageId: string): void;
  /** Makes the latest ack of this assignment unsent again; false when it was never answered. */
  answerAgain(assignment: number): boolean;
  /** Drops the oldest unsent messages of a kind beyond `keep`, and sent ones; returns how many unsent went. */
  trimOutbox(kind: OutboxKind, keep: number): number;

  /** Stores readings to be reported; one that brings nothing new is not reported again. Returns the changed ones. */
  saveReadings(readings: readonly Reading[]): number;
  /** Stores readings that the cloud has already; what was measured here stands. Returns the changed ones. */
  fillReadings(readings: readonly Reading[]): number;
  /** Readings with `from <= hour < to`, ascending. */
  readings(from: Date, to: Date): readonly Reading[];
  unreportedReadings(limit: number): readonly Reading[];
  /** Marks exactly these as reported; one that has changed since stays to be reported. */
  markReported(readings: readonly Reading[]): void;
  /** Forgets readings and samples before this hour; returns how many readings had never been reported. */
  forgetReadings(before: Date): number;
  /** Stores samples; one given again overwrites the values that it carries. Returns the changed ones. */
  saveSamples(samples: readonly Sample[]): number;
  /** Samples with `from <= at < to`, ascending. */
  samples(from: Date, to: Date): readonly Sample[];

  waiting(): Waiting;

  setting(name: string): string | null;
  saveSetting(name: string, value: string): void;
  close(): void;
}
