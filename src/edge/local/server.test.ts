import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import { pino } from 'pino';
import { afterEach, expect, it } from 'vitest';
import type { Patience } from './body.ts';
import { type LocalServer, startLocalServer } from './server.ts';

let server: LocalServer;
/** Called with each piece of a file. */
let received: (piece: Uint8Array) => void = () => undefined;
afterEach(() => server.close());

const OPERATOR = 'operator-token';

async function open(patience: Patience): Promise<void> {
  server = await startLocalServer({
    ...{ host: '127.0.0.1', port: 0, token: null, operatorToken: OPERATOR, patience },
    routes: [
      { method: 'POST', path: '/message', access: 'open', answer: (body) => ({ bytes: body.length }) },
      {
        ...{ method: 'POST', path: '/file', access: 'operator', mostBytes: 1_000 },
        async receive(pieces) {
          let bytes = 0;
          for await (const piece of pieces) {
            bytes += piece.length;
            received(piece);
          }
          return { bytes };
        },
      },
    ],
    logger: pino({ level: 'silent' }),
    onRefused: () => undefined,
  });
}

function begin(path: string, type: string): ClientRequest {
  const headers = { 'content-type': type, authorization: `Bearer ${OPERATOR}` };
  const sent = request({ port: server.port, host: '127.0.0.1', path, method: 'POST', headers });
  // Cut off once it is answered.
  sent.on('error', () => undefined);
  sent.flushHeaders();
  return sent;
}

async function answered(sent: ClientRequest): Promise<{ status: number | undefined; body: unknown }> {
  const [response] = await once(sent, 'response');
  let text = '';
  for await (const piece of response) text += piece;
  return { status: response.statusCode, body: JSON.parse(text) };
}

it('takes a file for as long as its pieces come, however long that is', async () => {
  await open({ messageMs: 1, pieceMs: 60_000 });
  const sent = begin('/file', 'application/octet-stream');
  for (let piece = 0; piece < 20; piece += 1) {
    const taken = new Promise<Uint8Array>((resolve) => {
      received = resolve;
    });
    sent.write('piece');
    await taken;
  }
  sent.end();
  expect(await answered(sent)).toEqual({ status: 200, body: { bytes: 100 } });
});

it.each([
  ['a file whose next piece does not come', '/file', 'application/octet-stream'],
  ['a message that does not end', '/message', 'application/json'],
])('gives %s up, and says so', async (_, path, type) => {
  await open({ messageMs: 5, pieceMs: 5 });
  const sent = begin(path, type);
  sent.write('{');
  expect(await answered(sent)).toMatchObject({ status: 408, body: { code: 'too-slow' } });
});

it('reads no more than the largest file', async () => {
  await open({ messageMs: 60_000, pieceMs: 60_000 });
  const sent = begin('/file', 'application/octet-stream');
  sent.write(Buffer.alloc(1_001));
  expect(await answered(sent)).toMatchObject({ status: 413, body: { code: 'too-large' } });
});
