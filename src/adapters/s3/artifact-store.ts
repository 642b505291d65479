import { CopyDestinationOptions, CopySourceOptions } from 'minio';
import type { Logger } from 'pino';
import type { ArtifactRef } from '../../events/values.ts';
import {
  type AddressedArtifactStore,
  ArtifactCorrupt,
  ArtifactMissing,
  type ArtifactPlace,
  type ArtifactRange,
  checksumOf,
  digestOf,
  isChecksum,
  verified,
} from '../../ports/artifact-store.ts';
import { insist, type Patience } from '../../ports/insist.ts';
import {
  createSignedAddresses,
  type SignatureVerdict,
  type SignedAddresses,
  type SignedAddressOptions,
  type SignedRequest,
} from '../../ports/signed-addresses.ts';
import { ARCHIVED_PREFIX, KEPT_PREFIX, prepareBucket } from './bucket.ts';
import { connectS3, type S3Connection, type S3Login } from './client.ts';
import { download } from './download.ts';
import { codeOf, explain, isAbsent, mayPass, S3Unavailable } from './errors.ts';
import { entityTag, upload } from './upload.ts';

export interface S3ArtifactStoreOptions extends SignedAddressOptions, S3Login {
  readonly bucket: string;
  readonly logger: Logger;
  /** How often a request is tried before the caller hears of it. Default 5 tries over about 3 s. */
  readonly patience?: Patience | undefined;
  /** A server that is silent for this long is taken for dead, ms. Default 30,000. */
  readonly silenceMs?: number | undefined;
}

export interface S3ArtifactStore extends AddressedArtifactStore {
  /** Rejects when the bucket does not answer. */
  check(): Promise<void>;
  close(): void;
}

const PATIENCE: Patience = { attempts: 5, firstPauseMs: 200 };
/** A server that is silent for this long at the start is taken for something else. */
const START_SILENCE_MS = 10_000;

const isSilence = (error: unknown): boolean => codeOf(error) === 'ETIMEDOUT';

class BucketStore implements S3ArtifactStore {
  readonly #options: S3ArtifactStoreOptions;
  readonly #connection: S3Connection;
  readonly #addresses: SignedAddresses;

  constructor(options: S3ArtifactStoreOptions) {
    this.#options = options;
    this.#addresses = createSignedAddresses(options);
    this.#connection = connectS3(options, options.silenceMs);
  }

