import type { Effect } from '../events/effect.ts';
import type { RecordedFact } from '../events/envelope.ts';
import type { Lifecycle, Stage } from '../machines/lifecycle.ts';
import type { Marks } from './draw.ts';
import { transitionId } from './layout.ts';

/** One fact of a stream and what it did to the machine. */
export interface Step {
  /** The fact's place in its stream, from 1. */
  readonly version: number;
  readonly type: string;
  /** The site clock's instant, ISO 8601. */
  readonly at: string;
  readonly from: string;
  readonly to: string;
  /** Effects that this step really requested, with their data. */
  readonly effects: readonly Effect[];
  readonly data: unknown;
}

/**
 * The stream's history as steps of its machine, for scrubbing. Throws `IllegalFact` when the facts are not a
 * history of this machine from its first fact on.
 */
export function stepsOf(lifecycle: Lifecycle, facts: readonly RecordedFact[]): readonly Step[] {
  let stage: Stage = lifecycle.initial;
  return facts.map(({ version, fact, metadata }) => {
    const [next, effects] = lifecycle.step(stage, fact);
    const step = { from: stage.state, to: next.state, effects, version, at: metadata.at, ...fact };
    stage = next;
    return step;
  });
}

/** What to bring out after these steps: where the machine stands, how it came there and what may come next. */
export function marksOf(lifecycle: Lifecycle, steps: readonly Step[]): Marks {
  const current = steps.at(-1)?.to ?? lifecycle.initial.state;
  const state = lifecycle.definition.states.find(({ name }) => name === current);
  return {
    current,
    taken: [...new Set(steps.map(({ from, type }) => transitionId(from, type)))],
    possible: (state?.transitions ?? []).map(({ fact }) => transitionId(current, fact)),
  };
}
