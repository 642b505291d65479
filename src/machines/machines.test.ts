import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { assertFact } from '../events/catalogue.ts';
import type { Fact } from '../events/envelope.ts';
import { streamId } from '../events/stream-id.ts';
import { machineByName, machines } from './catalogue.ts';
import type { Lifecycle, Stage } from './lifecycle.ts';

interface Golden {
  readonly machine: string;
  readonly version: number;
  readonly histories: readonly {
    readonly name: string;
    readonly facts: readonly Fact[];
    readonly effects: readonly (readonly string[])[];
    readonly stage: Stage;
  }[];
}

const folder = new URL('./golden/', import.meta.url);
const golden = readdirSync(folder).map(
  (file): Golden => JSON.parse(readFileSync(new URL(file, folder), 'utf8')),
);

function named(name: string): Lifecycle {
  const machine = machineByName(name);
  if (machine === null) throw new Error(`no machine ${name}`);
  return machine;
}

describe('every machine', () => {
  it.each(machines)('$name requests no effect that bypasses the log', ({ definition }) => {
    const effects = definition.states.flatMap(({ transitions }) => transitions.flatMap((t) => t.effects));
    for (const effect of effects) expect(effect).not.toMatch(/^xstate\./);
  });

  it.each(machines)(
    '$name leads only to states that it has, and every state can be reached',
    ({ definition }) => {
      const names = new Set(definition.states.map(({ name }) => name));
      const reached = new Set([definition.initial]);
      for (const { transitions } of definition.states) for (const { to } of transitions) reached.add(to);
      expect([...reached].sort()).toEqual([...names].sort());
    },
  );

  it.each(machines)('$name has golden histories of its version', ({ name, version }) => {
    expect(golden.some((file) => file.machine === name && file.version === version)).toBe(true);
  });
});

describe.each(golden)('histories of $machine@$version', ({ machine, version, histories }) => {
  it.each(histories)('$name', ({ facts, effects, stage }) => {
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
  });
});
