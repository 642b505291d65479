import { readdirSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'invariants.md'), 'utf8');

interface Proof {
  readonly invariant: string;
  readonly file: string;
  readonly title: string;
}

/** The tests that the page names, each below its invariant. */
const proofs: readonly Proof[] = page.split(/^(?=\*\*INV-)/m).flatMap((section) => {
  const invariant = section.match(/^\*\*(INV-\d+)\*\*/)?.[1];
  if (invariant === undefined) return [];
  const named = section.matchAll(/^- \[([^\]]+)\]\(\.\.\/([^)]+)\): “(.+)”$/gm);
  return [...named].map(([, shown = '', file = '', title = '']) => {
    expect(shown).toBe(file);
    return { invariant, file, title };
  });
});

/** Whether the source has a test of that title: the first argument of `it`, `test` or `.each(…)`. */
function hasTest(source: string, title: string): boolean {
  const literal = title.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll("'", "\\\\?'");
  return new RegExp(`(\\b(it|test)\\(|\\)\\()\\s*(['"\`])${literal}\\3`).test(source);
}

/** Contracts that some test file runs: a file of `test/contracts` is none by itself. */
function contractsThatRun(): ReadonlySet<string> {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  const tests = files.filter((file) => file.endsWith('.test.ts')).map((file) => join('src', file));
  const helpers = readdirSync(join(root, 'test', 'contracts')).map((file) => join('test', 'contracts', file));
  const imported = [...tests, ...helpers].flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/from '(\.[^']+)'/g)].map(([, path = '']) =>
      normalize(join(file, '..', path)),
    ),
  );
  return new Set(imported.filter((file) => file.startsWith('test/contracts/')));
}

describe('the invariants', () => {
  it('are numbered from 1 without a gap, and each is held by a test', () => {
    const numbers = [...page.matchAll(/^\*\*INV-(\d+)\*\*/gm)].map(([, number]) => Number(number));
    expect(numbers.length).toBeGreaterThan(40);
    expect([...numbers].sort((a, b) => a - b)).toEqual(numbers.map((_, i) => i + 1));
    const held = new Set(proofs.map(({ invariant }) => invariant));
    expect(numbers.filter((number) => !held.has(`INV-${number}`))).toEqual([]);
    expect(proofs).toHaveLength([...page.matchAll(/^- \[/gm)].length);
  });

  it('name tests that are there, in files that run', () => {
    const contracts = contractsThatRun();
    const missing = proofs.filter(({ file, title }) => {
      const runs = file.endsWith('.test.ts') || contracts.has(file);
      return !runs || !hasTest(readFileSync(join(root, file), 'utf8'), title);
    });
    expect(missing).toEqual([]);
  });
});
