import { type Condition, isRefusing } from '../machines/guard.ts';
import type { Lifecycle } from '../machines/lifecycle.ts';
import type { History, Judged, Step } from './steps.ts';

/** Why a fact did not happen at an instant, or cannot happen now. */
export interface Refusal {
  readonly fact: string;
  /** `state`: illegal there. `guard`: a condition does not hold. `other`: it could have, but another fact happened. */
  readonly why: 'state' | 'guard' | 'other';
  /** States in which the fact is legal. */
  readonly legalIn: readonly string[];
  readonly guards: readonly Condition[];
}

/** A fact that is legal now. */
export interface Legal {
  readonly fact: string;
  readonly to: string;
  readonly effects: readonly string[];
  readonly guards: readonly Condition[];
  /** Commands that would make it. */
  readonly commands: readonly string[];
}

/** Where a stream stands at one instant, how it came there and what may come next. */
export interface Instant {
  /** The last fact that counts, 0 before the first. */
  readonly version: number;
  readonly state: string;
  readonly context: unknown;
  readonly taken: Step | null;
  /** Every other fact of the machine at the instant of the fact taken. */
  readonly refused: readonly Refusal[];
  readonly legal: readonly Legal[];
  /** Facts that are legal in this state and that a guard refuses now. */
  readonly barred: readonly Refusal[];
}

const guardsOf = (judged: readonly Judged[], fact: string): readonly Condition[] =>
  judged.find((one) => one.fact === fact)?.guards ?? [];

function explainer(lifecycle: Lifecycle) {
  const { states, commands } = lifecycle.definition;
  const movesIn = (state: string) => states.find(({ name }) => name === state)?.transitions ?? [];
  const legalIn = (fact: string) =>
    states.filter(({ transitions }) => transitions.some((t) => t.fact === fact)).map(({ name }) => name);
  const facts = [...new Set(states.flatMap(({ transitions }) => transitions.map(({ fact }) => fact)))];

  function refusal(state: string, fact: string, guards: readonly Condition[]): Refusal {
    const legal = movesIn(state).some((move) => move.fact === fact);
    const otherwise = guards.some(isRefusing) ? 'guard' : 'other';
    return { fact, why: legal ? otherwise : 'state', legalIn: legalIn(fact), guards };
  }
  return {
    refused: ({ from, type, rivals }: Step): readonly Refusal[] =>
      facts.filter((fact) => fact !== type).map((fact) => refusal(from, fact, guardsOf(rivals, fact))),
    legal: (state: string, next: readonly Judged[]): readonly Legal[] =>
      movesIn(state)
        .map(({ fact, to, effects }) => ({
          ...{ fact, to, effects, guards: guardsOf(next, fact) },
          commands: commands.filter((one) => one.facts.includes(fact)).map(({ command }) => command),
        }))
        .filter(({ guards }) => !guards.some(isRefusing)),
    barred: (state: string, next: readonly Judged[]): readonly Refusal[] =>
      next
        .filter(({ guards }) => guards.some(isRefusing))
        .map(({ fact, guards }) => refusal(state, fact, guards)),
  };
}

/** The last instant of a history, explained by the machine's own table. */
export function explain(lifecycle: Lifecycle, { start, steps, next }: History): Instant {
  const taken = steps.at(-1) ?? null;
  const { state, context } = taken?.stage ?? start;
  const open = taken?.next ?? next;
  const { refused, legal, barred } = explainer(lifecycle);
  return {
    ...{ version: taken?.version ?? 0, state, context, taken },
    refused: taken === null ? [] : refused(taken),
    legal: legal(state, open),
    barred: barred(state, open),
  };
}
