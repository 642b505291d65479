import { constants } from 'node:fs';
import { mkdir, open, readdir, rename, rm, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** A file that is being written at its end. */
export interface AppendedFile {
  write(chunk: Uint8Array): Promise<void>;
  /** Resolves when the disk has everything. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The few things an installation does to the disk; each either happened or did not when the power fails. A symbolic
 * link in a file's place is never followed: to a reader it is no file, and writing through it fails.
 */
export interface Files {
  /** Also those above it; their names are durable when it resolves. */
  makeFolder(path: string): Promise<void>;
  list(folder: string): Promise<readonly string[]>;
  /** Null when there is no such file. */
  read(path: string): Promise<Uint8Array | null>;
  /** Bytes that this process may still write to the folder's disk. */
  free(folder: string): Promise<number>;
  append(path: string): Promise<AppendedFile>;
  /** Replaces `to` at once, or not at all. */
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes the folder's renames and removals durable. */
  syncFolder(path: string): Promise<void>;
}

/** Codes of errors that say: no file, or a link in its place. */
const NO_FILE: readonly unknown[] = ['ENOENT', 'ELOOP'];

async function unlessMissing<T>(result: Promise<T>): Promise<T | null> {
  try {
    return await result;
  } catch (error) {
    if (NO_FILE.includes((error as NodeJS.ErrnoException).code)) return null;
    throw error;
  }
}

const { O_RDONLY, O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;

async function readUnlinked(path: string): Promise<Uint8Array> {
  const handle = await open(path, O_RDONLY | O_NOFOLLOW);
  try {
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A parent that this user may not read is somebody else's, who made the folder. */
async function syncParent(path: string): Promise<void> {
  try {
    await syncFolder(dirname(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
  }
}

export const nodeFiles: Files = {
  makeFolder: async (path) => {
    const folder = resolve(path);
    const first = (await mkdir(folder, { recursive: true })) ?? folder;
    // Also when nothing was made now: the power may have failed right after it was.
    for (let made = folder; made.length >= first.length; made = dirname(made)) await syncParent(made);
  },
  list: (folder) => readdir(folder),
  read: (path) => unlessMissing(readUnlinked(path)),
  free: async (folder) => {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },
  append: async (path) => {
    const handle = await open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW);
    return {
      write: async (chunk) => {
        await handle.writeFile(chunk);
      },
      sync: () => handle.sync(),
      close: () => handle.close(),
    };
  },
  rename,
  remove: (path) => rm(path, { force: true }),
  syncFolder,
};
