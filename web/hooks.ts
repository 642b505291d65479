import { signal } from '@preact/signals';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type Answered, answerOf, getJson, Problem } from './api.ts';
import type { StreamedFact } from './contract.ts';
import { type Connection, openStream } from './stream.ts';

/** How the page's stream stands; null on pages without one. */
export const connection = signal<Connection | null>(null);

export interface Resource<Body> {
  readonly body: Body | null;
  readonly problem: Problem | null;
  readonly refresh: () => void;
}

const asProblem = (error: unknown): Problem =>
  error instanceof Problem ? error : new Problem(0, { title: 'unreadable', detail: String(error) });

/** Several facts within this time cost one request. */
const GATHER_MS = 150;
/** The server's lists follow the log at a small distance: what was read too early is read once more. */
const SETTLE_MS = 1_500;
const RETRY_MS = 3_000;

/**
 * Reads what `key` stands for, again at each `refresh` and when the key changes; null reads nothing. Keeps the last good
 * answer while the server cannot be reached.
 */
export function useReading<Body>(
  key: string | null,
  read: (signal: AbortSignal) => Promise<Body>,
): Resource<Body> {
  const reader = useRef(read);
  reader.current = read;
  const [body, setBody] = useState<Body | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  const gathering = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const settling = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  const refresh = useCallback((wait = GATHER_MS) => {
    gathering.current ??= setTimeout(() => {
      gathering.current = undefined;
      setRound((n) => n + 1);
    }, wait);
  }, []);

  useEffect(() => {
    if (key === null) return;
    const reading = new AbortController();
    reader.current(reading.signal).then(
      (answer) => {
        setBody(answer);
        setProblem(null);
      },
      (error: unknown) => {
        if (reading.signal.aborted) return;
        const found = asProblem(error);
        setProblem(found);
        if (found.status === 0 || found.status >= 500) refresh(RETRY_MS);
      },
    );
    return () => reading.abort();
  }, [key, round, refresh]);
  useEffect(
    () => () => {
      clearTimeout(gathering.current);
      clearTimeout(settling.current);
    },
    [],
  );

  const refreshSoon = useCallback(() => {
    refresh();
    clearTimeout(settling.current);
    settling.current = setTimeout(refresh, SETTLE_MS);
  }, [refresh]);
  return { body, problem, refresh: refreshSoon };
}

/** Reads an address of the API. */
export const useResource = <Body>(
  path: string | null,
  read: (path: string, signal: AbortSignal) => Promise<Body> = getJson,
): Resource<Body> => useReading(path, (signal) => read(path ?? '', signal));

/** Reads by a typed call of the API, named by `key`. */
export const useAnswer = <Data>(
  key: string | null,
  call: (signal: AbortSignal) => Promise<Answered<Data>>,
): Resource<NonNullable<Data>> => useReading(key, (signal) => answerOf(call(signal)));

/** Follows the stream while the page shows; `onFact` also hears null when a connection begins. */
export function useStream(query: string | null, onFact: (fact: StreamedFact | null) => void): void {
  const listener = useRef(onFact);
  listener.current = onFact;
  useEffect(() => {
    if (query === null) return;
    const close = openStream({
      query,
      onFact: (fact) => listener.current(fact),
      onConnection: (state) => {
        connection.value = state;
        if (state === 'live') listener.current(null);
      },
    });
    return () => {
      close();
      connection.value = null;
    };
  }, [query]);
}

/** Calls `tick` every `ms` while `active` and while the page is visible. */
export function usePolling(active: boolean, ms: number, tick: () => void): void {
  useEffect(() => {
    if (!active) return;
    const timer = setInterval(() => document.visibilityState === 'visible' && tick(), ms);
    return () => clearInterval(timer);
  }, [active, ms, tick]);
}
