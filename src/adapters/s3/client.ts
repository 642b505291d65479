import http from 'node:http';
import https from 'node:https';
import { Client } from 'minio';

export interface S3Login {
  /** `http://host:9000` or `https://…`; no path. */
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly region: string;
}

/** Files above this are sent in parts of this size. */
export const PART_BYTES = 8 * 1024 * 1024;
/** A server that is silent for this long is taken for dead. */
const SILENCE_MS = 30_000;
const CONNECTIONS = 32;

/** Requests that end when the server falls silent: the client itself would wait for ever. */
function impatient(requests: typeof http | typeof https, silenceMs: number): Pick<typeof http, 'request'> {
  const request = (options: http.RequestOptions, onResponse: (response: http.IncomingMessage) => void) => {
    const made = requests.request(options, onResponse);
    made.setTimeout(silenceMs, () => {
      made.destroy(Object.assign(new Error(`silent for ${silenceMs} ms`), { code: 'ETIMEDOUT' }));
    });
    return made;
  };
  return { request: request as typeof http.request };
}

export interface S3Connection {
  readonly client: Client;
  close(): void;
}

/** The client's own retries are off: they write to the console and know no jitter. */
export function connectS3(login: S3Login, silenceMs = SILENCE_MS): S3Connection {
  const { hostname, port, protocol } = new URL(login.endpoint);
  const secure = protocol === 'https:';
  const requests = secure ? https : http;
  const agent = new requests.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const client = new Client({
    endPoint: hostname.replace(/^\[|\]$/g, ''),
    ...(port === '' ? {} : { port: Number(port) }),
    useSSL: secure,
    accessKey: login.accessKey,
    secretKey: login.secretKey,
    region: login.region,
    partSize: PART_BYTES,
    transport: impatient(requests, silenceMs),
    transportAgent: agent,
    retryOptions: { disableRetry: true },
  });
  return { client, close: () => agent.destroy() };
}
