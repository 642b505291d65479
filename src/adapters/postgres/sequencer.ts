import type pg from 'pg';
import type { Logger } from 'pino';

/** How far the feed is behind the log. */
export interface FeedHealth {
  readonly headSeq: number;
  /** Seconds that the oldest fact without a `seq` has waited, by the database's clock; 0 when none waits. */
  readonly stalledSeconds: number;
}

export interface Sequencer {
  /** Facts were committed: sequence them soon, at most once every 50 ms. */
  poke(): void;
  health(): FeedHealth;
  close(): Promise<void>;
}

export interface SequencerOptions {
  readonly pool: pg.Pool;
  readonly logger: Logger;
  readonly onSequenced: () => void;
  /** Longest time between two looks, in ms. Default 1000. */
  readonly pollMs?: number | undefined;
  /** Seconds after which a waiting fact is reported as stalled. Default 5. */
  readonly stallSeconds?: number | undefined;
}

/** Under steady writing a round each 20 ms would cost a lone writer a twentieth of its rate; after a pause the first
 * commit is sequenced at once. */
const THROTTLE_MS = 50;
const BATCH = 2_000;
const STALL_LOG_EVERY_MS = 30_000;

interface Round {
  readonly leader: boolean | null;
  readonly sequenced: number | null;
  readonly head: string | null;
  readonly waited: number | null;
}

/** The transaction that holds the feed back: nothing after the oldest running transaction may be sequenced. */
async function oldestTransaction(pool: pg.Pool): Promise<unknown> {
  const { rows } = await pool.query(
    `select pid, datname, application_name, state, xact_start, left(query, 200) as query
     from pg_stat_activity where backend_xid is not null order by xact_start limit 1`,
  );
  return rows[0] ?? 'a prepared transaction, or one that this user may not see';
}

/**
 * Keeps giving `seq` to committed facts. Every node runs one; an advisory lock lets one work at a time, so a dead
 * node needs no take-over. It stalls while any transaction of the cluster stays open: that is logged and measured.
 */
export function createSequencer(options: SequencerOptions): Sequencer {
  const { pool, logger, pollMs = 1_000, stallSeconds = 5 } = options;
  let health: FeedHealth = { headSeq: 0, stalledSeconds: 0 };
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | null = null;
  let poked = false;
  let closed = false;
  let lastStart = 0;
  let lastStallLog = 0;

  const reportStall = async (): Promise<void> => {
    if (health.stalledSeconds < stallSeconds || Date.now() - lastStallLog < STALL_LOG_EVERY_MS) return;
    lastStallLog = Date.now();
    const holder = await oldestTransaction(pool);
    logger.warn(
      { ...health, holder },
      'the feed waits for a long-open transaction: end it, readers see nothing new',
    );
  };

  const round = async (): Promise<boolean> => {
    const { rows } = await pool.query<Round>({
      name: 'sequence-facts',
      text: `select leader, sequenced, head, extract(epoch from clock_timestamp() - pending_since)::float8 as waited
             from lifo4.sequence_facts($1)`,
      values: [BATCH],
    });
    const result = rows[0];
    if (result?.leader !== true) return true;
    health = { headSeq: Number(result.head), stalledSeconds: Math.max(0, result.waited ?? 0) };
    if (result.sequenced !== null && result.sequenced > 0) options.onSequenced();
    await reportStall();
    return result.waited !== null && result.waited < stallSeconds;
  };

  const start = (): void => {
    poked = false;
    lastStart = Date.now();
    running = round()
      .catch((error: unknown) => {
        if (!closed) logger.warn({ err: error }, 'sequencing failed; trying again');
        return false;
      })
      .then((more) => {
        running = null;
        schedule(more || poked ? THROTTLE_MS : pollMs);
      });
  };
  const schedule = (delayMs: number): void => {
    if (closed) return;
    clearTimeout(timer);
    timer = setTimeout(start, Math.max(0, lastStart + delayMs - Date.now()));
  };

  start();
  return {
    poke: () => {
      if (poked) return;
      poked = true;
      if (running === null) schedule(THROTTLE_MS);
    },
    health: () => health,
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };
}