  async prepare(): Promise<void> {
    const { bucket, region, logger, endpoint } = this.#options;
    const start = connectS3(this.#options, this.#options.silenceMs ?? START_SILENCE_MS);
    const work = () => prepareBucket(start.client, bucket, region, logger);
    await this.#insist(work, (error) => mayPass(error) && !isSilence(error))
      .catch((error: unknown) => {
        throw explain(error, endpoint, bucket);
      })
      .finally(() => start.close());
  }

  async put(bytes: Uint8Array): Promise<ArtifactRef> {
    const reference = { checksum: checksumOf(bytes), size: bytes.length };
    const key = this.#kept(reference.checksum);
    await this.#ask(async () => {
      if (!(await this.#holds(key, bytes))) await upload(this.#client, this.#bucket, key, bytes);
    });
    return reference;
  }

  async get(checksum: string): Promise<Uint8Array> {
    const bytes = await this.#ask(() =>
      this.#anywhere(checksum, async (key) => {
        const pieces: Uint8Array[] = [];
        for await (const piece of await this.#client.getObject(this.#bucket, key)) pieces.push(piece);
        return Buffer.concat(pieces);
      }),
    );
    if (bytes === null) throw new ArtifactMissing(checksum);
    if (checksumOf(bytes) !== checksum) throw new ArtifactCorrupt(checksum);
    return bytes;
  }

  async size(checksum: string): Promise<number | null> {
    return this.#ask(() =>
      this.#anywhere(checksum, async (key) => (await this.#client.statObject(this.#bucket, key)).size),
    ).catch((error: unknown) => {
      if (error instanceof ArtifactMissing) return null;
      throw error;
    });
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

  archive(checksum: string): Promise<void> {
    return this.#move(checksum, this.#kept(checksum), this.#inArchive(checksum));
  }

  unarchive(checksum: string): Promise<void> {
    return this.#move(checksum, this.#inArchive(checksum), this.#kept(checksum));
  }

  async place(checksum: string): Promise<ArtifactPlace | null> {
    if (!isChecksum(checksum)) return null;
    const kept = this.#kept(checksum);
    const found = await this.#ask(() =>
      this.#anywhere(checksum, async (key) => {
        await this.#client.statObject(this.#bucket, key);
        return key;
      }),
    );
    if (found === null) return null;
    return found === kept ? 'kept' : 'archived';
  }

  async remove(checksum: string): Promise<void> {
    const places = [this.#kept(checksum), this.#inArchive(checksum)];
    await this.#ask(() => Promise.all(places.map((key) => this.#client.removeObject(this.#bucket, key))));
  }

  async check(): Promise<void> {
    const { endpoint, bucket } = this.#options;
    const there = await this.#client.bucketExists(bucket).catch((error: unknown) => {
      throw new S3Unavailable(endpoint, bucket, error);
    });
    if (!there) throw new S3Unavailable(endpoint, bucket, new Error('the bucket is gone'));
  }

  close(): void {
    this.#connection.close();
  }

  get #client() {
    return this.#connection.client;
  }

  get #bucket(): string {
    return this.#options.bucket;
  }

  #kept(checksum: string): string {
    const digest = digestOf(checksum);
    return `${KEPT_PREFIX}${digest.slice(0, 2)}/${digest}`;
  }

  #inArchive(checksum: string): string {
    return `${ARCHIVED_PREFIX}${digestOf(checksum)}`;
  }

  #insist<T>(work: () => Promise<T>, isWorthIt = mayPass): Promise<T> {
    const { patience = PATIENCE, logger, endpoint } = this.#options;
    return insist(work, {
      ...patience,
      mayPass: isWorthIt,
      onRetry: (error, attempt) =>
        logger.warn({ endpoint, attempt, reason: String(error) }, 'the object store is asked again'),
    });
  }

  async #ask<T>(work: () => Promise<T>): Promise<T> {
    return this.#insist(work).catch((error: unknown) => {
      const { endpoint, bucket } = this.#options;
      throw mayPass(error) ? new S3Unavailable(endpoint, bucket, error) : error;
    });
  }

  /** Asks where the file may be; where it was kept once more, since it may be taken from the archive meanwhile. */
  async #anywhere<T>(checksum: string, ask: (key: string) => Promise<T>): Promise<T | null> {
    const kept = this.#kept(checksum);
    for (const key of [kept, this.#inArchive(checksum), kept]) {
      const answer = await ask(key).catch(nullWhenAbsent);
      if (answer !== null) return answer;
    }
    return null;
  }

  /** True when the server's own digest says that these bytes stand there; other bytes are written over. */
  async #holds(key: string, bytes: Uint8Array): Promise<boolean> {
    const found = await this.#client.statObject(this.#bucket, key).catch(nullWhenAbsent);
    return found?.size === bytes.length && found.etag === entityTag(bytes);
  }

  async #move(checksum: string, from: string, to: string): Promise<void> {
    await this.#ask(async () => {
      const source = new CopySourceOptions({ Bucket: this.#bucket, Object: from });
      const copied = await this.#client
        .copyObject(source, new CopyDestinationOptions({ Bucket: this.#bucket, Object: to }))
        .catch(nullWhenAbsent);
      if (copied !== null) return this.#client.removeObject(this.#bucket, from);
      const stands = await this.#client.statObject(this.#bucket, to).catch(nullWhenAbsent);
      if (stands === null) throw new ArtifactMissing(checksum);
    });
  }

  async #open(checksum: string, { start, end }: ArtifactRange): Promise<AsyncIterable<Uint8Array>> {
    const pieces = await this.#ask(() =>
      this.#anywhere(checksum, (key) =>
        this.#client.getPartialObject(this.#bucket, key, start, end - start + 1),
      ),
    );
    if (pieces === null) throw new ArtifactMissing(checksum);
    return pieces;
  }

  #stream(checksum: string, range: ArtifactRange): AsyncIterable<Uint8Array> {
    const { logger } = this.#options;
    return download(range, {
      open: (part) => this.#open(checksum, part),
      onBreak: (error) =>
        logger.warn({ reason: String(error) }, 'a download from the object store goes on after a break'),
    });
  }
}

function nullWhenAbsent(error: unknown): null {
  if (isAbsent(error)) return null;
  throw error;
}

/**
 * Artifacts as objects named by their SHA-256 in a bucket of S3, MinIO or the like, which is made with its lifecycle
 * rule when absent. Throws `S3Unfit` when the store cannot be used as it is set up.
 */
export async function openS3ArtifactStore(options: S3ArtifactStoreOptions): Promise<S3ArtifactStore> {
  const store = new BucketStore(options);
  try {
    await store.prepare();
    return store;
  } catch (error) {
    store.close();
    throw error;
  }
}
