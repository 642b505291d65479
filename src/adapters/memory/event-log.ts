import { type FactRules, InvalidFact } from '../../events/catalogue.ts';
import type { RecordedFact, SequencedFact } from '../../events/envelope.ts';
import type { RegistryOperation } from '../../events/registry.ts';
import {
  type Commit,
  type EventLog,
  type KeyedEffect,
  LeaseLost,
  type LeaseToken,
  RegistryConflict,
  type StreamAppend,
  VersionConflict,
} from '../../ports/event-log.ts';
import {
  copy,
  isHeld,
  type Listeners,
  type MemoryState,
  registryKey,
  type StoredEffect,
  type StoredFact,
} from './state.ts';

export interface MemoryEventLogOptions {
  readonly state: MemoryState;
  readonly onFacts: Listeners;
  readonly onEffects: Listeners;
  readonly rules: FactRules;
  /** The machine clock in milliseconds. */
  readonly now: () => number;
}

const MAX_ID_LENGTH = 250;

function checkFacts(rules: FactRules, { streamId, facts }: StreamAppend): void {
  for (const { eventId, fact } of facts) {
    if (streamId.length > MAX_ID_LENGTH || eventId.length > MAX_ID_LENGTH) {
      const shown = streamId.slice(0, 80);
      throw new InvalidFact(shown, fact.type, [`ids are at most ${MAX_ID_LENGTH} characters long`]);
    }
    rules.assertFact(streamId, fact);
  }
}

function checkVersion(state: MemoryState, { streamId, expectedVersion, facts }: StreamAppend): void {
  const head = state.streams.get(streamId)?.length ?? 0;
  const taken = facts.some(({ eventId }) => state.eventIds.has(eventId));
  if (facts.length > 0 && (head !== expectedVersion || taken)) {
    throw new VersionConflict(streamId, expectedVersion);
  }
}

/** The registry after the operations; the state itself is not touched. */
function registryAfter(state: MemoryState, operations: readonly RegistryOperation[]): Map<string, string> {
  const after = new Map(state.registry);
  for (const { operation, kind, key, value } of operations) {
    const at = registryKey(kind, key);
    const holder = after.get(at);
    if (operation === 'claim' && holder !== undefined && holder !== value) {
      throw new RegistryConflict(kind, key, holder);
    }
    if (operation !== 'release') after.set(at, value);
    else if (holder === value) after.delete(at);
  }
  return after;
}

/** Adds the effect unless its key is known. */
export function enqueue(state: MemoryState, now: number, streamId: string, keyed: KeyedEffect): void {
  if (state.effects.has(keyed.key)) return;
  const { type, data, lane, due } = keyed.effect;
  state.effects.set(keyed.key, {
    key: keyed.key,
    streamId,
    type,
    data: copy(data),
    lane,
    due,
    tenant: keyed.tenant,
    priority: keyed.priority,
    enqueuedAt: now,
    clock: due?.clock ?? 'machine',
    visibleAt: due?.clock === 'site' ? Date.parse(due.at) : now + (due?.afterMs ?? 0),
    attempts: 0,
    forgiven: 0,
    held: false,
    cancelRequested: false,
    progress: null,
    error: null,
    dead: false,
    doneAt: null,
  });
}

function append(state: MemoryState, now: number, each: StreamAppend): void {
  const { streamId, expectedVersion, facts, effects } = each;
  const stream = state.streams.get(streamId) ?? [];
  state.streams.set(streamId, stream);
  facts.forEach(({ eventId, fact, metadata }, index) => {
    const stored: StoredFact = {
      seq: state.facts.length + 1,
      streamId,
      version: expectedVersion + 1 + index,
      eventId,
      type: fact.type,
      data: copy(fact.data),
      metadata: copy(metadata),
      recordedAt: new Date(now).toISOString(),
    };
    stream.push(stored);
    state.facts.push(stored);
    state.eventIds.add(eventId);
  });
  for (const keyed of effects) enqueue(state, now, streamId, keyed);
}

function alreadyStands(state: MemoryState, appends: readonly StreamAppend[]): boolean {
  const ids = appends.flatMap(({ facts }) => facts.map(({ eventId }) => eventId));
  return ids.length > 0 && ids.every((id) => state.eventIds.has(id));
}

function heldEffect(state: MemoryState, { key, attempts }: LeaseToken): StoredEffect {
  const effect = state.effects.get(key);
  if (effect === undefined || !isHeld(effect, attempts)) throw new LeaseLost(key);
  return effect;
}

/** Throws, or changes everything that the commit says; nothing in between. */
function apply(options: MemoryEventLogOptions, { appends, completes }: Commit): void {
  const { state, rules, now } = options;
  for (const each of appends) checkFacts(rules, each);
  if (alreadyStands(state, appends)) return;
  const completed = completes === undefined ? null : heldEffect(state, completes);
  for (const each of appends) checkVersion(state, each);
  const operations = appends.flatMap(({ registry }) => registry);
  state.registry = registryAfter(state, operations);
  if (completed !== null) completed.doneAt = now();
  for (const each of appends) append(state, now(), each);
}

export function sequenced(rules: FactRules, stored: StoredFact): SequencedFact {
  const { type, data, ...rest } = copy(stored);
  return { ...rest, fact: { type, data: rules.upcast(stored.streamId, type, rest.metadata.schema, data) } };
}

function recorded(rules: FactRules, stored: StoredFact): RecordedFact {
  const { seq: _, ...fact } = sequenced(rules, stored);
  return fact;
}

/** A log in memory, as `EventLog` promises it: for tests of actors and for one process only. */
export function createMemoryEventLog(options: MemoryEventLogOptions): EventLog {
  const { state, rules } = options;
  return {
    commit: async (commit) => {
      apply(options, commit);
      options.onFacts.ring();
      if (commit.appends.some(({ effects }) => effects.length > 0)) options.onEffects.ring();
    },
    readStream: async (streamId, afterVersion = 0) =>
      (state.streams.get(streamId) ?? []).slice(afterVersion).map((stored) => recorded(rules, stored)),
    readSite: async ({ systemId, types, until }) => {
      const own = (stream: string): boolean =>
        !stream.startsWith('device-journal-') &&
        state.streams.get(stream)?.at(0)?.metadata.systemId === systemId;
      return state.facts
        .filter(({ streamId, type }) => types.includes(type) && own(streamId))
        .filter(({ metadata }) => Date.parse(metadata.at) <= until.getTime())
        .map((stored) => recorded(rules, stored));
    },
    lookup: async (kind, key) => state.registry.get(registryKey(kind, key)) ?? null,
    entries: async (kind, afterKey, limit) =>
      [...state.registry]
        .filter(([at]) => at.startsWith(registryKey(kind, '')))
        .map(([at, value]) => ({ key: at.slice(registryKey(kind, '').length), value }))
        .filter(({ key }) => key > afterKey)
        .sort((a, b) => (a.key < b.key ? -1 : 1))
        .slice(0, limit),
    readFeed: async (afterSeq, limit) =>
      state.facts.slice(afterSeq, afterSeq + limit).map((stored) => sequenced(rules, stored)),
    headSeq: async () => state.facts.length,
    onFacts: (listener) => options.onFacts.on(listener),
  };
}
