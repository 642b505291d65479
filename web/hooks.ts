import { signal } from '@preact/signals';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { getJson, Problem } from './api.ts';
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
const RETRY_MS = 3_000;

/** Reads a resource, again at each `refresh`; keeps the last good answer while the server cannot be reached. */
export function useResource<Body>(
  path: string | null,
  read: (path: string, signal: AbortSignal) => Promise<Body> = getJson,
): Resource<Body> {
  const [body, setBody] = useState<Body | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  const gathering = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  const refresh = useCallback((wait = GATHER_MS) => {
    gathering.current ??= setTimeout(() => {
      gathering.current = undefined;
      setRound((n) => n + 1);
    }, wait);
  }, []);

  useEffect(() => {
    if (path === null) return;
    const reading = new AbortController();
    read(path, reading.signal).then(
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
  }, [path, read, round, refresh]);
  useEffect(() => () => clearTimeout(gathering.current), []);

  return { body, problem, refresh: useCallback(() => refresh(), [refresh]) };
}

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
