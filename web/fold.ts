import type { Condition, JudgedFact, Machine, StreamStep, StreamSteps } from '../src/client/client.ts';

/** A stream's history, folded once, so that going through it asks the server nothing. */

type Context = Readonly<Record<string, unknown>>;

export interface StreamHistory {
  readonly streamId: string;
  readonly definition: Machine;
  /** What the facts did, in order; the first has version 1. */
  readonly steps: readonly StreamStep[];
  /** Contexts before the first fact and after each. */
  readonly contexts: readonly Context[];
  /** State and guards before the first fact. */
  readonly start: StreamSteps['start'];
  /** The first fact that the machine does not know where it stands; what follows it is not shown. */
  readonly broken: StreamSteps['broken'];
}

function contextAfter(before: Context, { changed, removed }: StreamStep): Context {
  const kept = Object.entries(before).filter(([key]) => !removed.includes(key));
  return { ...Object.fromEntries(kept), ...changed };
}

/** The history with a further page of it; a page that does not follow on what is there changes nothing. */
export function extended(history: StreamHistory | null, page: StreamSteps): StreamHistory {
  const known = history ?? {
    ...{ streamId: page.streamId, definition: page.definition, start: page.start, broken: null },
    ...{ steps: [], contexts: [Object(page.start.context) as Context] },
  };
  const contexts = [...known.contexts];
  const steps = [...known.steps];
  for (const step of page.steps) {
    if (step.version !== steps.length + 1) continue;
    contexts.push(contextAfter(contexts.at(-1) ?? {}, step));
    steps.push(step);
  }
  return { ...known, steps, contexts, definition: page.definition, broken: page.broken };
}

export const transitionId = (state: string, fact: string): string => `${state}/${fact}`;

/** What to bring out in the picture, transitions by their ids. */
export interface Marks {
  readonly current: string;
  readonly visited: ReadonlySet<string>;
  readonly last: string | null;
  readonly taken: ReadonlySet<string>;
  readonly refused: ReadonlySet<string>;
  readonly possible: ReadonlySet<string>;
}

export interface Refused {
  readonly fact: string;
  /** `state`: illegal there. `guard`: a condition does not hold. `other`: it could have, but another fact happened. */
  readonly why: 'state' | 'guard' | 'other';
  readonly legalIn: readonly string[];
  readonly guards: readonly Condition[];
}

export interface Legal {
  readonly fact: string;
  readonly to: string;
  readonly effects: readonly string[];
  readonly guards: readonly Condition[];
  readonly commands: readonly string[];
}

/** One instant, explained. */
export interface Instant {
  readonly version: number;
  readonly state: string;
  readonly context: Context;
  readonly step: StreamStep | null;
  readonly refused: readonly Refused[];
  readonly legal: readonly Legal[];
  /** What the state allows and a guard refuses now. */
  readonly barred: readonly Refused[];
  readonly marks: Marks;
}

const refuses = ({ holds }: Condition): boolean => holds === false;
const guardsOf = (judged: readonly JudgedFact[], fact: string): readonly Condition[] =>
  judged.find((one) => one.fact === fact)?.guards ?? [];

const movesIn = ({ states }: Machine, state: string) =>
  states.find(({ name }) => name === state)?.transitions ?? [];

const legalIn = ({ states }: Machine, fact: string): readonly string[] =>
  states.filter(({ transitions }) => transitions.some((move) => move.fact === fact)).map(({ name }) => name);

const factsOf = ({ states }: Machine): readonly string[] => [
  ...new Set(states.flatMap(({ transitions }) => transitions.map(({ fact }) => fact))),
];

function refusal(machine: Machine, state: string, fact: string, guards: readonly Condition[]): Refused {
  const where = legalIn(machine, fact);
  const otherwise = guards.some(refuses) ? 'guard' : 'other';
  return { fact, why: where.includes(state) ? otherwise : 'state', legalIn: where, guards };
}

function marksAt(
  { definition, steps }: StreamHistory,
  version: number,
  current: string,
  barred: readonly string[],
): Marks {
  const way = steps.slice(0, version);
  const step = way.at(-1);
  const missed = step === undefined ? [] : movesIn(definition, step.from).map(({ fact }) => fact);
  const open = movesIn(definition, current).map(({ fact }) => fact);
  const others = missed.filter((fact) => fact !== step?.type);
  return {
    current,
    visited: new Set(way.map(({ from }) => from)),
    last: step === undefined ? null : transitionId(step.from, step.type),
    taken: new Set(way.map(({ from, type }) => transitionId(from, type))),
    refused: new Set([
      ...others.map((fact) => transitionId(step?.from ?? '', fact)),
      ...barred.map((fact) => transitionId(current, fact)),
    ]),
    possible: new Set(
      open.filter((fact) => !barred.includes(fact)).map((fact) => transitionId(current, fact)),
    ),
  };
}

/** What the history says of the instant after `version` facts, at most all of them. */
export function instantOf(history: StreamHistory, version: number): Instant {
  const { definition, steps, contexts, start } = history;
  const at = Math.min(version, steps.length);
  const step = steps[at - 1] ?? null;
  const state = step?.to ?? start.state;
  const next = step?.next ?? start.next;
  const barred = next
    .filter(({ guards }) => guards.some(refuses))
    .map(({ fact, guards }) => refusal(definition, state, fact, guards));
  const shut = barred.map(({ fact }) => fact);
  const others = step === null ? [] : factsOf(definition).filter((fact) => fact !== step.type);
  return {
    ...{ version: at, state, step, barred, context: contexts[at] ?? {} },
    refused: others.map((fact) =>
      refusal(definition, step?.from ?? '', fact, guardsOf(step?.rivals ?? [], fact)),
    ),
    legal: movesIn(definition, state)
      .filter(({ fact }) => !shut.includes(fact))
      .map(({ fact, to, effects }) => ({
        ...{ fact, to, effects, guards: guardsOf(next, fact) },
        commands: definition.commands
          .filter(({ facts }) => facts.includes(fact))
          .map(({ command }) => command),
      })),
    marks: marksAt(history, at, state, shut),
  };
}
