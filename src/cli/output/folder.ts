import { randomBytes } from 'node:crypto';
import { rmdirSync, rmSync } from 'node:fs';
import { access, constants, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { makeFolders } from '../../main/make-folders.ts';
import { UsageError } from '../failure.ts';

/** What marks a folder as written by this program. */
export const RESULT_FILE = 'result.json';
export const RESULT_KIND = 'lifo4-ml training result';

/** A folder that is written as a whole: its files appear when all of them are there, or not at all. */
export interface OutputFolder {
  readonly path: string;
  /** Keeps a file ready; nothing is seen of it before {@link commit}. */
  write(name: string, content: string | Uint8Array): Promise<void>;
  /** Puts the files in place; those of an earlier run are replaced or removed, the marking file last. */
  commit(): Promise<void>;
  /** Takes away what was not committed; safe to call at any time. */
  discard(): void;
}

function unusable(path: string, error: unknown): UsageError {
  const { code, message } = error as NodeJS.ErrnoException;
  const why: Record<string, string> = {
    EACCES: 'this user may not write there',
    EPERM: 'this user may not write there',
    EROFS: 'the disk is read-only',
    ENOTDIR: 'a part of the path is a file',
    EEXIST: 'a part of the path is a file',
    ENOTEMPTY: 'another run wrote into it meanwhile',
    ENOSPC: 'the disk is full',
  };
  return new UsageError(
    `--out: ${path} cannot be written: ${why[code ?? ''] ?? message}; name another folder with --out`,
  );
}

/** The files that an earlier run wrote into a folder, or null when it holds no result of one. */
async function filesOfEarlier(path: string): Promise<readonly string[] | null> {
  try {
    const result: unknown = JSON.parse(await readFile(join(path, RESULT_FILE), 'utf8'));
    if (typeof result !== 'object' || result === null) return null;
    if (!('kind' in result) || result.kind !== RESULT_KIND) return null;
    const files: unknown = 'files' in result ? result.files : [];
    return Array.isArray(files) ? files.filter((file) => typeof file === 'string') : [];
  } catch {
    return null;
  }
}

/** Takes away what an earlier run wrote and this one did not: a model of other data beside the new ones misleads. */
async function removeStale(path: string, names: readonly string[]): Promise<void> {
  const inside = ((await filesOfEarlier(path)) ?? []).map((file) => relative(path, file));
  const stale = inside.filter((name) => name.startsWith(`models${sep}`) && !names.includes(name));
  for (const name of stale) await rm(join(path, name), { force: true });
}

/** Whether the folder exists. @throws {UsageError} when it holds something else, or is no folder */
async function checkTarget(path: string, force: boolean): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  if (found === null) return false;
  if (!found.isDirectory()) throw new UsageError(`--out: ${path} is a file; name a folder`);
  const names = await readdir(path).catch((error: unknown) => Promise.reject(unusable(path, error)));
  if (names.length > 0 && !force && (await filesOfEarlier(path)) === null) {
    throw new UsageError(
      `--out: ${path} holds files that this program did not write; name another folder, or add --force to write beside them`,
    );
  }
  return true;
}

/** Takes away the folders above `path` that were made for it, up to `made`, those that are empty. */
function removeMade(path: string, made: string): void {
  for (let above = dirname(path); above.startsWith(made); above = dirname(above)) {
    try {
      rmdirSync(above);
    } catch {
      // Another run put something there meanwhile.
      return;
    }
  }
}

/**
 * Prepares a folder for output, so that one that cannot be written is met before hours of work.
 * @throws {UsageError}
 */
export async function openOutputFolder(folder: string, force: boolean): Promise<OutputFolder> {
  const path = resolve(folder);
  const exists = await checkTarget(path, force);
  const unique = `${process.pid}-${randomBytes(4).toString('hex')}`;
  const staging = exists ? join(path, `.new-${unique}`) : join(dirname(path), `.${basename(path)}-${unique}`);
  let made: string | null = null;
  try {
    if (!exists) made = await makeFolders(dirname(path));
    await mkdir(staging);
  } catch (error) {
    throw unusable(path, error);
  }
  const names: string[] = [];
  const clear = (): void => {
    rmSync(staging, { recursive: true, force: true });
    if (made !== null) removeMade(path, made);
    made = null;
  };
  // A second Ctrl-C ends the program at once, before anything is discarded.
  process.once('exit', clear);

  async function replaceFiles(): Promise<void> {
    await removeStale(path, names);
    for (const name of [...names].sort((a, b) => Number(a === RESULT_FILE) - Number(b === RESULT_FILE))) {
      await mkdir(dirname(join(path, name)), { recursive: true });
      await rename(join(staging, name), join(path, name));
    }
    await rm(staging, { recursive: true, force: true });
  }

  return {
    path,
    async write(name, content) {
      try {
        await mkdir(dirname(join(staging, name)), { recursive: true });
        await writeFile(join(staging, name), content);
      } catch (error) {
        throw unusable(path, error);
      }
      names.push(name);
    },
    async commit() {
      try {
        if (exists) await replaceFiles();
        else await rename(staging, path);
        made = null;
      } catch (error) {
        throw unusable(path, error);
      }
    },
    discard() {
      process.off('exit', clear);
      clear();
    },
  };
}

/** Meets a place that cannot be written before hours of work. @throws {UsageError} naming the option */
export async function requireWritable(option: string, file: string): Promise<void> {
  const folder = dirname(resolve(file));
  try {
    await access(folder, constants.W_OK);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(`${option}: ${folder} cannot be written (${code ?? message}); name another file`);
  }
}

/** Writes one file, all or nothing. @throws {UsageError} naming the option */
export async function writeWhole(option: string, file: string, content: string): Promise<string> {
  const path = resolve(file);
  const staging = `${path}.new-${process.pid}`;
  try {
    await writeFile(staging, content);
    await rename(staging, path);
  } catch (error) {
    await rm(staging, { force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(`${option}: ${path} cannot be written (${code ?? message}); name another file`);
  }
  return path;
}
