import { DownloadHTTPError, DownloadLengthMismatchError } from 'tuf-js/dist/error.js';
import { authorization, type DeviceCredential, type Fetch } from '../credential.ts';
import { messageOf } from '../refusals.ts';

/** What tuf-js fetches metadata with. */
export interface MetadataFetcher {
  downloadBytes(url: string, maxLength: number): Promise<Buffer>;
  downloadFile<T>(url: string, maxLength: number, handler: (file: string) => Promise<T>): Promise<T>;
  /** Why the server could not be asked; null when it answered whatever it was asked. */
  interruption(): string | null;
  /** Whether these bytes came as they are. */
  hasServed(text: string): boolean;
  /** Requests so far and bytes of their answers, unpacked. */
  traffic(): { readonly requests: number; readonly bytes: number };
}

export interface MetadataFetcherOptions {
  /** Nothing is fetched from anywhere else. Without a trailing slash. */
  readonly metadataUrl: string;
  readonly fetch: Fetch;
  readonly credential: DeviceCredential;
  /** A server that sends nothing for so long has hung up. */
  readonly idleMs: number;
  readonly signal: AbortSignal;
}

/** Longest time that one file may take, however busily its server sends. */
const LONGEST_MS = 5 * 60_000;

async function readAtMost(
  { body, headers }: Response,
  maxLength: number,
  onChunk: (bytes: number) => void,
): Promise<Buffer> {
  const tooLong = () => new DownloadLengthMismatchError(`the file does not end after ${maxLength} bytes`);
  if (Number(headers.get('content-length') ?? 0) > maxLength) throw tooLong();
  const chunks: Uint8Array[] = [];
  let received = 0;
  for await (const chunk of body ?? []) {
    received += chunk.length;
    onChunk(chunk.length);
    if (received > maxLength) throw tooLong();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Fetches from the configured address only, as this device, in bounded size and time; follows no redirect. */
export function createMetadataFetcher(options: MetadataFetcherOptions): MetadataFetcher {
  const { metadataUrl, fetch, credential, idleMs } = options;
  const served = new Set<string>();
  let interruption: string | null = null;
  let requests = 0;
  let bytes = 0;

  async function request(url: string, maxLength: number): Promise<Buffer> {
    const idle = new AbortController();
    const hangUp = setTimeout(() => idle.abort(new Error(`nothing came for ${idleMs} ms`)), idleMs);
    const signal = AbortSignal.any([options.signal, idle.signal, AbortSignal.timeout(LONGEST_MS)]);
    try {
      requests += 1;
      const headers = { authorization: authorization(credential) };
      const response = await fetch(url, { headers, signal, redirect: 'error' });
      if (response.status === 200)
        return await readAtMost(response, maxLength, (length) => {
          bytes += length;
          hangUp.refresh();
        });
      await response.body?.cancel();
      throw new DownloadHTTPError(`the server answered ${response.status}`, response.status);
    } finally {
      clearTimeout(hangUp);
    }
  }

  /** A root that is not there yet is how the newest one is known; every other failure is remembered. */
  function noteInterruption(url: string, error: unknown): void {
    if (error instanceof DownloadLengthMismatchError) return;
    const isNewestRoot = error instanceof DownloadHTTPError && error.statusCode === 404;
    if (isNewestRoot && url.endsWith('.root.json')) return;
    interruption = `${url.slice(metadataUrl.length + 1)}: ${messageOf(error)}`;
  }

  async function downloadBytes(url: string, maxLength: number): Promise<Buffer> {
    if (!url.startsWith(`${metadataUrl}/`)) throw new Error(`${url} is not below ${metadataUrl}`);
    try {
      const body = await request(url, maxLength);
      served.add(body.toString('utf8'));
      return body;
    } catch (error) {
      noteInterruption(url, error);
      throw error;
    }
  }

  return {
    downloadBytes,
    // Models come by the device's own download, which resumes; only metadata is fetched here.
    downloadFile: (url) => Promise.reject(new Error(`${url} is no metadata`)),
    interruption: () => interruption,
    hasServed: (text) => served.has(text),
    traffic: () => ({ requests, bytes }),
  };
}
