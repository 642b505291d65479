import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Another program works on this folder. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
  readonly folder: string;
  /** Process id of the holder, null when it has not written it yet. */
  readonly pid: number | null;

  constructor(folder: string, pid: number | null) {
    const holder = pid === null ? 'another program' : `the program with process id ${pid}`;
    super(`${folder} is in use by ${holder}: stop that one first, or give this one another data folder`);
    this.folder = folder;
    this.pid = pid;
  }
}

/** The folder cannot be written by this user, or its disk is full. */
class FolderUnusable extends Error {
  override readonly name = 'FolderUnusable';
  readonly folder: string;

  constructor(folder: string, cause: unknown) {
    super(
      `${folder} cannot be used (${cause instanceof Error ? cause.message : String(cause)}): make sure that this user may write there and that the disk has room, or give another data folder`,
      { cause },
    );
    this.folder = folder;
  }
}

export interface FolderLock {
  release(): void;
}

const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}

async function holderOf(file: string): Promise<number | null> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return /^\d+$/.test(text) ? Number(text) : null;
}

async function open(folder: string): Promise<DatabaseSync> {
  await mkdir(folder, { recursive: true });
  return new DatabaseSync(join(folder, 'lock'), { timeout: 0 });
}

/**
 * Takes the folder for this process alone. The lock is the operating system's (SQLite holds it on an open
 * file), so it ends with the process however that ends, and a stale one cannot exist. Throws
 * {@link FolderInUse} or {@link FolderUnusable}.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const pidFile = join(folder, 'lock.pid');
  const database = await open(folder).catch((error: unknown) => {
    throw new FolderUnusable(folder, error);
  });
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    await writeFile(pidFile, String(process.pid));
  } catch (error) {
    database.close();
    if (isBusy(error)) throw new FolderInUse(folder, await holderOf(pidFile));
    throw new FolderUnusable(folder, error);
  }
  return { release: () => database.close() };
}
