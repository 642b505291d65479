import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where programs go that the tests or their machine's set-up installed. */
export const PROGRAM_CACHE = join(
  process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
  'lifo4-ml',
  'bin',
);

/** What a program says of its version; null when it cannot be run. */
export async function versionOf(binary: string, ...args: readonly string[]): Promise<string | null> {
  return run(binary, args.length === 0 ? ['--version'] : [...args]).then(
    ({ stdout }) => stdout,
    () => null,
  );
}

/** The first program of that name, in the PATH, the cache or Go's folder, that `fits`; null when there is none. */
export async function findProgram(
  name: string,
  fits: (binary: string) => Promise<boolean>,
): Promise<string | null> {
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const folder of [...path, PROGRAM_CACHE, join(homedir(), 'go', 'bin')]) {
    const binary = join(folder, name);
    if (await fits(binary)) return binary;
  }
  return null;
}

/** A program that a test needs; without it the test is left out, under CI it is an error. */
export function neededUnderCi(binary: string | null, advice: string): string | null {
  if (binary === null && process.env['CI'] === 'true') throw new Error(advice);
  return binary;
}
