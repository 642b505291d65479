import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { argumentsOf, commandsOf, refusalOf, scriptOf } from './commands.ts';
import { codeBlocks, documents, inlineCode, ROOT } from './markdown.ts';

const { scripts }: { readonly scripts: Readonly<Record<string, string>> } = JSON.parse(
  readFileSync(join(ROOT, 'package.json'), 'utf8'),
);

/** Every command that a document shows, in a block or in running text. */
const shown = documents().flatMap(({ path, text }) => [
  ...codeBlocks(text).flatMap((code) =>
    commandsOf(code).map((command) => ({ path, command, inText: false })),
  ),
  ...inlineCode(text).flatMap((code) => commandsOf(code).map((command) => ({ path, command, inText: true }))),
]);

/** Folders of scripts that are named by their first argument. */
const NAMED: ReadonlyMap<string, string> = new Map([
  ['bench', 'bench'],
  ['torture', 'test/torture'],
]);

function scriptProblem(command: string): string | null {
  const script = scriptOf(command);
  if (script === null) return null;
  if (scripts[script.name] === undefined) return 'there is no such script';
  const folder = NAMED.get(script.name);
  const [name = ''] = script.given.split(' ');
  if (folder === undefined || !/^[a-z]/.test(name)) return null;
  return existsSync(join(ROOT, folder, `${name}.ts`)) ? null : `there is no ${folder}/${name}.ts`;
}

it('every command of the program is one that it has, with options that it knows', async () => {
  const problems: string[] = [];
  let checked = 0;
  for (const { path, command, inText } of shown) {
    const words = argumentsOf(command);
    if (words === null) continue;
    checked += 1;
    const refusal = await refusalOf(words, inText);
    if (refusal !== null) problems.push(`${path}: ${command}: ${refusal}`);
  }
  expect(checked).toBeGreaterThan(80);
  expect(problems).toEqual([]);
});

it('every script of npm that is named is there', () => {
  const problems = shown
    .map(({ path, command }) => ({ path, command, problem: scriptProblem(command) }))
    .filter(({ problem }) => problem !== null);
  expect(problems).toEqual([]);
  expect(shown.filter(({ command }) => scriptOf(command) !== null).length).toBeGreaterThan(20);
});
