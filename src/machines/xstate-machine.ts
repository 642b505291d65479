import { type AnyStateMachine, assign, createMachine } from 'xstate';
import type { Due, Effect, Lane } from '../events/effect.ts';
import type { Guard } from './guard.ts';

/** Tables as the generator reads them: types of single machines are checked where their tables are written. */

interface LooseRule {
  readonly type: string;
  readonly lane: Lane;
  readonly request: (
    context: unknown,
    data: unknown,
  ) => { readonly data: unknown; readonly due?: Due } | null;
}

interface LooseMove {
  readonly to: string;
  readonly update?: (context: unknown, data: unknown) => unknown;
  readonly effects?: readonly LooseRule[];
  readonly guards?: readonly Guard<unknown, unknown>[];
}

/** A state's cells by fact type: a move, or the word for none. */
export type LooseRow = Readonly<Record<string, string | LooseMove>>;

/** The move that a fact is in a state, or null where it is illegal or unknown. */
export function moveOf(row: LooseRow | undefined, factType: string): LooseMove | null {
  const cell = row !== undefined && Object.hasOwn(row, factType) ? row[factType] : undefined;
  return cell === undefined || typeof cell === 'string' ? null : cell;
}

export const movesOf = (row: LooseRow): readonly (readonly [string, LooseMove])[] =>
  Object.entries(row).flatMap(([type, cell]) => (typeof cell === 'string' ? [] : [[type, cell] as const]));

interface MachineEvent {
  readonly type: string;
  readonly data: unknown;
}

interface ActionArguments {
  readonly context: unknown;
  readonly event: MachineEvent;
}

/** One declared action an effect: its params are the whole request, so that the pure transition returns it. */
const effectAction = (rule: LooseRule) => ({
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

/**
 * Generates the XState machine from the table. No invoke, no after: they would bypass the log. Guards stay outside,
 * since a fact that is in the log has happened whatever a guard would say of it today.
 */
export function xstateMachine(
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

export const isEffect = (params: unknown): params is Effect =>
  typeof params === 'object' && params !== null && 'lane' in params;
