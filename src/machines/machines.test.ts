import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runHistory } from '../../test/machines/run-vector.ts';
import type { TestVector } from '../visualizer/vector.ts';
import { machines } from './catalogue.ts';

const folder = new URL('./golden/', import.meta.url);
const golden = readdirSync(folder).map(
  (file): TestVector => JSON.parse(readFileSync(new URL(file, folder), 'utf8')),
);

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

  it.each(machines)('$name says which commands make each of its facts', ({ definition }) => {
    const facts = definition.states.flatMap(({ transitions }) => transitions.map(({ fact }) => fact));
    const made = definition.commands.flatMap((command) => command.facts);
    expect([...new Set(made)].sort()).toEqual([...new Set(facts)].sort());
  });

  it.each(machines)('$name has each state in one group at most', ({ definition: { groups, states } }) => {
    const grouped = groups.flatMap((group) => group.states);
    expect(new Set(grouped).size).toBe(grouped.length);
    for (const state of grouped) expect(states.map(({ name }) => name)).toContain(state);
  });

  it.each(machines)('$name has golden histories of its version', ({ name, version }) => {
    expect(golden.some((file) => file.machine === name && file.version === version)).toBe(true);
  });
});

describe.each(golden)('histories of $machine@$version', ({ machine, version, histories }) => {
  it.each(histories)('$name', (history) => runHistory({ machine, version }, history));
});
