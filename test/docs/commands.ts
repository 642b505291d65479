import { type Command, CommanderError } from 'commander';
import { createProgram } from '../../src/cli/program.ts';

/** Commands as documents show them, held against the program that they are of. */

const WORD = /'[^']*'|(?:"[^"]*"|[^\s"'])+/g;

const wordsOf = (text: string): readonly string[] =>
  (text.match(WORD) ?? []).map((word) => word.replaceAll(/['"]/g, ''));

/** The commands of a block of code, without settings in front, prompts, remarks and where their output goes. */
export function commandsOf(code: string): readonly string[] {
  return code
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .flatMap((line) => line.replace(/(^|\s)#\s.*$/, '').split(/\s(?:&&|\|\||\||;)\s/))
    .map((part) =>
      part
        .trim()
        .replace(/^\$ /, '')
        .replace(/^source <\((.*)\)$/, '$1')
        .replace(/^(?:env \$\([^)]*\)\s+)?(?:[A-Z_][A-Z0-9_]*=(?:"[^"]*"|\S*)\s+)*/, '')
        .replace(/\s>>?\s.*$/, ''),
    );
}

/** What the program is given by a command; null for another program's. `npm start` is `lifo4-ml up`. */
export function argumentsOf(command: string): readonly string[] | null {
  const start = /^npm start(?: -- (.*))?$/.exec(command);
  if (start !== null) return ['up', ...wordsOf(start[1] ?? '')];
  const own = /^(?:npx |npm run lifo4-ml -- |.*\snode \S*\/)?lifo4-ml(?:\.js)?(?:\s+(.*))?$/.exec(command);
  return own === null ? null : wordsOf(own[1] ?? '');
}

/** The npm script that a command runs, with what it is given. */
export function scriptOf(command: string): { readonly name: string; readonly given: string } | null {
  const [, name, given = ''] = /^npm run (?:-s )?([\w:-]+)(?: -- (.*))?$/.exec(command) ?? [];
  return name === undefined ? null : { name, given };
}

const silent = { write: () => undefined };

/** The program, whose commands check what they are given and then do nothing; in running text nothing is a must. */
function harmless(command: Command, inText: boolean): Command {
  for (const below of command.commands) harmless(below, inText);
  if (inText) for (const option of command.options) option.mandatory = false;
  return command.action(() => undefined);
}

/** What is not there until somebody fills it in: an omission, or what stands for a name. */
const isOpen = (word: string): boolean => /…|^[{[<]|^[A-Z]{3,}$/.test(word);
/** In running text a command may be named without all that it needs. */
const UNFINISHED = new Set(['commander.missingArgument', 'commander.help']);

/** Whether an error only says that something is still to be filled in. */
const isUnfinished = ({ code }: CommanderError, words: readonly string[], partial: boolean): boolean =>
  (partial && UNFINISHED.has(code)) || (code === 'commander.invalidArgument' && words.some(isOpen));

function messageOf(error: unknown, words: readonly string[], partial: boolean): string | null {
  if (!(error instanceof CommanderError)) throw error;
  return error.exitCode === 0 || isUnfinished(error, words, partial) ? null : error.message;
}

/** What the program says against its arguments up to an ellipsis, null when it takes them. */
export async function refusalOf(words: readonly string[], inText: boolean): Promise<string | null> {
  const cli = { stdout: silent, stderr: silent, env: {}, signal: new AbortController().signal };
  const end = words.indexOf('…');
  const partial = inText || end >= 0;
  const given = end >= 0 ? words.slice(0, end) : words;
  return harmless(createProgram(cli), partial)
    .parseAsync(given, { from: 'user' })
    .then(
      () => null,
      (error: unknown) => messageOf(error, words, partial),
    );
}
