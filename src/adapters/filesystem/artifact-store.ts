import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ArtifactRef } from '../../events/values.ts';
import { ArtifactCorrupt, ArtifactMissing, type ArtifactStore } from '../../ports/artifact-store.ts';
import type { Clock } from '../../ports/clocks.ts';
import { judgeSignature, type SignatureVerdict, type SignedRequest, signUrl } from './signed-url.ts';

const CHECKSUM = /^sha256:([0-9a-f]{64})$/;
const CHUNK_BYTES = 64 * 1024;
/** Temporary files of writers that were killed are removed after this. */
const ABANDONED_MS = 3_600_000;

/** The disk has no room (or the user no quota); nothing was stored. */
export class ArtifactStoreFull extends Error {
  override readonly name = 'ArtifactStoreFull';
  readonly folder: string;
  readonly bytes: number;

  constructor(folder: string, bytes: number, cause: unknown) {
    super(`no room for ${bytes} bytes in ${folder}: free some space and try again, nothing was stored`, {
      cause,
    });
    this.folder = folder;
    this.bytes = bytes;
  }
}

export interface FileArtifactStoreOptions {
  /** Made when missing; several programs may share it. */
  readonly folder: string;
  /** Secret of signed addresses, at least 32 bytes. */
  readonly signingKey: Uint8Array;
  /** Where the HTTP interface serves artifacts, for example `http://127.0.0.1:8080/api/v1/artifacts`. */
  readonly baseUrl: string;
  /** The machine clock. */
  readonly clock: Clock;
}

export interface FileArtifactStore extends ArtifactStore {
  /** For the HTTP route behind {@link ArtifactStore.signedUrl}. */
  verifySignature(request: SignedRequest): SignatureVerdict;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function checksumOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Makes the names in a folder durable, which the file's own fsync does not. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    const found = await stat(file).catch(() => null);
    if (found !== null && Date.now() - found.mtimeMs > ABANDONED_MS) await rm(file, { force: true });
  }
}

class FolderStore implements FileArtifactStore {
  readonly #options: FileArtifactStoreOptions;
  readonly #unfinished: string;

  constructor(options: FileArtifactStoreOptions, unfinished: string) {
    this.#options = options;
    this.#unfinished = unfinished;
  }

  async put(bytes: Uint8Array): Promise<ArtifactRef> {
    const reference = { checksum: checksumOf(bytes), size: bytes.length };
    if (!(await this.#holds(reference.checksum))) await this.#write(this.#pathOf(reference.checksum), bytes);
    return reference;
  }

  async get(checksum: string): Promise<Uint8Array> {
    const bytes = await readFile(this.#pathOf(checksum)).catch((error: unknown) => {
      throw codeOf(error) === 'ENOENT' ? new ArtifactMissing(checksum) : error;
    });
    if (checksumOf(bytes) !== checksum) throw new ArtifactCorrupt(checksum);
    return bytes;
  }

  async size(checksum: string): Promise<number | null> {
    if (!CHECKSUM.test(checksum)) return null;
    const found = await stat(this.#pathOf(checksum)).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return null;
      throw error;
    });
    return found?.size ?? null;
  }

  async read(checksum: string, range?: Range): Promise<AsyncIterable<Uint8Array>> {
    const size = await this.size(checksum);
    if (size === null) throw new ArtifactMissing(checksum);
    return this.#stream(checksum, {
      start: range?.start ?? 0,
      end: Math.min(range?.end ?? size - 1, size - 1),
    });
  }

  async signedUrl(checksum: string, ttlSeconds: number): Promise<string> {
    const { baseUrl, signingKey, clock } = this.#options;
    if (!CHECKSUM.test(checksum)) throw new ArtifactMissing(checksum);
    return signUrl(baseUrl, signingKey, checksum, Math.floor(clock.now().getTime() / 1000) + ttlSeconds);
  }

  verifySignature(request: SignedRequest): SignatureVerdict {
    return judgeSignature(this.#options.signingKey, request, this.#options.clock.now());
  }

  #pathOf(checksum: string): string {
    const digest = CHECKSUM.exec(checksum)?.[1];
    if (digest === undefined) throw new ArtifactMissing(checksum.slice(0, 100));
    return join(this.#options.folder, digest.slice(0, 2), digest);
  }

  /** A corrupt file counts as absent, so that storing the right bytes again mends it. */
  async #holds(checksum: string): Promise<boolean> {
    return this.get(checksum).then(
      () => true,
      (error: unknown) => {
        if (error instanceof ArtifactMissing || error instanceof ArtifactCorrupt) return false;
        throw error;
      },
    );
  }

  /** Under its name only when whole and on the disk. */
  async #write(path: string, bytes: Uint8Array): Promise<void> {
    const unfinished = join(this.#unfinished, randomUUID());
    try {
      const handle = await open(unfinished, 'wx', 0o640);
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await this.#moveIntoPlace(unfinished, path);
    } catch (error) {
      await rm(unfinished, { force: true });
      const isFull = ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(codeOf(error));
      throw isFull ? new ArtifactStoreFull(this.#options.folder, bytes.length, error) : error;
    }
  }

  async #moveIntoPlace(unfinished: string, path: string): Promise<void> {
    const folder = dirname(path);
    if ((await mkdir(folder, { recursive: true })) !== undefined) await syncFolder(this.#options.folder);
    await rename(unfinished, path);
    await syncFolder(folder);
  }

  async *#stream(checksum: string, { start, end }: Range): AsyncGenerator<Uint8Array> {
    const handle = await open(this.#pathOf(checksum), 'r');
    try {
      for (let at = start; at <= end; ) {
        const { bytesRead, buffer } = await handle.read({
          buffer: Buffer.alloc(Math.min(CHUNK_BYTES, end - at + 1)),
          position: at,
        });
        if (bytesRead === 0) return;
        yield buffer.subarray(0, bytesRead);
        at += bytesRead;
      }
    } finally {
      await handle.close();
    }
  }
}

/**
 * Artifacts as files named by their SHA-256 below `folder`. A file is there whole or not at all, also after a
 * crash or on a full disk, and is verified whenever it is read as a whole.
 */
export async function createFileArtifactStore(options: FileArtifactStoreOptions): Promise<FileArtifactStore> {
  if (options.signingKey.length < 32) throw new RangeError('the signing key must have at least 32 bytes');
  const unfinished = join(options.folder, 'unfinished');
  await mkdir(unfinished, { recursive: true });
  await removeAbandoned(unfinished);
  return new FolderStore(options, unfinished);
}
