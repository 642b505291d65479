import { createHash, type Hash } from 'node:crypto';
import type { Assignment } from '../events/device-journal.ts';
import { authorization, type DeviceCredential, type Fetch } from './credential.ts';
import type { AppendedFile, Files } from './files.ts';
import type { ModelFolder } from './model-folder.ts';
import { DownloadInterrupted, ModelRejected, messageOf } from './refusals.ts';
import type { TokenBucket } from './token-bucket.ts';

export interface DownloadOptions {
  readonly folder: ModelFolder;
  readonly files: Files;
  readonly fetch: Fetch;
  readonly credential: DeviceCredential;
  /** Largest model that is taken, bytes. */
  readonly maxBytes: number;
  /** A server that sends nothing for so long has hung up. */
  readonly idleMs: number;
  /** What a download may take of the link; null for all of it. */
  readonly bucket: TokenBucket | null;
}

/**
 * Fetches the target into its place beside what serves and resolves with its size. Rejects with
 * {@link ModelRejected} when it can never become the file that was offered, with {@link DownloadInterrupted}
 * when another attempt may go on from here, or with the signal's reason.
 */
export type Download = (
  target: Assignment,
  signal: AbortSignal,
  onProgress: (share: number) => void,
) => Promise<number>;

/** What a download leaves of the disk: the device's memory goes on being written, and its answer too. */
const RESERVE_BYTES = 4 * 1024 * 1024;

