import { mkdir, open, readdir, readFile, rename, rm, stat, statfs } from 'node:fs/promises';

/** A file that is being written at its end. */
export interface AppendedFile {
  write(chunk: Uint8Array): Promise<void>;
  /** Resolves when the disk has everything. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The few things an installation does to the disk; each either happened or did not when the power fails. */
export interface Files {
  makeFolder(path: string): Promise<void>;
  list(folder: string): Promise<readonly string[]>;
  /** Null when there is no such file. */
  size(path: string): Promise<number | null>;
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

async function unlessMissing<T>(result: Promise<T>): Promise<T | null> {
  try {
    return await result;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

export const nodeFiles: Files = {
  makeFolder: async (path) => {
    await mkdir(path, { recursive: true });
  },
  list: (folder) => readdir(folder),
  size: async (path) => (await unlessMissing(stat(path)))?.size ?? null,
  read: (path) => unlessMissing(readFile(path)),
  free: async (folder) => {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },
  append: async (path) => {
    const handle = await open(path, 'a');
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
  syncFolder: async (path) => {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};
