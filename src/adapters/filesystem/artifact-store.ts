import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactRef } from '../../events/values.ts';
import {
  type AddressedArtifactStore,
  ARCHIVE_DAYS,
  ArtifactCorrupt,
  ArtifactMissing,
  type ArtifactPlace,
  type ArtifactRange,
  checksumOf,
  digestOf,
  isChecksum,
  verified,
} from '../../ports/artifact-store.ts';
import {
  createSignedAddresses,
  type SignatureVerdict,
  type SignedAddresses,
  type SignedAddressOptions,
  type SignedRequest,
} from '../../ports/signed-addresses.ts';
import { codeOf, moveDurably, removeOlder, writeDurably } from './durable.ts';

const CHUNK_BYTES = 64 * 1024;
/** Temporary files of writers that were killed are removed after this. */
const ABANDONED_MS = 3_600_000;
const DAY_MS = 86_400_000;

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

export interface FileArtifactStoreOptions extends SignedAddressOptions {
  /** Made when missing; several programs may share it. */
  readonly folder: string;
}

const nullWhenMissing = (error: unknown): null => {
  if (codeOf(error) === 'ENOENT' || error instanceof ArtifactMissing) return null;
  throw error;
};

class FolderStore implements AddressedArtifactStore {
  readonly #options: FileArtifactStoreOptions;
  readonly #addresses: SignedAddresses;
  readonly #unfinished: string;
  readonly #archived: string;
  #swept = 0;

  constructor(options: FileArtifactStoreOptions) {
    this.#options = options;
    this.#addresses = createSignedAddresses(options);
    this.#unfinished = join(options.folder, 'unfinished');
    this.#archived = join(options.folder, 'archived');
  }

  async open(): Promise<void> {
    await mkdir(this.#unfinished, { recursive: true });
    await mkdir(this.#archived, { recursive: true });
    await removeOlder(this.#unfinished, Date.now() - ABANDONED_MS);
    await this.#sweepArchive();
  }

  async put(bytes: Uint8Array): Promise<ArtifactRef> {
    const reference = { checksum: checksumOf(bytes), size: bytes.length };
    if (!(await this.#keeps(reference.checksum))) await this.#write(this.#kept(reference.checksum), bytes);
    return reference;
  }

  async get(checksum: string): Promise<Uint8Array> {
    const bytes = await this.#anywhere(checksum, (path) => readFile(path));
    if (bytes === null) throw new ArtifactMissing(checksum);
    if (checksumOf(bytes) !== checksum) throw new ArtifactCorrupt(checksum);
    return bytes;
  }

  async size(checksum: string): Promise<number | null> {
    const found = await this.#anywhere(checksum, (path) => stat(path)).catch(nullWhenMissing);
    return found?.size ?? null;
  }

  async read(checksum: string, range?: ArtifactRange): Promise<AsyncIterable<Uint8Array>> {
    const size = await this.size(checksum);
    if (size === null) throw new ArtifactMissing(checksum);
    const start = range?.start ?? 0;
    const end = Math.min(range?.end ?? size - 1, size - 1);
    const pieces = this.#stream(checksum, { start, end });
    return start === 0 && end === size - 1 ? verified(checksum, pieces) : pieces;
  }

  async signedUrl(checksum: string, ttlSeconds: number): Promise<string> {
    digestOf(checksum);
    return this.#addresses.sign(checksum, ttlSeconds);
  }

  verifySignature(request: SignedRequest): SignatureVerdict {
    return this.#addresses.verify(request);
  }

  async archive(checksum: string): Promise<void> {
    const kept = this.#kept(checksum);
    const now = this.#options.clock.now();
    // The time is set first: a file that is moved right before a power cut must not look a year old.
    const found = await utimes(kept, now, now).then(() => true, nullWhenMissing);
    if (found === null) return this.#require(this.#inArchive(checksum), checksum);
    await moveDurably(kept, this.#inArchive(checksum));
    await this.#sweepArchive();
  }

  async unarchive(checksum: string): Promise<void> {
    const moved = await moveDurably(this.#inArchive(checksum), this.#kept(checksum)).then(
      () => true,
      nullWhenMissing,
    );
    if (moved === null) await this.#require(this.#kept(checksum), checksum);
  }

  async place(checksum: string): Promise<ArtifactPlace | null> {
    if (!isChecksum(checksum)) return null;
    const kept = this.#kept(checksum);
    const found = await this.#anywhere(checksum, (path) => stat(path).then(() => path));
    if (found === null) return null;
    return found === kept ? 'kept' : 'archived';
  }

  async remove(checksum: string): Promise<void> {
    for (const path of [this.#kept(checksum), this.#inArchive(checksum)]) await rm(path, { force: true });
  }

  #kept(checksum: string): string {
    const digest = digestOf(checksum);
    return join(this.#options.folder, digest.slice(0, 2), digest);
  }

  #inArchive(checksum: string): string {
    return join(this.#archived, digestOf(checksum));
  }

  async #require(path: string, checksum: string): Promise<void> {
    if ((await stat(path).catch(nullWhenMissing)) === null) throw new ArtifactMissing(checksum);
  }

  /** Asks where the file may be; where it was kept once more, since it may be taken from the archive meanwhile. */
  async #anywhere<T>(checksum: string, ask: (path: string) => Promise<T>): Promise<T | null> {
    const kept = this.#kept(checksum);
    for (const path of [kept, this.#inArchive(checksum), kept]) {
      const answer = await ask(path).catch(nullWhenMissing);
      if (answer !== null) return answer;
    }
    return null;
  }

  /** A corrupt file counts as absent, so that storing the right bytes again mends it. */
  async #keeps(checksum: string): Promise<boolean> {
    const bytes = await readFile(this.#kept(checksum)).catch(nullWhenMissing);
    return bytes !== null && checksumOf(bytes) === checksum;
  }

  /** Under its name only when whole and on the disk. */
  async #write(path: string, bytes: Uint8Array): Promise<void> {
    const unfinished = join(this.#unfinished, randomUUID());
    try {
      await writeDurably(unfinished, bytes);
      await moveDurably(unfinished, path);
    } catch (error) {
      await rm(unfinished, { force: true });
      const isFull = ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(codeOf(error));
      throw isFull ? new ArtifactStoreFull(this.#options.folder, bytes.length, error) : error;
    }
  }

  /** At most once a day: what was archived for long enough goes. */
  async #sweepArchive(): Promise<void> {
    const now = this.#options.clock.now().getTime();
    if (now - this.#swept < DAY_MS) return;
    this.#swept = now;
    await removeOlder(this.#archived, now - ARCHIVE_DAYS * DAY_MS);
  }

  async *#stream(checksum: string, { start, end }: ArtifactRange): AsyncGenerator<Uint8Array> {
    const handle = await this.#anywhere(checksum, (path) => open(path, 'r'));
    if (handle === null) throw new ArtifactMissing(checksum);
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
export async function createFileArtifactStore(
  options: FileArtifactStoreOptions,
): Promise<AddressedArtifactStore> {
  const store = new FolderStore(options);
  await store.open();
  return store;
}
