import type { ArtifactRef } from '../events/values.ts';

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

/** Files addressed by content: models and cleaned data sets. */
export interface ArtifactStore {
  /** Stores bytes; storing the same bytes again is a no-op. */
  put(bytes: Uint8Array): Promise<ArtifactRef>;
  /** All bytes, verified against the checksum. Throws {@link ArtifactMissing} or {@link ArtifactCorrupt}. */
  get(checksum: string): Promise<Uint8Array>;
  /** Size in bytes, or null when absent. */
  size(checksum: string): Promise<number | null>;
  /** Bytes `start` to `end` inclusive, streamed; unverified, since a range cannot be. Throws {@link ArtifactMissing}. */
  read(
    checksum: string,
    range?: { readonly start: number; readonly end: number },
  ): Promise<AsyncIterable<Uint8Array>>;
  /** An address that fetches the file without further credentials until `ttlSeconds` have passed. */
  signedUrl(checksum: string, ttlSeconds: number): Promise<string>;
}
