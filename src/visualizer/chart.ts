import type { MachineDefinition, TransitionDefinition } from '../machines/lifecycle.ts';

/**
 * A machine as it is drawn: moves that the states of a group have in common are drawn once, from the group's frame.
 * Method: Harel's statecharts (1987), where a state inside overrides what its frame says.
 */

/** In a state each fact has one meaning, so the pair names the transition. */
export const transitionId = (from: string, fact: string): string => `${from}/${fact}`;

export interface ChartMove {
  /** Ids of the transitions that it stands for. */
  readonly ids: readonly string[];
  /** A state, or a group. */
  readonly from: string;
  /** Null when it stays where it is. */
  readonly to: string | null;
  readonly fact: string;
  readonly effects: readonly string[];
  readonly guards: readonly string[];
  /** Written into the box of what it leaves: it stays there, or leads from the frame to a state within it. */
  readonly inside: boolean;
}

export interface ChartState {
  readonly name: string;
  readonly initial: boolean;
  readonly final: boolean;
  readonly group: string | null;
}

export interface Chart {
  readonly states: readonly ChartState[];
  readonly groups: readonly { readonly name: string; readonly states: readonly string[] }[];
  readonly moves: readonly ChartMove[];
}

interface Owned extends TransitionDefinition {
  readonly from: string;
}

const says = ({ effects, guards }: TransitionDefinition): string => JSON.stringify([effects, guards]);

/** Whether this member's move is the one to `target` (null: staying), told once for the whole group. */
const isLike = (model: Owned, target: string | null, { from, to, ...rest }: Owned): boolean =>
  says({ ...rest, to }) === says(model) && to === (target ?? from);

interface Shared {
  readonly target: string | null;
  readonly members: readonly Owned[];
}

/** What most members do alike with a fact that is legal in each; null when no two do. */
function sharedOf(members: readonly Owned[]): Shared | null {
  const candidates = members.flatMap((model) =>
    [model.to, null].map((target) => ({
      target,
      members: members.filter((member) => isLike(model, target, member)),
    })),
  );
  const best = candidates.toSorted((a, b) => b.members.length - a.members.length)[0];
  return best === undefined || best.members.length < 2 ? null : best;
}

const ownMove = (move: Owned): ChartMove => ({
  ids: [transitionId(move.from, move.fact)],
  from: move.from,
  to: move.to === move.from ? null : move.to,
  fact: move.fact,
  effects: move.effects,
  guards: move.guards,
  inside: move.to === move.from,
});

function sharedMove(group: string, states: readonly string[], { target, members }: Shared): ChartMove[] {
  const [first] = members;
  if (first === undefined) return [];
  const { fact, effects, guards } = first;
  return [
    {
      ids: members.map(({ from }) => transitionId(from, fact)),
      from: group,
      to: target,
      ...{ fact, effects, guards },
      inside: target === null || states.includes(target),
    },
  ];
}

function groupMoves(group: MachineDefinition['groups'][number], owned: readonly Owned[]): ChartMove[] {
  const { name, states } = group;
  const facts = [...new Set(owned.map(({ fact }) => fact))];
  return facts.flatMap((fact) => {
    const members = owned.filter((move) => move.fact === fact);
    const shared = members.length === states.length ? sharedOf(members) : null;
    if (shared === null) return members.map(ownMove);
    const others = members.filter((member) => !shared.members.includes(member));
    return [...sharedMove(name, states, shared), ...others.map(ownMove)];
  });
}

export function chartOf({ initial, states, groups }: MachineDefinition): Chart {
  const movesOf = (names: readonly string[]): readonly Owned[] =>
    states
      .filter(({ name }) => names.includes(name))
      .flatMap(({ name, transitions }) => transitions.map((move) => ({ ...move, from: name })));
  const groupOf = (state: string) => groups.find((group) => group.states.includes(state))?.name ?? null;
  const alone = states.filter(({ name }) => groupOf(name) === null);
  return {
    states: states.map(({ name, final }) => ({
      name,
      final,
      initial: name === initial,
      group: groupOf(name),
    })),
    groups,
    moves: [
      ...movesOf(alone.map(({ name }) => name)).map(ownMove),
      ...groups.flatMap((group) => groupMoves(group, movesOf(group.states))),
    ],
  };
}
