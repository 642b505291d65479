import type { FactRules } from '../../events/catalogue.ts';
import type { Metadata, RecordedFact, SequencedFact } from '../../events/envelope.ts';

export interface FactRow {
  readonly stream_id: string;
  readonly version: number;
  readonly event_id: string;
  readonly type: string;
  readonly data: unknown;
  readonly metadata: Metadata;
  readonly recorded_at: Date;
}

export interface FeedRow extends FactRow {
  /** bigint, as text. */
  readonly seq: string;
}

export const FACT_COLUMNS = 'e.stream_id, e.version, e.event_id, e.type, e.data, e.metadata, e.recorded_at';

/** A stored row as a fact of today's schema. Throws `InvalidFact` when no upcast leads there. */
export const toFact = (rules: FactRules, row: FactRow): RecordedFact => ({
  streamId: row.stream_id,
  version: row.version,
  eventId: row.event_id,
  fact: { type: row.type, data: rules.upcast(row.stream_id, row.type, row.metadata.schema, row.data) },
  metadata: row.metadata,
  recordedAt: row.recorded_at.toISOString(),
});

export const toSequencedFact = (rules: FactRules, row: FeedRow): SequencedFact => ({
  ...toFact(rules, row),
  seq: Number(row.seq),
});

/**
 * One page of the feed, `$1` exclusive, `$2` rows. `seq` is dense, so that the page is an exact range; the lateral
 * limit keeps the planner at one index probe a row, whatever it believed about the table's size.
 */
export const FEED_PAGE = `
  select f.seq, e.* from lifo4.feed f
  cross join lateral (
    select ${FACT_COLUMNS} from lifo4.event e
    where e.epoch = f.epoch and e.tx_id = f.tx_id and e.position = f.position limit 1
  ) e
  where f.seq > $1::bigint and f.seq <= $1::bigint + $2::integer
  order by f.seq`;
