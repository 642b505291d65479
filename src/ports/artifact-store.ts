import { createHash } from 'node:crypto';
import type { ArtifactRef } from '../events/values.ts';
import type { SignatureVerdict, SignedRequest } from './signed-addresses.ts';

/** No file with this checksum. */
export class ArtifactMissing extends Error {
  override readonly name = 'ArtifactMissing';
  readonly checksum: string;

  constructor(checksum: string) {
    super(`no artifact with checksum ${checksum}`);
    this.checksum = checksum;
  }
}

/** The stored bytes are not what their checksum says. */
export class ArtifactCorrupt extends Error {
  override readonly name = 'ArtifactCorrupt';
  readonly checksum: string;

  constructor(checksum: string) {
    super(`artifact ${checksum} is corrupt: its bytes have another checksum`);
    this.checksum = checksum;
  }
}

/** Days that an archived file is kept. */
export const ARCHIVE_DAYS = 365;

/** Kept without end, or in the archive with its time running. */
export type ArtifactPlace = 'kept' | 'archived';

export interface ArtifactRange {
  readonly start: number;
  /** Included. */
  readonly end: number;
}

/** Files addressed by content: models and cleaned data sets. */
export interface ArtifactStore {
  /** Stores bytes; storing the same bytes again is a no-op. */
  put(bytes: Uint8Array): Promise<ArtifactRef>;
  /** All bytes, verified against the checksum. Throws {@link ArtifactMissing} or {@link ArtifactCorrupt}. */
  get(checksum: string): Promise<Uint8Array>;
  /** Size in bytes, or null when absent. */
  size(checksum: string): Promise<number | null>;
  /**
   * Bytes `start` to `end` inclusive, streamed. Throws {@link ArtifactMissing}. A whole file is verified while it
   * streams: the stream fails with {@link ArtifactCorrupt} in place of its last piece. A part cannot be verified.
   */
  read(checksum: string, range?: ArtifactRange): Promise<AsyncIterable<Uint8Array>>;
  /** An address that fetches the file without further credentials until `ttlSeconds` have passed. */
  signedUrl(checksum: string, ttlSeconds: number): Promise<string>;
  /**
   * Puts the file where it is kept for {@link ARCHIVE_DAYS} days from now and then removed. It stays readable until
   * then. A no-op for what is archived, whose time goes on. Only for bytes that no running, desired or previous
   * version has. Throws {@link ArtifactMissing}.
   */
  archive(checksum: string): Promise<void>;
  /** Takes the file back from the archive, to be kept without end; a no-op otherwise. Throws {@link ArtifactMissing}. */
  unarchive(checksum: string): Promise<void>;
  /** Where the file lies; null when absent. */
  place(checksum: string): Promise<ArtifactPlace | null>;
  /** Deletes the file at once; a no-op where there is none. Only for what jobs needed: never a model. */
  remove(checksum: string): Promise<void>;
}

/** A store whose addresses lead to this server, which asks it whether an address is good. */
export interface AddressedArtifactStore extends ArtifactStore {
  verifySignature(request: SignedRequest): SignatureVerdict;
}

const CHECKSUM = /^sha256:([0-9a-f]{64})$/;

export const isChecksum = (text: string): boolean => CHECKSUM.test(text);

/** The 64 hexadecimal digits of a checksum. Throws {@link ArtifactMissing} for what is none. */
export function digestOf(checksum: string): string {
  const digest = CHECKSUM.exec(checksum)?.[1];
  if (digest === undefined) throw new ArtifactMissing(checksum.slice(0, 100));
  return digest;
}

export function checksumOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/**
 * Passes on a whole file's pieces and holds the last one back until all of them proved to be the file: whoever
 * counts the bytes never takes a changed file for the right one. Throws {@link ArtifactCorrupt}.
 */
export async function* verified(
  checksum: string,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let held: Uint8Array | null = null;
  for await (const piece of pieces) {
    if (held !== null) yield held;
    hash.update(piece);
    held = piece;
  }
  if (`sha256:${hash.digest('hex')}` !== checksum) throw new ArtifactCorrupt(checksum);
  if (held !== null) yield held;
}
