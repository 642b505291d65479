import type { Effect } from '../events/effect.ts';
import type { Fact } from '../events/envelope.ts';
import type { RegistryOperation } from '../events/registry.ts';
import type { StreamType } from '../events/stream-id.ts';
import type { Condition } from './guard.ts';

/** Where a stream stands: the fold of its facts. */
export interface Stage<State extends string = string, Context = unknown> {
  readonly state: State;
  readonly context: Context;
}

/** The definition of a machine as plain data, for people and pictures. */
export interface MachineDefinition {
  readonly name: string;
  readonly version: number;
  readonly streamType: StreamType;
  readonly initial: string;
  readonly states: readonly StateDefinition[];
  /** States that are drawn within one frame because they have moves in common; a state is in one at most. */
  readonly groups: readonly { readonly name: string; readonly states: readonly string[] }[];
  /** The facts that each command may make. */
  readonly commands: readonly { readonly command: string; readonly facts: readonly string[] }[];
}

export interface StateDefinition {
  readonly name: string;
  readonly final: boolean;
  readonly transitions: readonly TransitionDefinition[];
}

export interface TransitionDefinition {
  readonly fact: string;
  readonly to: string;
  /** Types of the effects that the transition may request. */
  readonly effects: readonly string[];
  /** Names of the conditions that must hold. */
  readonly guards: readonly string[];
}

/**
 * A lifecycle: which facts a command makes at a stage, what a fact turns the stage into and which effects it
 * requests. Pure: time, ids and seeds arrive as arguments.
 */
export interface Lifecycle<
  State extends string = string,
  Command extends { readonly type: string } = { readonly type: string },
  F extends Fact = Fact,
  Context = unknown,
> {
  readonly name: string;
  readonly version: number;
  readonly streamType: StreamType;
  readonly initial: Stage<State, Context>;
  readonly definition: MachineDefinition;
  /** Facts that `command` makes at this stage. Throws {@link IllegalCommand} unless each is legal in turn. */
  decide(stage: Stage<State, Context>, command: Command, at: Date): readonly F[];
  /** The next stage and the requested effects. Throws {@link IllegalFact}. */
  step(stage: Stage<State, Context>, fact: F): readonly [Stage<State, Context>, readonly Effect[]];
  /** Folds a history from the initial stage. Throws {@link IllegalFact}. */
  replay(facts: readonly F[]): Stage<State, Context>;
  /** Types of the facts that are legal at this stage. */
  legalFacts(stage: Stage<State, Context>): readonly string[];
  /**
   * The guards of a fact at this stage with their values; none where the fact is illegal. What only the fact itself
   * can tell is left open, unless `seen` is that fact or one that says as much.
   */
  conditions(stage: Stage<State, Context>, factType: string, seen?: Fact | null): readonly Condition[];
  /** What the fact changes in the registry of things unique across streams; `stage` is the one after the fact. */
  registry(stage: Stage<State, Context>, fact: F): readonly RegistryOperation[];
}

/** The command is not legal at this stage; carries what would be. */
export class IllegalCommand extends Error {
  override readonly name = 'IllegalCommand';
  readonly machine: string;
  readonly state: string;
  readonly command: string;
  readonly legalFacts: readonly string[];
  /** Guards that refuse it, where it is a guard and not the state. */
  readonly guards: readonly string[];

  constructor(
    machine: string,
    state: string,
    command: string,
    legalFacts: readonly string[],
    guards: readonly string[] = [],
  ) {
    const legal = legalFacts.length === 0 ? 'it has ended' : `possible now: ${legalFacts.join(', ')}`;
    const because = guards.length === 0 ? '' : `, because these do not hold: ${guards.join(', ')}`;
    super(`${machine}: ${command} is not possible in state ${state}${because}; ${legal}`);
    this.machine = machine;
    this.state = state;
    this.command = command;
    this.legalFacts = legalFacts;
    this.guards = guards;
  }
}

/** A fact that the machine's table does not allow at this stage: the history is not one of this machine. */
export class IllegalFact extends Error {
  override readonly name = 'IllegalFact';

  constructor(machine: string, state: string, factType: string) {
    super(`${machine}: fact ${factType} is not legal in state ${state}`);
  }
}
