import type { IncomingMessage } from 'node:http';
import { LocalProblem } from './problem.ts';
import { MAX_LOCAL_BYTES } from './readings-body.ts';

/** What a request brings: messages whole and soon, files piece by piece for as long as they come. */

export interface Patience {
  /** For the whole of a message, ms. */
  readonly messageMs: number;
  /** For the next piece of a file, ms; what the device does with a piece takes its own time. */
  readonly pieceMs: number;
}

export const PATIENCE: Patience = { messageMs: 10_000, pieceMs: 30_000 };

function assertType({ headers }: IncomingMessage, type: string, code: string): void {
  const given = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (given !== type) throw new LocalProblem(415, code, `send the body with "Content-Type: ${type}"`);
}

/** What `asked` resolves with. Rejects with a {@link LocalProblem} when it does not within so many ms. */
async function soon<Value>(asked: Promise<Value>, ms: number): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const late = () => reject(new LocalProblem(408, 'too-slow', `nothing came any more: send the rest sooner`));
  const timer = setTimeout(late, ms);
  try {
    return await Promise.race([asked, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The pieces of a body as they come; `patienceMs` is asked before each. */
async function* piecesOf(
  request: IncomingMessage,
  patienceMs: () => number,
): AsyncGenerator<Uint8Array, void> {
  const pieces: AsyncIterator<Uint8Array> = request.iterator({ destroyOnReturn: false });
  for (;;) {
    const next = await soon(pieces.next(), patienceMs());
    if (next.done === true) return;
    yield next.value;
  }
}

/** Throws a {@link LocalProblem} beyond so many bytes. */
async function* atMost(
  pieces: AsyncIterable<Uint8Array>,
  most: number,
  advice: string,
): AsyncGenerator<Uint8Array, void> {
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    if (bytes > most) throw new LocalProblem(413, 'too-large', `more than ${most} bytes: ${advice}`);
    yield piece;
  }
}

/** A message in JSON. Rejects with {@link LocalProblem}. */
export async function messageOf(request: IncomingMessage, { messageMs }: Patience): Promise<Uint8Array> {
  assertType(request, 'application/json', 'not-json');
  const until = performance.now() + messageMs;
  const pieces = piecesOf(request, () => Math.max(0, until - performance.now()));
  const taken: Uint8Array[] = [];
  for await (const piece of atMost(pieces, MAX_LOCAL_BYTES, 'send it in parts')) taken.push(piece);
  return Buffer.concat(taken);
}

/**
 * Gives a file to `receive`, piece by piece; what that does not take is read away, so that its sender hears the answer.
 * Rejects with {@link LocalProblem}, or with what `receive` rejects.
 */
export async function fileOf<Answer>(
  request: IncomingMessage,
  receive: (pieces: AsyncIterable<Uint8Array>) => Promise<Answer>,
  mostBytes: number,
  { pieceMs }: Patience,
): Promise<Answer> {
  assertType(request, 'application/octet-stream', 'not-octets');
  const all = atMost(
    piecesOf(request, () => pieceMs),
    mostBytes,
    'no model is so large',
  );
  // Whoever receives may stop in the middle, which must not end the rest.
  const pieces = { [Symbol.asyncIterator]: () => ({ next: () => all.next() }) };
  try {
    return await receive(pieces);
  } catch (error) {
    if (!(error instanceof LocalProblem)) await readAway(pieces);
    throw error;
  }
}

async function readAway(pieces: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const _ of pieces);
  } catch {
    // Too much, too slow or cut off: the answer says already what was wrong before.
  }
}
