import { createEventReader, type EventReader } from '../src/client/event-reader.ts';
import { Problem, request } from './api.ts';
import type { StreamedFact } from './contract.ts';

export type Connection = 'connecting' | 'live' | 'reconnecting' | 'refused';

export interface StreamOptions {
  /** Filters of `GET /stream`, for example `systemId=bess-456`. */
  readonly query: string;
  readonly onFact: (fact: StreamedFact) => void;
  readonly onConnection: (connection: Connection) => void;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

/** Waits before the n-th try in a row, or until the browser is online again; up to half of it by chance. */
function pause(tries: number, signal: AbortSignal): Promise<void> {
  const full = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(tries, 10));
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, full * (0.5 + Math.random() / 2));
  addEventListener('online', () => resolve(), { signal, once: true });
  signal.addEventListener('abort', () => resolve(), { once: true });
  return promise.finally(() => clearTimeout(timer));
}

const isRefusal = (error: unknown): boolean =>
  error instanceof Problem && error.status >= 400 && error.status < 500 && error.status !== 429;

/** Follows the log and reconnects from the last fact it saw, until closed or refused. */
export function openStream({ query, onFact, onConnection }: StreamOptions): () => void {
  const closing = new AbortController();
  const { signal } = closing;
  let lastId = '';
  let tries = 0;

  const createReader = () =>
    createEventReader(({ event, data }) => {
      // The server's farewell; why it ended shows in the answer to the next try.
      if (event !== 'closed') onFact(JSON.parse(data) as StreamedFact);
    });

  function note(reader: EventReader): void {
    if (reader.lastId() !== '') lastId = reader.lastId();
  }

  /** A log that was restored to an earlier state does not know the last id: one more try without it. */
  function mayTryAgain(error: unknown): boolean {
    if (!isRefusal(error)) return true;
    const hadId = lastId !== '' && error instanceof Problem && error.status === 400;
    lastId = '';
    return hadId;
  }

  async function follow(): Promise<void> {
    const headers = new Headers({ accept: 'text/event-stream' });
    if (lastId !== '') headers.set('last-event-id', lastId);
    const response = await request(`/stream?${query}`, { headers, signal });
    const reader = createReader();
    tries = 0;
    onConnection('live');
    const pieces = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    for (let piece = await pieces?.read(); piece && !piece.done; piece = await pieces?.read()) {
      reader.feed(piece.value);
      note(reader);
    }
  }

  async function run(): Promise<void> {
    onConnection('connecting');
    while (!signal.aborted) {
      const error = await follow().then(
        () => null,
        (reason: unknown) => reason,
      );
      if (signal.aborted) return;
      if (!mayTryAgain(error)) return onConnection('refused');
      onConnection('reconnecting');
      await pause(tries, signal);
      tries += 1;
    }
  }

  void run();
  return () => closing.abort();
}
