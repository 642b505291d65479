import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  assign,
  createMachine,
  initialTransition,
  transition,
} from 'xstate';
import type { Due, Effect, Lane } from '../events/effect.ts';
import type { Fact } from '../events/envelope.ts';
import type { RegistryOperation } from '../events/registry.ts';
import type { StreamType } from '../events/stream-id.ts';
import {
  IllegalCommand,
  IllegalFact,
  type Lifecycle,
  type MachineDefinition,
  type Stage,
  type StateDefinition,
} from './lifecycle.ts';

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
  /** The facts that the command stands for at this stage, before their legality is checked. */
  readonly facts: (command: Command, stage: Stage<State, Context>, at: Date) => readonly F[];
  readonly registry: (stage: Stage<State, Context>, fact: F) => readonly RegistryOperation[];
}

type LooseMove = Move<string, unknown, unknown>;
type LooseRow = Readonly<Record<string, typeof illegal | LooseMove>>;

const movesOf = (row: LooseRow): readonly (readonly [string, LooseMove])[] =>
  Object.entries(row).flatMap(([type, cell]) => (cell === illegal ? [] : [[type, cell] as const]));

function stateDefinition(name: string, row: LooseRow): StateDefinition {
  const moves = movesOf(row);
  return {
    name,
    final: moves.length === 0,
    transitions: moves.map(([fact, move]) => ({
      fact,
      to: move.to,
      effects: (move.effects ?? []).map((rule) => rule.type),
    })),
  };
}

interface MachineEvent {
  readonly type: string;
  readonly data: unknown;
}

interface ActionArguments {
  readonly context: unknown;
  readonly event: MachineEvent;
}

/** One declared action an effect: its params are the whole request, so that the pure transition returns it. */
const effectAction = (rule: EffectRule<unknown, unknown>) => ({
  type: rule.type,
  params: ({ context, event }: ActionArguments) => {
    const request = rule.request(context, event.data);
    return request === null ? null : { type: rule.type, lane: rule.lane, ...request };
  },
});

function xstateMove(move: LooseMove) {
  const { update } = move;
  const change =
    update === undefined
      ? []
      : [assign(({ context, event }) => Object(update(context, (event as MachineEvent).data)))];
  // `reenter: false` keeps a move to the same state an internal one.
  return { target: move.to, reenter: false, actions: [...change, ...(move.effects ?? []).map(effectAction)] };
}

function refuseToRun(): never {
  throw new Error('effects are run by the effect runner, never by the machine');
}

/** Generates the XState machine from the table. No invoke, no after, no guards: they would bypass the log. */
function xstateMachine(
  name: string,
  initial: string,
  context: unknown,
  table: Readonly<Record<string, LooseRow>>,
): AnyStateMachine {
  const effectTypes = Object.values(table).flatMap((row) =>
    movesOf(row).flatMap(([, move]) => (move.effects ?? []).map((rule) => rule.type)),
  );
  const states = Object.fromEntries(
    Object.entries(table).map(([state, row]) => {
      const on = Object.fromEntries(movesOf(row).map(([type, move]) => [type, xstateMove(move)]));
      return [state, Object.keys(on).length === 0 ? { type: 'final' as const } : { on }];
    }),
  );
  const config = { id: name, initial, context: Object(context), states };
  return createMachine(
    config as Parameters<typeof createMachine>[0],
    {
      actions: Object.fromEntries(effectTypes.map((type) => [type, refuseToRun])),
    } as Parameters<typeof createMachine>[1],
  );
}

const isEffect = (params: unknown): params is Effect =>
  typeof params === 'object' && params !== null && 'lane' in params;

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
    const row = table[stage.state] ?? {};
    const cell = Object.hasOwn(row, fact.type) ? row[fact.type] : undefined;
    if (cell === undefined || cell === illegal) throw new IllegalFact(name, stage.state, fact.type);
    const context = cell.update?.(stage.context, fact.data) ?? stage.context;
    // The table's type holds moves to its own states and contexts only.
    return { state: cell.to as State, context: context as Context };
  }

  const legalFacts = (stage: Stage<State, Context>) =>
    movesOf(table[stage.state] ?? {}).map(([type]) => type);

  function decide(stage: Stage<State, Context>, command: Command, at: Date): readonly F[] {
    const facts = definition.facts(command, stage, at);
    let current = restore(stage);
    for (const fact of facts) {
      if (!canHappen(current, fact))
        throw new IllegalCommand(name, String(current.value), command.type, legalFacts(stageOf(current)));
      [current] = transition(machine, current, fact);
    }
    return facts;
  }

  const machineDefinition: MachineDefinition = {
    name,
    version,
    streamType,
    initial: definition.initial,
    states: Object.entries(table).map(([state, row]) => stateDefinition(state, row)),
  };

  return {
    name,
    version,
    streamType,
    initial: stageOf(start),
    definition: machineDefinition,
    decide,
    step,
    replay: (facts) => facts.reduce(walk, stageOf(start)),
    legalFacts,
    registry: definition.registry,
  };
}
