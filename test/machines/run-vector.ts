import { expect } from 'vitest';
import { assertFact } from '../../src/events/catalogue.ts';
import { streamId } from '../../src/events/stream-id.ts';
import { machineByName } from '../../src/machines/catalogue.ts';
import type { Lifecycle } from '../../src/machines/lifecycle.ts';
import type { TestVector } from '../../src/visualizer/vector.ts';

/**
 * Runs histories as the console and the API export them (`GET /api/v1/streams/{stream}/test-vector`): the facts are
 * legal in turn, request these effects and lead to this stage.
 */

function named(name: string): Lifecycle {
  const machine = machineByName(name);
  if (machine === null) throw new Error(`no machine ${name}`);
  return machine;
}

export function runHistory(
  { machine, version }: Pick<TestVector, 'machine' | 'version'>,
  { facts, effects, stage }: TestVector['histories'][number],
): void {
  const lifecycle = named(machine);
  expect(lifecycle.replay(facts)).toEqual(stage);
  let current = lifecycle.initial;
  const requested = facts.map((fact) => {
    assertFact(streamId(lifecycle.streamType, 'golden'), fact);
    const [next, asked] = lifecycle.step(current, fact);
    current = next;
    return asked.map(({ type }) => type);
  });
  // What facts of an earlier version asked for was enqueued with them; today's version asks anew for new facts only.
  if (version === lifecycle.version) expect(requested).toEqual(effects);
}

/** Every history of a vector; for one that was pasted into a test. */
export function runVector(vector: TestVector): void {
  for (const history of vector.histories) runHistory(vector, history);
}
