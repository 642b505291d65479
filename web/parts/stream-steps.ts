import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { StreamSteps } from '../../src/client/client.ts';
import { getJson, Problem } from '../api.ts';
import type { StreamedFact } from '../contract.ts';
import { extended, type StreamHistory } from '../fold.ts';

export interface StreamReading {
  readonly history: StreamHistory | null;
  readonly problem: Problem | null;
  /** Reads what came after the last fact that is there. */
  readonly refresh: () => void;
  /** A fact of the log: reads on when it is one of this stream and not there yet. Null: all may be outdated. */
  readonly hear: (fact: StreamedFact | null) => void;
}

const RETRY_MS = 3_000;
const asProblem = (error: unknown): Problem =>
  error instanceof Problem ? error : new Problem(0, { title: 'unreadable', detail: String(error) });

/** Reads pages after what is known until the history is whole, and tells of each. */
async function readOn(
  streamId: string,
  known: StreamHistory | null,
  tell: (history: StreamHistory) => void,
  signal: AbortSignal,
): Promise<void> {
  let history = known;
  let after: number | null = known?.steps.length ?? 0;
  while (after !== null) {
    const path = `/streams/${encodeURIComponent(streamId)}/steps?after=${after}`;
    const page: StreamSteps = await getJson(path, signal);
    history = extended(history, page);
    tell(history);
    after = page.next;
  }
}

/** A stream's history: read once, then only what is new. One reading at a time; a wish meanwhile makes one more. */
export function useStreamSteps(streamId: string): StreamReading {
  const [history, setHistory] = useState<StreamHistory | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const latest = useRef<StreamHistory | null>(null);
  const wanted = useRef<() => void>(() => undefined);

  useEffect(() => {
    const ending = new AbortController();
    let reading = false;
    let again = false;
    let retry: ReturnType<typeof setTimeout> | undefined;
    const tell = (known: StreamHistory) => {
      latest.current = known;
      setHistory(known);
    };
    const fail = (error: unknown) => {
      if (ending.signal.aborted) return;
      const found = asProblem(error);
      setProblem(found);
      if (found.status === 0 || found.status >= 500) retry = setTimeout(read, RETRY_MS);
    };
    function read(): void {
      again = reading;
      if (reading || ending.signal.aborted) return;
      clearTimeout(retry);
      reading = true;
      readOn(streamId, latest.current, tell, ending.signal)
        .then(() => setProblem(null), fail)
        .finally(() => {
          reading = false;
          if (again) read();
        });
    }
    wanted.current = read;
    read();
    return () => {
      ending.abort();
      clearTimeout(retry);
      latest.current = null;
    };
  }, [streamId]);

  const refresh = useCallback(() => wanted.current(), []);
  const hear = (fact: StreamedFact | null): void => {
    const isNew = fact?.streamId === streamId && fact.version > (latest.current?.steps.length ?? 0);
    if (fact === null || isNew) refresh();
  };
  return { history, problem, refresh, hear };
}
