import type { Fact, RecordedFact } from '../events/envelope.ts';
import type { Lifecycle, Stage } from '../machines/lifecycle.ts';

/** A history with what it must lead to, in the form of the golden histories that the tests replay. */
export interface TestVector {
  readonly machine: string;
  readonly version: number;
  readonly histories: readonly {
    readonly name: string;
    readonly facts: readonly Fact[];
    /** Types of the effects that each fact requested. */
    readonly effects: readonly (readonly string[])[];
    readonly stage: Stage;
  }[];
}

/** The stream's facts as a test vector. Throws `IllegalFact` when they are no history of the machine. */
export function vectorOf(lifecycle: Lifecycle, name: string, facts: readonly RecordedFact[]): TestVector {
  let stage: Stage = lifecycle.initial;
  const effects = facts.map(({ fact }) => {
    const [next, requested] = lifecycle.step(stage, fact);
    stage = next;
    return requested.map(({ type }) => type);
  });
  const history = { name, facts: facts.map(({ fact }) => fact), effects, stage };
  return { machine: lifecycle.name, version: lifecycle.version, histories: [history] };
}
