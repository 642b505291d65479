import type { Due, Lane } from '../../events/effect.ts';
import type { Metadata } from '../../events/envelope.ts';
import type { ReadDocument } from '../../projections/projection.ts';

/** A fact as it was written, with the place it got in the feed. */
export interface StoredFact {
  readonly seq: number;
  readonly streamId: string;
  readonly version: number;
  readonly eventId: string;
  readonly type: string;
  readonly data: unknown;
  readonly metadata: Metadata;
  readonly recordedAt: string;
}

export interface StoredEffect {
  readonly key: string;
  readonly streamId: string;
  readonly type: string;
  readonly data: unknown;
  readonly lane: Lane;
  readonly due: Due | undefined;
  readonly tenant: string;
  readonly priority: number;
  /** By the machine clock in ms. */
  readonly enqueuedAt: number;
  clock: 'machine' | 'site';
  /** When it is due; while held, the end of the lease. */
  visibleAt: number;
  attempts: number;
  /** Claims that do not count as tries. */
  forgiven: number;
  held: boolean;
  cancelRequested: boolean;
  progress: unknown;
  error: string | null;
  dead: boolean;
  /** When it ended, by the machine clock in ms; null until then. */
  doneAt: number | null;
}

export interface ProjectionState {
  seq: number;
  readonly documents: Map<string, ReadDocument>;
}

/** All that the in-memory adapters keep; they share it as the tables of one database. */
export interface MemoryState {
  readonly facts: StoredFact[];
  readonly streams: Map<string, StoredFact[]>;
  readonly eventIds: Set<string>;
  registry: ReadonlyMap<string, string>;
  readonly effects: Map<string, StoredEffect>;
  readonly projections: Map<string, ProjectionState>;
}

export const emptyState = (): MemoryState => ({
  facts: [],
  streams: new Map(),
  eventIds: new Set(),
  registry: new Map(),
  effects: new Map(),
  projections: new Map(),
});

export const registryKey = (kind: string, key: string): string => `${kind}\n${key}`;

/** What a database would give back: a copy that shares nothing with the caller, as JSON keeps it. */
export const copy = <T>(value: T): T => (value === undefined ? value : JSON.parse(JSON.stringify(value)));

/** Callers that wake on a hint; rung after the call that caused it has returned. */
export function createListeners() {
  const listeners = new Set<() => void>();
  return {
    ring: (): void =>
      queueMicrotask(() => {
        for (const listener of [...listeners]) listener();
      }),
    on: (listener: () => void): (() => void) => {
      const own = (): void => listener();
      listeners.add(own);
      return () => listeners.delete(own);
    },
  };
}
export type Listeners = ReturnType<typeof createListeners>;

export const isHeld = (effect: StoredEffect, attempts: number): boolean =>
  effect.held && effect.attempts === attempts && effect.doneAt === null && !effect.dead;
