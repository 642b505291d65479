import { schemaVersion } from '../events/catalogue.ts';
import { effectKey } from '../events/effect.ts';
import type { Fact, Metadata, NewFact, RecordedFact } from '../events/envelope.ts';
import type { RegistryOperation } from '../events/registry.ts';
import type { Lifecycle, Stage } from '../machines/lifecycle.ts';
import type { Clocks } from '../ports/clocks.ts';
import { type EventLog, type KeyedEffect, type StreamAppend, VersionConflict } from '../ports/event-log.ts';

/** Who caused a command, whose it is, and what it answers. */
export interface Origin {
  readonly actor: string;
  readonly tenant: string;
  readonly systemId: string | null;
  readonly correlationId: string;
  readonly causationId?: string;
}

/** A stream as it stood when it was read. */
export interface Loaded<State extends string, Context> {
  readonly streamId: string;
  readonly version: number;
  readonly stage: Stage<State, Context>;
  readonly facts: readonly RecordedFact[];
}

type Command = { readonly type: string };

export interface StreamActors {
  load<State extends string, C extends Command, F extends Fact, Context>(
    lifecycle: Lifecycle<State, C, F, Context>,
    streamId: string,
  ): Promise<Loaded<State, Context>>;
  /**
   * The append that the command makes of a loaded stream, or null when it makes no facts.
   * Throws `IllegalCommand`.
   */
  prepare<State extends string, C extends Command, F extends Fact, Context>(
    lifecycle: Lifecycle<State, C, F, Context>,
    loaded: Loaded<State, Context>,
    command: C,
    origin: Origin,
  ): StreamAppend | null;
  /**
   * Loads, decides and appends; again from the start when the stream moved meanwhile.
   * Throws `IllegalCommand`, `RegistryConflict`, or `VersionConflict` after several lost races.
   */
  send<State extends string, C extends Command, F extends Fact, Context>(
    lifecycle: Lifecycle<State, C, F, Context>,
    streamId: string,
    command: C,
    origin: Origin,
  ): Promise<void>;
}

export interface StreamActorDependencies {
  readonly log: EventLog;
  readonly clocks: Clocks;
  /** Unique ids for facts. */
  readonly newId: () => string;
}

/** A stream under heavy contention is given up after so many lost races. */
const MAX_RACES = 8;

/** Folds the decided facts into the stage and gathers the effects and registry operations they ask for. */
function appendOf<State extends string, C extends Command, F extends Fact, Context>(
  lifecycle: Lifecycle<State, C, F, Context>,
  { streamId, version, stage: before }: Loaded<State, Context>,
  decided: readonly F[],
  { origin, at, newId }: { readonly origin: Origin; readonly at: Date; readonly newId: () => string },
): StreamAppend {
  const machine = `${lifecycle.name}@${lifecycle.version}`;
  const facts: NewFact[] = [];
  const effects: KeyedEffect[] = [];
  const registry: RegistryOperation[] = [];
  let stage = before;
  for (const fact of decided) {
    const [next, requested] = lifecycle.step(stage, fact);
    stage = next;
    const schema = schemaVersion(streamId, fact.type);
    const metadata: Metadata = { ...origin, machine, schema, at: at.toISOString() };
    facts.push({ eventId: newId(), fact, metadata });
    requested.forEach((effect, index) => {
      const key = effectKey(streamId, version + facts.length, index);
      effects.push({ key, effect, tenant: origin.tenant, priority: 0 });
    });
    registry.push(...lifecycle.registry(stage, fact));
  }
  return { streamId, expectedVersion: version, facts, effects, registry };
}

export function createStreamActors({ log, clocks, newId }: StreamActorDependencies): StreamActors {
  async function load<State extends string, C extends Command, F extends Fact, Context>(
    lifecycle: Lifecycle<State, C, F, Context>,
    streamId: string,
  ): Promise<Loaded<State, Context>> {
    const facts = await log.readStream(streamId);
    const stage = lifecycle.replay(facts.map((recorded) => recorded.fact as F));
    return { streamId, version: facts.at(-1)?.version ?? 0, stage, facts };
  }

  function prepare<State extends string, C extends Command, F extends Fact, Context>(
    lifecycle: Lifecycle<State, C, F, Context>,
    loaded: Loaded<State, Context>,
    command: C,
    origin: Origin,
  ): StreamAppend | null {
    const at = clocks.site.now();
    const decided = lifecycle.decide(loaded.stage, command, at);
    return decided.length === 0 ? null : appendOf(lifecycle, loaded, decided, { origin, at, newId });
  }

  const send: StreamActors['send'] = async (lifecycle, streamId, command, origin) => {
    let race = 1;
    while (!(await attempt(lifecycle, streamId, command, origin, race))) race += 1;
  };

  /** False when the stream moved between reading and appending. */
  async function attempt<State extends string, C extends Command, F extends Fact, Context>(
    lifecycle: Lifecycle<State, C, F, Context>,
    streamId: string,
    command: C,
    origin: Origin,
    race: number,
  ): Promise<boolean> {
    const append = prepare(lifecycle, await load(lifecycle, streamId), command, origin);
    try {
      if (append !== null) await log.commit({ appends: [append] });
      return true;
    } catch (error) {
      if (error instanceof VersionConflict && race < MAX_RACES) return false;
      throw error;
    }
  }

  return { load, prepare, send };
}
