import { type AnyMachineSnapshot, initialTransition, transition } from 'xstate';
import type { Due, Effect, Lane } from '../events/effect.ts';
import type { Fact } from '../events/envelope.ts';
import type { RegistryOperation } from '../events/registry.ts';
import type { StreamType } from '../events/stream-id.ts';
import { type Guard, isRefusing, judgeGuards } from './guard.ts';
import {
  IllegalCommand,
  IllegalFact,
  type Lifecycle,
  type MachineDefinition,
  type Stage,
  type StateDefinition,
} from './lifecycle.ts';
import { isEffect, type LooseRow, moveOf, movesOf, xstateMachine } from './xstate-machine.ts';

/** An effect that a move requests; `request` returns null when this history needs none. */
export interface EffectRule<Context, Data> {
  readonly type: string;
  readonly lane: Lane;
  readonly request: (context: Context, data: Data) => { readonly data: unknown; readonly due?: Due } | null;
}

/** What a legal fact does: where it leads, what it changes in the context, what it asks for. */
export interface Move<State extends string, Context, Data> {
  readonly to: State;
  readonly update?: (context: Context, data: Data) => Context;
  readonly effects?: readonly EffectRule<Context, Data>[];
  /** What must hold for the fact to be decided; each is asked at every decision, none when a history is folded. */
  readonly guards?: readonly Guard<Context, Data>[];
}

/** The one word for a fact that cannot happen in a state. */
export const illegal = 'illegal';

type Cell<State extends string, Context, Data> = typeof illegal | Move<State, Context, Data>;

/** Every state says for every fact what happens: a missing cell does not compile. */
export type TransitionTable<State extends string, F extends Fact, Context> = {
  readonly [S in State]: {
    readonly [Type in F['type']]: Cell<State, Context, Extract<F, { type: Type }>['data']>;
  };
};

export interface TableMachine<
  State extends string,
  Command extends { readonly type: string },
  F extends Fact,
  Context,
> {
  readonly name: string;
  readonly version: number;
  readonly streamType: StreamType;
  readonly initial: State;
  readonly context: Context;
  readonly table: TransitionTable<State, F, Context>;
  /** The facts that each command may make, for people who ask what would move a stream on. */
  readonly commands: { readonly [Type in Command['type']]: readonly F['type'][] };
  /** States that have moves in common, drawn within one frame. They change nothing of what is legal. */
  readonly groups?: Readonly<Record<string, readonly State[]>>;
  /** The facts that the command stands for at this stage, before their legality is checked. */
  readonly facts: (command: Command, stage: Stage<State, Context>, at: Date) => readonly F[];
  readonly registry: (stage: Stage<State, Context>, fact: F) => readonly RegistryOperation[];
}

function stateDefinition(name: string, row: LooseRow): StateDefinition {
  const moves = movesOf(row);
  return {
    name,
    final: moves.length === 0,
    transitions: moves.map(([fact, move]) => ({
      fact,
      to: move.to,
      effects: (move.effects ?? []).map((rule) => rule.type),
      guards: (move.guards ?? []).map((guard) => guard.name),
    })),
  };
}

/** The table as plain data, for people and pictures. */
function definitionOf<State extends string>(
  machine: Pick<
    TableMachine<State, { readonly type: string }, Fact, never>,
    'name' | 'version' | 'streamType' | 'initial' | 'groups'
  > & { readonly commands: Readonly<Record<string, readonly string[]>> },
  table: Readonly<Record<string, LooseRow>>,
): MachineDefinition {
  const { name, version, streamType, initial, groups = {}, commands } = machine;
  return {
    ...{ name, version, streamType, initial },
    states: Object.entries(table).map(([state, row]) => stateDefinition(state, row)),
    groups: Object.entries(groups).map(([group, states]) => ({ name: group, states: states ?? [] })),
    commands: Object.entries(commands).map(([command, facts]) => ({ command, facts })),
  };
}

/** Builds a lifecycle whose legality and effects are those of the table alone. */
export function lifecycleOf<
  State extends string,
  Command extends { readonly type: string },
  F extends Fact,
  Context,
>(definition: TableMachine<State, Command, F, Context>): Lifecycle<State, Command, F, Context> {
  const { name, version, streamType } = definition;
  const table: Readonly<Record<string, LooseRow>> = definition.table as never;
  const machine = xstateMachine(name, definition.initial, definition.context, table);
  const [start] = initialTransition(machine);

  const restore = (stage: Stage<State, Context>): AnyMachineSnapshot =>
    machine.resolveState({ value: stage.state, context: stage.context });
  const stageOf = (snapshot: AnyMachineSnapshot): Stage<State, Context> => ({
    state: snapshot.value as State,
    context: snapshot.context,
  });
  const canHappen = (snapshot: AnyMachineSnapshot, fact: Fact): boolean =>
    snapshot.status === 'active' && snapshot.can(fact);

  function advance(snapshot: AnyMachineSnapshot, fact: F): readonly [AnyMachineSnapshot, readonly Effect[]] {
    if (!canHappen(snapshot, fact)) throw new IllegalFact(name, String(snapshot.value), fact.type);
    const [next, actions] = transition(machine, snapshot, fact);
    return [next, actions.map((action): unknown => action.params).filter(isEffect)];
  }

  function step(stage: Stage<State, Context>, fact: F): readonly [Stage<State, Context>, readonly Effect[]] {
    const [next, effects] = advance(restore(stage), fact);
    return [stageOf(next), effects];
  }

  /** The stage after a fact, by the table alone: the machine is made of it, and this takes a hundredth of its time. */
  function walk(stage: Stage<State, Context>, fact: F): Stage<State, Context> {
    const move = moveOf(table[stage.state], fact.type);
    if (move === null) throw new IllegalFact(name, stage.state, fact.type);
    const context = move.update?.(stage.context, fact.data) ?? stage.context;
    // The table's type holds moves to its own states and contexts only.
    return { state: move.to as State, context: context as Context };
  }

  const legalFacts = (stage: Stage<State, Context>) =>
    movesOf(table[stage.state] ?? {}).map(([type]) => type);

  const conditions: Lifecycle['conditions'] = ({ state, context }, factType, seen = null) =>
    judgeGuards(moveOf(table[state], factType)?.guards ?? [], factType, context, seen);

  /** Throws unless the fact may be decided at this stage. */
  function assertDecidable(snapshot: AnyMachineSnapshot, fact: F, command: Command): void {
    const stage = stageOf(snapshot);
    const refusals = conditions(stage, fact.type, fact).filter(isRefusing);
    if (canHappen(snapshot, fact) && refusals.length === 0) return;
    const guards = refusals.map((condition) => condition.name);
    throw new IllegalCommand(name, stage.state, command.type, legalFacts(stage), guards);
  }

  function decide(stage: Stage<State, Context>, command: Command, at: Date): readonly F[] {
    const facts = definition.facts(command, stage, at);
    let current = restore(stage);
    for (const fact of facts) {
      assertDecidable(current, fact, command);
      [current] = transition(machine, current, fact);
    }
    return facts;
  }

  return {
    name,
    version,
    streamType,
    initial: stageOf(start),
    definition: definitionOf(definition, table),
    decide,
    step,
    replay: (facts) => facts.reduce(walk, stageOf(start)),
    legalFacts,
    conditions,
    registry: definition.registry,
  };
}
