import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Reading } from '../../src/ports/telemetry.ts';

/** What the device needs of the cloud's HTTP: models with ranges, and the site's readings. */
export interface CloudStub {
  readonly url: string;
  /** Files by path. */
  readonly files: Map<string, Uint8Array>;
  readings: readonly Reading[];
  /** Requests so far: path and range. */
  readonly requests: string[];
  /** Stands in for the next answers to requests for files. */
  answer: ((request: IncomingMessage, response: ServerResponse) => void) | null;
  /** Stands in for the answers to requests for these paths. */
  readonly answers: Map<string, (response: ServerResponse) => void>;
  close(): Promise<void>;
}

export const DEVICE_SECRET = 'a secret';

function sendFile(bytes: Uint8Array, range: string | undefined, response: ServerResponse): void {
  const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
  if (range === undefined) response.writeHead(200, { 'content-length': bytes.length });
  else if (start >= bytes.length) response.writeHead(416, { 'content-range': `bytes */${bytes.length}` });
  else
    response.writeHead(206, {
      'content-length': bytes.length - start,
      'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}`,
    });
  response.end(bytes.subarray(start));
}

export async function startCloudStub(deviceId = 'dev-1'): Promise<CloudStub> {
  const expected = `Basic ${Buffer.from(`${deviceId}:${DEVICE_SECRET}`).toString('base64')}`;
  const sendModel = (path: string, request: IncomingMessage, response: ServerResponse): void => {
    const bytes = stub.files.get(path);
    const instead = stub.answers.get(path);
    if (instead !== undefined) instead(response);
    else if (stub.answer !== null) stub.answer(request, response);
    else if (bytes === undefined) response.writeHead(404).end();
    else sendFile(bytes, request.headers.range, response);
  };
  const sendReadings = (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ readings: stub.readings }));
  };
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    stub.requests.push(`${path} ${request.headers.range ?? ''}`.trim());
    if (request.headers.authorization !== expected) response.writeHead(401).end();
    else if (path.startsWith('/api/v1/telemetry/')) sendReadings(response);
    else sendModel(path, request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stub: CloudStub = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    files: new Map(),
    readings: [],
    requests: [],
    answer: null,
    answers: new Map(),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return stub;
}
