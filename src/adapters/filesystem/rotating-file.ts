import { closeSync, fstatSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';

export interface RotatingFileOptions {
  readonly path: string;
  /** A file that would pass this is put aside first, bytes; a single longer line still gets a file of its own. */
  readonly maxBytes: number;
  /** How many are kept with the one that is written: `log`, `log.1` (the newest of the old), `log.2`, … */
  readonly files: number;
}

/** A file of lines that never takes more than so much of the disk. */
export interface RotatingFile {
  /** Appends lines, each with its line end. Throws what the system says; the next call opens the file anew. */
  write(lines: string): void;
  close(): void;
}

interface Opened {
  readonly fd: number;
  size: number;
}

const LINE_END = 0x0a;

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function append({ fd }: Opened, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}

/** Where a full disk or a power cut left half a line, what follows begins on a line of its own. */
function endsInALine({ fd, size }: Opened): boolean {
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, size - 1);
  return last[0] === LINE_END;
}

/**
 * Writes at once and without a thread: the last line before a crash is there. A process that dies between two renames
 * loses nothing; the next one goes on with them.
 */
export function createRotatingFile({ path, maxBytes, files }: RotatingFileOptions): RotatingFile {
  let opened: Opened | null = null;
  const nameOf = (age: number): string => (age === 0 ? path : `${path}.${age}`);

  function open(): Opened {
    const fd = openSync(path, 'a+', 0o600);
    opened = { fd, size: fstatSync(fd).size };
    if (!endsInALine(opened)) {
      append(opened, Buffer.of(LINE_END));
      opened.size += 1;
    }
    return opened;
  }

  function close(): void {
    const { fd } = opened ?? { fd: null };
    opened = null;
    if (fd !== null) closeSync(fd);
  }

  function putAside(age: number): void {
    try {
      renameSync(nameOf(age), nameOf(age + 1));
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  function rotate(): Opened {
    close();
    rmSync(nameOf(files - 1), { force: true });
    for (let age = files - 2; age >= 0; age--) putAside(age);
    return open();
  }

  function write(lines: string): void {
    const bytes = Buffer.from(lines);
    let file = opened ?? open();
    if (file.size > 0 && file.size + bytes.length > maxBytes) file = rotate();
    append(file, bytes);
    file.size += bytes.length;
  }

  return {
    write(lines) {
      try {
        write(lines);
      } catch (error) {
        close();
        throw error;
      }
    },
    close,
  };
}
