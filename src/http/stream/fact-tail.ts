import type { FastifyBaseLogger } from 'fastify';
import type { SequencedFact } from '../../events/envelope.ts';
import type { EventLog } from '../../ports/event-log.ts';

export type FactListener = (facts: readonly SequencedFact[]) => Promise<void>;

/** New facts of the log as they come, read once for all who listen, without gaps. */
export interface FactTail {
  /**
   * Calls `listener` with every fact after `cursor`: first those that are there already, then new ones. Each
   * call is awaited while it catches up. Ends when `signal` aborts; rejects when the log cannot be read.
   */
  follow(cursor: number, listener: FactListener, signal: AbortSignal): Promise<void>;
  close(): void;
}

export interface FactTailOptions {
  readonly log: EventLog;
  readonly logger: FastifyBaseLogger;
  /** How often to look without a hint. */
  readonly pollMs: number;
}

const PAGE = 500;

type Listener = (facts: readonly SequencedFact[]) => void;

function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  else signal.addEventListener('abort', () => resolve(), { once: true });
  return promise;
}

export function createFactTail({ log, logger, pollMs }: FactTailOptions): FactTail {
  const listeners = new Set<Listener>();
  /** Where the shared reading stands; null while nobody listens. */
  let position: number | null = null;
  let reading = false;
  let again = false;
  let stop: (() => void) | null = null;

  /** Reads one page for all; true when there may be another. */
  async function readPage(): Promise<boolean> {
    if (position === null) return false;
    const page = await log.readFeed(position, PAGE);
    const last = page.at(-1);
    if (last === undefined || position === null) return false;
    position = last.seq;
    for (const listener of [...listeners]) listener(page);
    return page.length === PAGE;
  }

  async function readOn(): Promise<void> {
    try {
      while (again) {
        again = false;
        if (await readPage()) again = true;
      }
    } catch (err) {
      logger.warn({ err }, 'the feed cannot be read; trying again');
    } finally {
      reading = false;
    }
  }

  /** Reads what is new; a call during a reading makes it look once more. */
  function pull(): void {
    again = true;
    if (reading) return;
    reading = true;
    void readOn();
  }

  function start(at: number): void {
    position = at;
    const unsubscribe = log.onFacts(pull);
    const timer = setInterval(pull, pollMs);
    stop = () => {
      unsubscribe();
      clearInterval(timer);
      position = null;
      stop = null;
    };
  }

  function leave(listener: Listener): void {
    listeners.delete(listener);
    if (listeners.size === 0) stop?.();
  }

  /**
   * Hands over what is there already, and returns where that ended: at or after the shared position, in the turn
   * in which it was compared, so that nothing falls between. Null when the signal aborted.
   */
  async function catchUp(
    cursor: number,
    listener: FactListener,
    signal: AbortSignal,
  ): Promise<number | null> {
    const behind = (seq: number): boolean => position !== null && seq < position;
    let own = cursor;
    let page: readonly SequencedFact[];
    do {
      page = await log.readFeed(own, PAGE);
      own = page.at(-1)?.seq ?? own;
      await listener(page);
      if (signal.aborted) return null;
    } while (page.length === PAGE || behind(own));
    return own;
  }

  const follow: FactTail['follow'] = async (cursor, listener, signal) => {
    const own = await catchUp(cursor, listener, signal);
    if (own === null) return;
    const live: Listener = (facts) => {
      const news = facts.filter(({ seq }) => seq > own);
      if (news.length > 0) void listener(news);
    };
    listeners.add(live);
    if (position === null) start(own);
    pull();
    await aborted(signal);
    leave(live);
  };

  return { follow, close: () => stop?.() };
}
