import type pg from 'pg';
import type { FactRules } from '../../events/catalogue.ts';
import type { Commit, EventLog, RegistryEntry } from '../../ports/event-log.ts';
import { createCommit } from './commit.ts';
import { FEED_PAGE, type FeedRow, toSequencedFact } from './facts.ts';
import { createRegistryReader, createSiteReader, createStreamReader } from './log-reads.ts';
import type { Bell } from './notifications.ts';

export interface EventLogOptions {
  readonly pool: pg.Pool;
  /** Called after every commit, in the committing process: the sequencer and local workers wake by it. */
  readonly onCommitted: (commit: Commit) => void;
  /** Rings when facts were sequenced, here or on another node. */
  readonly sequenced: Bell;
  readonly rules: FactRules;
}

const MAX_PAGE = 5_000;

/** The log on Postgres, as `EventLog` promises it. */
export function createPostgresEventLog(options: EventLogOptions): EventLog {
  const { pool, rules } = options;
  const write = createCommit(pool, rules);
  const readStream = createStreamReader(pool, rules);
  const lookup = createRegistryReader(pool);
  return {
    commit: async (commit) => {
      await write(commit);
      options.onCommitted(commit);
    },
    readStream: (streamId, afterVersion = 0) => readStream({ streamId, afterVersion }),
    readSite: createSiteReader(pool, rules),
    lookup: (kind, key) => lookup({ kind, key }),
    entries: async (kind, afterKey, limit) => {
      const { rows } = await pool.query<RegistryEntry>({
        name: 'registry-entries',
        text: 'select key, value from lifo4.registry where kind = $1 and key > $2 order by key limit $3',
        values: [kind, afterKey, Math.max(0, limit)],
      });
      return rows;
    },
    readFeed: async (afterSeq, limit) => {
      const values = [afterSeq, Math.min(Math.max(0, limit), MAX_PAGE)];
      const { rows } = await pool.query<FeedRow>({ name: 'read-feed', text: FEED_PAGE, values });
      return rows.map((row) => toSequencedFact(rules, row));
    },
    headSeq: async () => {
      const { rows } = await pool.query<{ head: string | null }>({
        name: 'head-seq',
        text: 'select max(seq) as head from lifo4.feed',
      });
      return Number(rows[0]?.head ?? 0);
    },
    onFacts: (listener) => options.sequenced.on(listener),
  };
}
