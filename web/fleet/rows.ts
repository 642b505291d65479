import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { FleetPage, FleetSite } from '../../src/client/client.ts';
import { answerOf, api, Problem } from '../api.ts';
import type { Filter } from './filter.ts';
import type { Sight } from './sight.ts';

/** Rows of one request. */
const PAGE = 100;
const RETRY_MS = 3_000;

type Counts = FleetPage['counts'];
type Pages = ReadonlyMap<number, readonly FleetSite[]>;

interface Known {
  /** The filter that the pages belong to. */
  readonly key: string;
  readonly total: number;
  readonly counts: Counts;
  readonly pages: Pages;
}

export interface FleetRows {
  /** Null before the first answer. */
  readonly total: number | null;
  readonly counts: Counts | null;
  readonly problem: Problem | null;
  /** Undefined where it is not read yet. */
  readonly row: (index: number) => FleetSite | undefined;
  /** Reads again what is in sight. */
  readonly refresh: () => void;
}

const fetchPage = (filter: Filter, page: number, signal: AbortSignal): Promise<FleetPage> => {
  const query = { ...filter, offset: page * PAGE, limit: PAGE };
  return answerOf(api.GET('/api/v1/fleet/sites', { params: { query }, signal }));
};

/** The same sites in the places where they stood: nothing moves under the reader's pointer. */
function inPlace(before: readonly FleetSite[], after: readonly FleetSite[]): readonly FleetSite[] {
  const byId = new Map(after.map((site) => [site.systemId, site]));
  return before.every(({ systemId }) => byId.has(systemId))
    ? before.map((site) => byId.get(site.systemId) ?? site)
    : after;
}

function withPage(known: Known | null, key: string, page: number, answer: FleetPage, hold: boolean): Known {
  const pages = new Map(known?.key === key ? known.pages : []);
  const before = pages.get(page);
  pages.set(page, hold && before !== undefined ? inPlace(before, answer.items) : answer.items);
  return { key, pages, total: answer.total, counts: answer.counts };
}

const keep = (pages: Pages, from: number, to: number): Pages =>
  new Map([...pages].filter(([page]) => page >= from && page <= to));

/** The rows in sight of however many: pages are read as they are scrolled to, and kept up while they are seen. */
export function useFleetRows(
  filter: Filter,
  { from, to, hold }: Pick<Sight, 'from' | 'to' | 'hold'>,
): FleetRows {
  const [known, setKnown] = useState<Known | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  const fresh = useRef({ key: '', round: -1, pages: new Set<number>() });
  const key = JSON.stringify(filter);
  // Once it is known how many there are, nothing is asked for beyond them.
  const end = known?.key === key ? Math.max(0, known.total - 1) : to;
  const [first, last] = [from, to].map((row) => Math.floor(Math.min(row, end) / PAGE)) as [number, number];

  useEffect(() => {
    const reading = new AbortController();
    let retry: ReturnType<typeof setTimeout> | undefined;
    if (fresh.current.key !== key || fresh.current.round !== round) {
      fresh.current = { key, round, pages: new Set() };
      setKnown((before) => before && { ...before, pages: keep(before.pages, first, last) });
    }
    const { pages } = fresh.current;
    const read = async (page: number) => {
      const answer = await fetchPage(filter, page, reading.signal);
      pages.add(page);
      setProblem(null);
      setKnown((before) => withPage(before, key, page, answer, hold()));
    };
    const fail = (error: unknown) => {
      if (reading.signal.aborted) return;
      setProblem(
        error instanceof Problem ? error : new Problem(0, { title: 'unreadable', detail: String(error) }),
      );
      retry ??= setTimeout(() => setRound((n) => n + 1), RETRY_MS);
    };
    for (let page = first; page <= last; page += 1) if (!pages.has(page)) read(page).catch(fail);
    return () => {
      reading.abort();
      clearTimeout(retry);
    };
  }, [key, first, last, round]);

  return {
    total: known?.total ?? null,
    counts: known?.counts ?? null,
    problem,
    row: (index) => known?.pages.get(Math.floor(index / PAGE))?.[index % PAGE],
    refresh: useCallback(() => setRound((n) => n + 1), []),
  };
}
