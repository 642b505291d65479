import { causeVersion, type Lane } from '../../events/effect.ts';
import type {
  DeadFilter,
  EffectCause,
  EffectCounts,
  EffectProgress,
  EffectQueue,
  LeasedEffect,
  Outstanding,
} from '../../ports/effect-queue.ts';
import { LeaseLost, type LeaseToken } from '../../ports/event-log.ts';
import { enqueue } from './event-log.ts';
import { copy, isHeld, type Listeners, type MemoryState, type StoredEffect } from './state.ts';

const fits = (effect: StoredEffect, { key, type, tenant }: DeadFilter): boolean =>
  effect.key === (key ?? effect.key) &&
  effect.type === (type ?? effect.type) &&
  effect.tenant === (tenant ?? effect.tenant);

export interface MemoryEffectQueueOptions {
  readonly state: MemoryState;
  readonly onEffects: Listeners;
  /** The machine clock in milliseconds. */
  readonly now: () => number;
}

function causeOf(state: MemoryState, { key, streamId }: StoredEffect): EffectCause | null {
  const asking = state.streams.get(streamId)?.find(({ version }) => version === causeVersion(key));
  if (asking === undefined) return null;
  const { correlationId, trace } = asking.metadata;
  return { correlationId, ...(trace === undefined ? {} : { trace }) };
}

function waitedOf({ attempts, due, enqueuedAt }: StoredEffect, now: number): number | null {
  return attempts === 1 && due === undefined ? (now - enqueuedAt) / 1_000 : null;
}

const leased = (state: MemoryState, effect: StoredEffect, now: number): LeasedEffect => ({
  key: effect.key,
  attempts: effect.attempts,
  tries: effect.attempts - effect.forgiven,
  streamId: effect.streamId,
  effect: {
    type: effect.type,
    data: copy(effect.data),
    lane: effect.lane,
    ...(effect.due === undefined ? {} : { due: effect.due }),
  },
  tenant: effect.tenant,
  cause: causeOf(state, effect),
  waitedSeconds: waitedOf(effect, now),
  leaseUntil: new Date(effect.visibleAt),
});

function stateOf(effect: StoredEffect, now: number): EffectProgress['state'] {
  if (effect.dead) return 'dead';
  if (effect.held && effect.visibleAt > now) return 'running';
  return effect.attempts > effect.forgiven ? 'retrying' : 'waiting';
}

const progressOf = (effect: StoredEffect, now: number): EffectProgress => ({
  key: effect.key,
  streamId: effect.streamId,
  type: effect.type,
  state: stateOf(effect, now),
  attempts: effect.attempts - effect.forgiven,
  progress: copy(effect.progress),
  error: effect.error,
  visibleAt: new Date(effect.visibleAt),
});

function countsOf(type: string, effects: readonly StoredEffect[], now: number): EffectCounts {
  const among = (state: EffectProgress['state']): readonly StoredEffect[] =>
    effects.filter((effect) => stateOf(effect, now) === state);
  const due = [...among('waiting'), ...among('retrying')].filter(
    ({ clock, visibleAt }) => clock === 'machine' && visibleAt <= now,
  );
  const oldest = Math.min(now, ...due.map(({ visibleAt }) => visibleAt));
  return {
    type,
    waiting: among('waiting').length,
    running: among('running').length,
    retrying: among('retrying').length,
    dead: among('dead').length,
    oldestWaitSeconds: (now - oldest) / 1_000,
  };
}

/** Waits on the machine clock to be looked at, and was never tried without success. */
const rests = ({ clock, held, dead, attempts, forgiven, visibleAt }: StoredEffect, now: number): boolean =>
  clock === 'machine' && !held && !dead && attempts === forgiven && visibleAt > now;

function outstandingOf(live: readonly StoredEffect[], now: number, siteNow: number): Outstanding {
  const effects = live.filter(({ dead }) => !dead);
  const later = effects.filter(({ clock, visibleAt }) => clock === 'site' && visibleAt > siteNow);
  const resting = effects.filter((effect) => rests(effect, now));
  const due = effects.filter((effect) => !later.includes(effect) && !resting.includes(effect));
  const next = Math.min(...later.map(({ visibleAt }) => visibleAt));
  const typesOf = (some: readonly StoredEffect[]) => [...new Set(some.map(({ type }) => type))].sort();
  return {
    due: typesOf(due),
    resting: typesOf(resting),
    nextAt: later.length === 0 ? null : new Date(next),
  };
}

/** Gives a held effect up; one that was asked to stop ends here. */
function giveUp(effect: StoredEffect, now: number, delayMs: number): void {
  effect.held = false;
  effect.visibleAt = now + delayMs;
  effect.doneAt = effect.cancelRequested ? now : null;
}

