import { PassThrough, type Readable } from 'node:stream';
import type { SequencedFact } from '../../events/envelope.ts';
import { presentFact } from '../present/fact.ts';

/** One client's server-sent events: bounded, alive, and ended with a reason. */

export type EndReason = 'shutdown' | 'too-slow' | 'token-expired' | 'log-unreadable';

export interface FactStream {
  readonly body: Readable;
  /** Aborts when the client left or the stream was ended. */
  readonly closed: AbortSignal;
  /** Writes what the client may see of these facts; resolves when there is room again. */
  send(facts: readonly SequencedFact[]): Promise<void>;
  /** Says why, and ends. */
  end(reason: EndReason): void;
}

export interface FactStreamOptions {
  readonly cursor: number;
  readonly visible: (fact: SequencedFact) => boolean;
  readonly heartbeatMs: number;
  readonly expiresInMs: number;
  /** A client that lags so far behind that it would drop itself. */
  readonly onTooSlow: () => void;
}

/** What may wait for a slow client, in bytes. */
const MAX_WAITING_BYTES = 1024 * 1024;
/** How long a client may take to read its last words. */
const FAREWELL_MS = 2_000;
/** Longest delay of a timer. */
const MAX_DELAY_MS = 2 ** 31 - 1;

const frames = new WeakMap<SequencedFact, string>();

/** All clients get the same words for a fact, so they are made once. */
function frameOf(fact: SequencedFact): string {
  const known = frames.get(fact);
  if (known !== undefined) return known;
  const data = JSON.stringify({ seq: fact.seq, ...presentFact(fact) });
  const frame = `id: ${fact.seq}\nevent: ${fact.fact.type}\ndata: ${data}\n\n`;
  frames.set(fact, frame);
  return frame;
}

export function createFactStream(options: FactStreamOptions): FactStream {
  const body = new PassThrough();
  const closing = new AbortController();
  let cursor = options.cursor;

  const end = (reason: EndReason): void => {
    if (closing.signal.aborted) return;
    closing.abort();
    // The console names no handler for it; people who read the stream see why it ended.
    body.end(`event: closed\ndata: ${JSON.stringify({ reason })}\n\n`);
    setTimeout(() => body.destroy(), FAREWELL_MS).unref();
  };

  const write = (text: string): boolean => {
    const room = body.write(text);
    if (body.writableLength + body.readableLength <= MAX_WAITING_BYTES) return room;
    options.onTooSlow();
    end('too-slow');
    return true;
  };

  // The id without data moves the client's cursor past facts that were not for it.
  const heartbeat = setInterval(() => write(`: alive\nid: ${cursor}\n\n`), options.heartbeatMs);
  const expiry = setTimeout(() => end('token-expired'), Math.min(options.expiresInMs, MAX_DELAY_MS));
  body.once('close', () => closing.abort());
  closing.signal.addEventListener('abort', () => {
    clearInterval(heartbeat);
    clearTimeout(expiry);
  });
  body.write('retry: 2000\n\n');

  async function send(facts: readonly SequencedFact[]): Promise<void> {
    const text = facts.filter(options.visible).map(frameOf).join('');
    cursor = facts.at(-1)?.seq ?? cursor;
    if (text === '' || closing.signal.aborted || write(text)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    body.once('drain', resolve);
    closing.signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
  }

  return { body, closed: closing.signal, send, end };
}