const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MB`;

/** Total size that the server announces for the whole file, null when it does not say. */
function announcedSize({ status, headers }: Response): number | null {
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get('content-range') ?? '');
  if (status === 206) return range === null ? null : Number(range[2]);
  const length = headers.get('content-length');
  return length === null || headers.has('content-encoding') ? null : Number(length);
}

/** Where the server's bytes begin: behind what is here already, or at the beginning when it ignores ranges. */
function startOf({ status, headers }: Response, asked: number): number {
  if (status === 200) return 0;
  const from = /^bytes (\d+)-/.exec(headers.get('content-range') ?? '')?.[1];
  if (Number(from) !== asked)
    throw new DownloadInterrupted(`asked for bytes from ${asked} on, the server answered from ${from}`);
  return asked;
}

function refuseStatus({ status }: Response): void {
  if (status === 200 || status === 206) return;
  const hint =
    status === 401 || status === 403 ? ': check the device’s secret, or whether it was revoked' : '';
  throw new DownloadInterrupted(`the model’s server answered ${status}${hint}`);
}

function refuseSize(response: Response, size: number): void {
  const announced = announcedSize(response);
  if (announced !== null && announced !== size)
    throw new ModelRejected('size-mismatch', `${size} bytes were offered, the server has ${announced}`);
}

/** Room for the rest, and as much as a model for the copy of what serves; space may come back, so it is tried again. */
export function refuseFullDisk(free: number, { size }: Assignment['artifact'], offset: number): void {
  const needed = size - offset + size + RESERVE_BYTES;
  if (free >= needed) return;
  throw new DownloadInterrupted(
    `the disk has ${megabytes(free)} left and ${megabytes(needed)} are needed: free some space`,
  );
}

interface Fetched {
  readonly received: number;
  /** Checksum of the whole file. */
  readonly digest: string;
  /** Whether it began with what an earlier attempt had left. */
  readonly resumed: boolean;
}

/** Where received bytes go, and who is told of them. */
interface Reception {
  readonly offset: number;
  readonly hash: Hash;
  readonly file: AppendedFile;
  /** Resolves when the next bytes may come. */
  readonly onChunk: (received: number, length: number) => Promise<void>;
}

async function receive(
  response: Response,
  artifact: Assignment['artifact'],
  { offset, hash, file, onChunk }: Reception,
): Promise<number> {
  let received = offset;
  for await (const chunk of response.body ?? []) {
    received += chunk.length;
    if (received > artifact.size)
      throw new ModelRejected('size-mismatch', `more than the ${artifact.size} bytes that were offered`);
    hash.update(chunk);
    await file.write(chunk);
    await onChunk(received, chunk.length);
  }
  return received;
}

export function createDownload(options: DownloadOptions): Download {
  const { folder, files, fetch, credential, maxBytes, idleMs, bucket } = options;
  /** Checksums of files that were put together from parts once, and were not what was offered. */
  const resumedInVain = new Set<string>();

  /** What an earlier attempt left, and its hash so far. */
  async function kept({ artifact }: Assignment): Promise<{ offset: number; hash: Hash }> {
    const hash = createHash('sha256');
    const bytes = await folder.readIncoming(artifact.checksum);
    if (bytes !== null && bytes.length <= artifact.size)
      return { offset: bytes.length, hash: hash.update(bytes) };
    await files.remove(folder.incomingPath(artifact.checksum));
    return { offset: 0, hash };
  }

  async function request(url: string, offset: number, signal: AbortSignal): Promise<Response> {
    const range = offset === 0 ? {} : { range: `bytes=${offset}-` };
    const headers = { authorization: authorization(credential), 'accept-encoding': 'identity', ...range };
    try {
      return await fetch(url, { headers, signal, redirect: 'error' });
    } catch (error) {
      signal.throwIfAborted();
      throw new DownloadInterrupted(`the model’s server cannot be reached: ${messageOf(error)}`);
    }
  }

  /** Everything from the first byte to the synced file; an idle server ends it. */
  async function transfer(
    target: Assignment,
    offset: number,
    before: Hash,
    outer: AbortSignal,
    onProgress: (share: number) => void,
  ): Promise<Omit<Fetched, 'resumed'>> {
    const { artifact, url } = target;
    const idle = new AbortController();
    const hangUp = setTimeout(() => idle.abort(), idleMs);
    const signal = AbortSignal.any([outer, idle.signal]);
    try {
      const response = await request(url, offset, signal);
      // Nothing behind what is here: it cannot be the beginning of this file.
      if (response.status === 416) await folder.clearIncoming(null);
      refuseStatus(response);
      refuseSize(response, artifact.size);
      const from = startOf(response, offset);
      if (from < offset) await files.remove(folder.incomingPath(artifact.checksum));
      const begun = from < offset ? { offset: 0, hash: createHash('sha256') } : { offset, hash: before };
      const file = await files.append(folder.incomingPath(artifact.checksum));
      try {
        const onChunk = async (bytes: number, length: number): Promise<void> => {
          onProgress(bytes / artifact.size);
          await bucket?.take(length, outer);
          hangUp.refresh();
        };
        const received = await receive(response, artifact, { ...begun, file, onChunk });
        return { received, digest: `sha256:${begun.hash.digest('hex')}` };
      } finally {
        await file.sync().finally(() => file.close());
        // Its name too: the journal will say that the file is here.
        await folder.syncIncoming();
      }
    } finally {
      clearTimeout(hangUp);
    }
  }

  async function fetchRest(
    target: Assignment,
    signal: AbortSignal,
    onProgress: (share: number) => void,
  ): Promise<Fetched> {
    const { offset, hash } = await kept(target);
    const resumed = offset > 0;
    if (offset === target.artifact.size)
      return { received: offset, digest: `sha256:${hash.digest('hex')}`, resumed };
    refuseFullDisk(await folder.free(), target.artifact, offset);
    try {
      return { ...(await transfer(target, offset, hash, signal, onProgress)), resumed };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ModelRejected || error instanceof DownloadInterrupted) throw error;
      throw new DownloadInterrupted(`the download stopped: ${messageOf(error)}`, { cause: error });
    }
  }

  async function judge(
    { size, checksum }: Assignment['artifact'],
    { received, digest, resumed }: Fetched,
  ): Promise<number> {
    if (received === size && digest === checksum) return received;
    await folder.clearIncoming(null);
    // What an earlier attempt left may have been torn by a power cut: once more from the beginning, but not for ever.
    if (resumed && !resumedInVain.has(checksum)) {
      resumedInVain.add(checksum);
      throw new DownloadInterrupted('the resumed file is not the one that was offered');
    }
    throw received < size
      ? new ModelRejected('size-mismatch', `the file ended after ${received} of ${size} bytes`)
      : new ModelRejected('checksum', `the file has ${digest}, ${checksum} was offered`);
  }

  return async (target, signal, onProgress) => {
    const { checksum, size } = target.artifact;
    if (size > maxBytes)
      throw new ModelRejected('too-large', `${size} bytes were offered, at most ${maxBytes} are taken`);
    await folder.clearIncoming(checksum);
    return judge(target.artifact, await fetchRest(target, signal, onProgress));
  };
}