function leaseOperations({ state, onEffects, now }: MemoryEffectQueueOptions) {
  const held = ({ key, attempts }: LeaseToken): StoredEffect | null => {
    const effect = state.effects.get(key);
    return effect !== undefined && isHeld(effect, attempts) ? effect : null;
  };
  const must = (lease: LeaseToken): StoredEffect => {
    const effect = held(lease);
    if (effect === null) throw new LeaseLost(lease.key);
    return effect;
  };
  return {
    heartbeat: async (lease, leaseMs, progress) => {
      const effect = held(lease);
      if (effect === null) return 'lost';
      effect.visibleAt = now() + leaseMs;
      if (progress !== undefined) effect.progress = copy(progress);
      return effect.cancelRequested ? 'cancel-requested' : 'held';
    },
    complete: async (lease) => {
      must(lease).doneAt = now();
    },
    retry: async (lease, error, delayMs) => {
      const effect = must(lease);
      effect.error = error;
      giveUp(effect, now(), delayMs);
    },
    release: async (lease, delayMs = 0) => {
      const effect = held(lease);
      if (effect === null) return;
      effect.forgiven += 1;
      giveUp(effect, now(), delayMs);
      if (delayMs === 0) onEffects.ring();
    },
    bury: async (lease, error) => {
      const effect = must(lease);
      Object.assign(effect, { error, held: false, dead: true });
    },
  } satisfies Partial<EffectQueue>;
}

/** Effects of a lane that are held now, by tenant. */
function placesHeld(effects: readonly StoredEffect[], lane: Lane, now: number): ReadonlyMap<string, number> {
  const held = effects.filter((each) => each.lane === lane && stateOf(each, now) === 'running');
  return new Map(held.map(({ tenant }) => [tenant, held.filter((other) => other.tenant === tenant).length]));
}

/** The effect whose turn it is: highest priority, then the tenant with the fewest places, then who waited longest. */
const nextOf = (
  due: readonly StoredEffect[],
  places: ReadonlyMap<string, number>,
): StoredEffect | undefined =>
  due.toSorted(
    (a, b) =>
      b.priority - a.priority ||
      (places.get(a.tenant) ?? 0) - (places.get(b.tenant) ?? 0) ||
      a.visibleAt - b.visibleAt,
  )[0];

/** Leases an effect; one that was asked to stop ends here. */
function lease(effect: StoredEffect, now: number, leaseMs: number): void {
  effect.doneAt = effect.cancelRequested ? now : null;
  effect.attempts += 1;
  effect.held = true;
  effect.clock = 'machine';
  effect.visibleAt = now + leaseMs;
}

/** An effect queue in memory, as `EffectQueue` promises it. */
export function createMemoryEffectQueue(options: MemoryEffectQueueOptions): EffectQueue {
  const { state, now } = options;
  const live = (): readonly StoredEffect[] =>
    [...state.effects.values()].filter(({ doneAt }) => doneAt === null);
  return {
    claim: async ({ lane, limit, leaseMs, siteNow }) => {
      const clocks = { machine: now(), site: siteNow.getTime() };
      const due = live().filter(
        (effect) => !effect.dead && effect.lane === lane && effect.visibleAt <= clocks[effect.clock],
      );
      const claimed: StoredEffect[] = [];
      while (claimed.length < limit) {
        const places = lane === 'slow' ? placesHeld(live(), lane, now()) : new Map<string, number>();
        const next = nextOf(due, places);
        if (next === undefined) break;
        due.splice(due.indexOf(next), 1);
        claimed.push(next);
        lease(next, now(), leaseMs);
      }
      return claimed.filter(({ doneAt }) => doneAt === null).map((effect) => leased(state, effect, now()));
    },
    claimOne: async (key, _worker, leaseMs) => {
      const effect = live().find((each) => each.key === key);
      const due = effect !== undefined && effect.clock === 'machine' && effect.visibleAt <= now();
      if (!due || effect.dead || effect.cancelRequested) return null;
      lease(effect, now(), leaseMs);
      return leased(state, effect, now());
    },
    enqueue: async (streamId, effects) => {
      for (const keyed of effects) enqueue(state, now(), streamId, keyed);
      options.onEffects.ring();
    },
    ...leaseOperations(options),
    redrive: async (filter) => {
      const chosen = live().filter((effect) => effect.dead && fits(effect, filter));
      for (const effect of chosen) {
        const fresh = { dead: false, held: false, error: null, clock: 'machine', cancelRequested: false };
        Object.assign(effect, { ...fresh, forgiven: effect.attempts, visibleAt: now() });
      }
      options.onEffects.ring();
      return chosen.length;
    },
    cancel: async (streamId, type) => {
      const chosen = live().filter((each) => each.streamId === streamId && each.type === (type ?? each.type));
      for (const effect of chosen.filter(({ dead }) => !dead)) {
        effect.cancelRequested = true;
        effect.doneAt = !effect.held || effect.visibleAt <= now() ? now() : null;
      }
    },
    prune: async (olderThanMs) => {
      const old = [...state.effects.values()].filter(
        ({ doneAt }) => doneAt !== null && doneAt < now() - olderThanMs,
      );
      for (const { key } of old) state.effects.delete(key);
      return old.length;
    },
    ofStream: async (streamId) =>
      live()
        .filter((effect) => effect.streamId === streamId)
        .map((effect) => progressOf(effect, now())),
    dead: async (limit, tenant) =>
      live()
        .filter((effect) => effect.dead && fits(effect, { tenant }))
        .slice(-limit)
        .reverse()
        .map((effect) => progressOf(effect, now())),
    counts: async () =>
      [...Map.groupBy(live(), ({ type }) => type)]
        .map(([type, effects]) => countsOf(type, effects, now()))
        .sort((a, b) => (a.type < b.type ? -1 : 1)),
    outstanding: async (siteNow) => outstandingOf(live(), now(), siteNow.getTime()),
    hasten: async () => {
      for (const effect of live().filter((each) => rests(each, now()))) effect.visibleAt = now();
      options.onEffects.ring();
    },
    onEffects: (listener) => options.onEffects.on(listener),
  };
}
