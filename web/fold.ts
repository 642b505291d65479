import type { Definition } from './contract.ts';

/** Where a machine stands after some facts; transitions are named `state/fact`, as in the drawing. */
export interface Standing {
  readonly state: string;
  readonly taken: ReadonlySet<string>;
  readonly possible: ReadonlySet<string>;
  readonly visited: ReadonlySet<string>;
}

/** Folds fact types by the machine's definition. A fact that the definition does not know there changes nothing. */
export function fold({ initial, states }: Definition, facts: readonly string[]): Standing {
  const moves = new Map(
    states.flatMap(({ name, transitions }) =>
      transitions.map(({ fact, to }) => [`${name}/${fact}`, to] as const),
    ),
  );
  const taken = new Set<string>();
  const visited = new Set<string>();
  let state = initial;
  for (const fact of facts) {
    const to = moves.get(`${state}/${fact}`);
    if (to === undefined) continue;
    taken.add(`${state}/${fact}`);
    visited.add(state);
    state = to;
  }
  const possible = new Set([...moves.keys()].filter((id) => id.startsWith(`${state}/`)));
  return { state, taken, possible, visited };
}
