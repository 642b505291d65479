import type pg from 'pg';
import type { EffectCounts, EffectProgress, EffectQueue } from '../../ports/effect-queue.ts';

interface ProgressRow {
  readonly key: string;
  readonly stream_id: string;
  readonly type: string;
  readonly state: EffectProgress['state'];
  readonly tries: number;
  readonly progress: unknown;
  readonly error: string | null;
  readonly visible_at: Date;
}

interface OutstandingRow {
  readonly due: readonly string[] | null;
  readonly resting: readonly string[] | null;
  readonly next_at: Date | null;
}

const STATE = `case when dead_at is not null then 'dead' when worker is not null and visible_at > now() then 'running'
  when attempts - forgiven > 0 then 'retrying' else 'waiting' end`;

const PROGRESS_COLUMNS = `key, stream_id, type, ${STATE} as state, attempts - forgiven as tries, progress, error, visible_at`;

const progressOf = (row: ProgressRow): EffectProgress => ({
  key: row.key,
  streamId: row.stream_id,
  type: row.type,
  state: row.state,
  attempts: row.tries,
  progress: row.progress,
  error: row.error,
  visibleAt: row.visible_at,
});

/** What operators and pages ask about effects. */
export function queries(pool: pg.Pool) {
  return {
    ofStream: async (streamId) => {
      const { rows } = await pool.query<ProgressRow>({
        name: 'effects-of-stream',
        text: `select ${PROGRESS_COLUMNS} from lifo4.effect where stream_id = $1 and done_at is null order by enqueued_at, key`,
        values: [streamId],
      });
      return rows.map(progressOf);
    },
    dead: async (limit, tenant) => {
      const { rows } = await pool.query<ProgressRow>(
        `select ${PROGRESS_COLUMNS} from lifo4.effect where dead_at is not null and done_at is null
           and tenant = coalesce($2, tenant) order by dead_at desc, key limit $1`,
        [limit, tenant ?? null],
      );
      return rows.map(progressOf);
    },
    outstanding: async (siteNow) => {
      const { rows } = await pool.query<OutstandingRow>({
        name: 'outstanding-effects',
        text: `select array_agg(distinct type order by type) filter (where is_due) as due,
            array_agg(distinct type order by type) filter (where not is_due and clock = 'machine') as resting,
            min(visible_at) filter (where not is_due and clock = 'site') as next_at
          from (select type, clock, visible_at, case clock when 'site' then visible_at <= $1
              else visible_at <= now() or worker is not null or attempts > forgiven end as is_due
            from lifo4.effect where done_at is null and dead_at is null) live`,
        values: [siteNow],
      });
      const { due = null, resting = null, next_at: nextAt = null } = rows[0] ?? {};
      return { due: due ?? [], resting: resting ?? [], nextAt };
    },
    counts: async () => {
      const { rows } = await pool.query<EffectCounts>(
        `select type, count(*) filter (where state = 'waiting')::integer as waiting,
           count(*) filter (where state = 'running')::integer as running,
           count(*) filter (where state = 'retrying')::integer as retrying,
           count(*) filter (where state = 'dead')::integer as dead,
           coalesce(extract(epoch from now() - min(visible_at)
             filter (where state in ('waiting', 'retrying') and visible_at <= now() and clock = 'machine')), 0)::float8
             as "oldestWaitSeconds"
         from (select type, ${STATE} as state, visible_at, clock from lifo4.effect where done_at is null) live
         group by type order by type`,
      );
      return rows;
    },
  } satisfies Partial<EffectQueue>;
}
