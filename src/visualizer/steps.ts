import { type Effect, effectKey } from '../events/effect.ts';
import type { RecordedFact } from '../events/envelope.ts';
import { type Condition, isRefusing } from '../machines/guard.ts';
import { IllegalFact, type Lifecycle, type Stage } from '../machines/lifecycle.ts';
import { transitionId } from './chart.ts';
import type { Marks } from './marks.ts';

/** Guards of a fact as they answer at an instant. */
export interface Judged {
  readonly fact: string;
  readonly guards: readonly Condition[];
}

/** One fact of a stream and what it did to the machine. */
export interface Step {
  /** The fact's place in its stream, from 1. */
  readonly version: number;
  readonly type: string;
  readonly data: unknown;
  /** The site clock's instant, ISO 8601. */
  readonly at: string;
  readonly from: string;
  readonly to: string;
  /** Effects that this step really requested, with their data and the key that makes them idempotent. */
  readonly effects: readonly (Effect & { readonly key: string })[];
  /** Types of effects that the move may request and that this history did not need. */
  readonly spared: readonly string[];
  /** What held for the fact to be decided, by today's guards. */
  readonly guards: readonly Condition[];
  /** Guards of facts that could have happened instead, as far as this fact tells. */
  readonly rivals: readonly Judged[];
  /** Where the stream stood after the fact. */
  readonly stage: Stage;
  /** Guards of what is legal after it, as far as the stage tells. */
  readonly next: readonly Judged[];
}

/** Why the history cannot be folded further: its facts are not those of this machine. */
export interface Break {
  readonly version: number;
  readonly type: string;
  readonly reason: string;
}

export interface History {
  readonly steps: readonly Step[];
  /** Guards of what is legal before the first step. */
  readonly next: readonly Judged[];
  readonly start: Stage;
  readonly broken: Break | null;
}

/** Facts with guards that are legal at a stage, with the answers that the stage and a fact can give. */
function judged(lifecycle: Lifecycle, stage: Stage, seen: RecordedFact['fact'] | null): readonly Judged[] {
  return lifecycle
    .legalFacts(stage)
    .filter((fact) => fact !== seen?.type)
    .map((fact) => ({ fact, guards: lifecycle.conditions(stage, fact, seen) }))
    .filter(({ guards }) => guards.length > 0);
}

function movedBy(lifecycle: Lifecycle, state: string, type: string) {
  const found = lifecycle.definition.states.find(({ name }) => name === state);
  return found?.transitions.find(({ fact }) => fact === type);
}

function stepOf(lifecycle: Lifecycle, stage: Stage, recorded: RecordedFact): Step {
  const { streamId, version, fact, metadata } = recorded;
  const [next, requested] = lifecycle.step(stage, fact);
  const types = new Set(requested.map(({ type }) => type));
  return {
    ...{ version, ...fact, at: metadata.at, from: stage.state, to: next.state, stage: next },
    effects: requested.map((effect, index) => ({ key: effectKey(streamId, version, index), ...effect })),
    spared: (movedBy(lifecycle, stage.state, fact.type)?.effects ?? []).filter((type) => !types.has(type)),
    guards: lifecycle.conditions(stage, fact.type, fact),
    rivals: judged(lifecycle, stage, fact),
    next: judged(lifecycle, next, null),
  };
}

/** Takes the facts one by one, up to the first that the machine refuses. */
function walk(facts: readonly RecordedFact[], take: (recorded: RecordedFact) => void): Break | null {
  for (const recorded of facts) {
    try {
      take(recorded);
    } catch (error) {
      if (!(error instanceof IllegalFact)) throw error;
      return { version: recorded.version, type: recorded.fact.type, reason: error.message };
    }
  }
  return null;
}

/** Folds what can be folded; `rest` begins with the fact that cannot. */
function foldUntil(lifecycle: Lifecycle, facts: readonly RecordedFact[]) {
  let stage: Stage = lifecycle.initial;
  const broken = walk(facts, ({ fact }) => {
    [stage] = lifecycle.step(stage, fact);
  });
  const rest = broken === null ? [] : facts.filter(({ version }) => version >= broken.version);
  return { stage, rest };
}

/**
 * The stream's facts as steps of its machine, for scrubbing: those after the place `after`, with where the stream
 * stood there. A history that is not one of this machine ends before the first fact that cannot be folded.
 */
export function historyOf(lifecycle: Lifecycle, facts: readonly RecordedFact[], after = 0): History {
  const before = facts.filter(({ version }) => version <= after);
  const { stage: start, rest } = foldUntil(lifecycle, before);
  const steps: Step[] = [];
  let stage = start;
  const broken = walk([...rest, ...facts.slice(before.length)], (recorded) => {
    const step = stepOf(lifecycle, stage, recorded);
    steps.push(step);
    stage = step.stage;
  });
  return { start, steps, next: judged(lifecycle, start, null), broken };
}

/** Ids of the moves out of a state, but for one fact. */
function movesFrom(lifecycle: Lifecycle, state: string, but: string | null): readonly string[] {
  const found = lifecycle.definition.states.find(({ name }) => name === state);
  return (found?.transitions ?? [])
    .filter(({ fact }) => fact !== but)
    .map(({ fact }) => transitionId(state, fact));
}

/** What to bring out after these steps: where the machine stands, how it came there and what may come next. */
export function marksOf(lifecycle: Lifecycle, { start, steps, next }: History): Marks {
  const last = steps.at(-1);
  const current = last?.to ?? start.state;
  const barred = (last?.next ?? next)
    .filter(({ guards }) => guards.some(isRefusing))
    .map(({ fact }) => transitionId(current, fact));
  return {
    current,
    last: last === undefined ? null : transitionId(last.from, last.type),
    taken: [...new Set(steps.map(({ from, type }) => transitionId(from, type)))],
    refused: [...(last === undefined ? [] : movesFrom(lifecycle, last.from, last.type)), ...barred],
    possible: movesFrom(lifecycle, current, null).filter((id) => !barred.includes(id)),
  };
}
