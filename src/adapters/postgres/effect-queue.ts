import type pg from 'pg';
import type { Due, Lane } from '../../events/effect.ts';
import type { EffectCause, EffectQueue, LeasedEffect } from '../../ports/effect-queue.ts';
import { type EventLog, LeaseLost, type LeaseToken } from '../../ports/event-log.ts';
import { queries } from './effect-queries.ts';
import type { Bell } from './notifications.ts';
import { storable } from './storable.ts';

export interface EffectQueueOptions {
  readonly pool: pg.Pool;
  /** Writes the completions, together with commits that wait at the same moment. */
  readonly log: Pick<EventLog, 'commit'>;
  /** Rings when effects may have become due, here or on another node. */
  readonly due: Bell;
}

interface LeasedRow {
  readonly key: string;
  readonly stream_id: string;
  readonly type: string;
  readonly lane: Lane;
  readonly tenant: string;
  readonly data: unknown;
  readonly due: Due | null;
  readonly attempts: number;
  readonly forgiven: number;
  readonly visible_at: Date;
  readonly waited: number | null;
  readonly correlation: string | null;
  readonly trace: string | null;
}

/** How each lane's effects are chosen: places for slow ones are few, and shared out among tenants. */
const CLAIMS: Readonly<Record<Lane, string>> = { quick: 'claim_effects', slow: 'claim_effects_fairly' };

const LEASED_COLUMNS = 'key, stream_id, type, lane, tenant, data, due, attempts, forgiven, visible_at';

const WAITED = `case when attempts = 1 and due is null then extract(epoch from now() - enqueued_at)::float8 end as waited`;

/**
 * With `c`, the claimed effects: what the fact that asked for each says of where it comes from. The lateral limit keeps
 * the planner at one index probe an effect.
 */
const WITH_CAUSE = `
  left join lateral (
    select e.metadata->>'correlationId' as correlation, e.metadata->>'trace' as trace from lifo4.event e
    where e.stream_id = c.stream_id and e.version = substring(c.key from '@([0-9]{1,9})#')::integer limit 1
  ) f on true`;

/** Rows deleted in one transaction: a longer one would hold the feed's readers up. */
const PRUNED_AT_ONCE = 2_000;

/**
 * An effect is held by whoever claimed it last, until it ends: a lapsed lease is held until another takes it. Written
 * so that only the key's own index will do, whatever the planner believed about the table (0008).
 */
const HELD = 'key = $1 and attempts = $2 and worker is not null and num_nulls(done_at, dead_at) = 2';

const causeOf = ({ correlation, trace }: LeasedRow): EffectCause | null =>
  correlation === null ? null : { correlationId: correlation, ...(trace === null ? {} : { trace }) };

const leased = (row: LeasedRow): LeasedEffect => ({
  key: row.key,
  attempts: row.attempts,
  tries: row.attempts - row.forgiven,
  streamId: row.stream_id,
  effect: {
    type: row.type,
    data: row.data,
    lane: row.lane,
    ...(row.due === null ? {} : { due: row.due }),
  },
  tenant: row.tenant,
  cause: causeOf(row),
  waitedSeconds: row.waited,
  leaseUntil: row.visible_at,
});

/** What a worker does with the effects it leased. */
function leaseOperations({ pool, log, due }: EffectQueueOptions) {
  const change = async (name: string, text: string, values: readonly unknown[]): Promise<boolean> => {
    const { rowCount } = await pool.query({ name, text, values: [...values] });
    return rowCount === 1;
  };
  const must = async (lease: LeaseToken, changed: Promise<boolean>): Promise<void> => {
    if (!(await changed)) throw new LeaseLost(lease.key);
  };
  return {
    heartbeat: async (lease, leaseMs, progress) => {
      const { rows } = await pool.query<{ cancel_requested: boolean }>({
        name: 'effect-heartbeat',
        text: `update lifo4.effect set visible_at = now() + $3 * interval '1 millisecond',
                 progress = coalesce($4::jsonb, progress) where ${HELD} returning cancel_requested`,
        values: [
          lease.key,
          lease.attempts,
          leaseMs,
          progress === undefined ? null : JSON.stringify(progress),
        ],
      });
      const row = rows[0];
      if (row === undefined) return 'lost';
      return row.cancel_requested ? 'cancel-requested' : 'held';
    },
    complete: (lease) => log.commit({ appends: [], completes: lease }),
    // An effect that was asked to stop meanwhile is not tried again.
    retry: (lease, error, delayMs) =>
      must(
        lease,
        change(
          'effect-retry',
          `update lifo4.effect set worker = null, error = $3, visible_at = now() + $4 * interval '1 millisecond',
             done_at = case when cancel_requested then now() end where ${HELD}`,
          [lease.key, lease.attempts, storable(error), delayMs],
        ),
      ),
    release: async (lease, delayMs = 0) => {
      const text = `update lifo4.effect set worker = null, forgiven = forgiven + 1,
        visible_at = now() + $3 * interval '1 millisecond',
        done_at = case when cancel_requested then now() end where ${HELD}`;
      const given = await change('effect-release', text, [lease.key, lease.attempts, delayMs]);
      if (given && delayMs === 0) due.ring();
    },
    bury: (lease, error) =>
      must(
        lease,
        change(
          'effect-bury',
          `update lifo4.effect set worker = null, error = $3, dead_at = now() where ${HELD}`,
          [lease.key, lease.attempts, storable(error)],
        ),
      ),
  } satisfies Partial<EffectQueue>;
}

/**
 * The effect queue on Postgres, as `EffectQueue` promises it; what facts ask for is enqueued by the log's `commit`.
 */
export function createPostgresEffectQueue(options: EffectQueueOptions): EffectQueue {
  const { pool, log, due } = options;
  /** Effects changed here may be due on any node. */
  const wakeAll = async (): Promise<void> => {
    await pool.query("select pg_notify('lifo4_effects', '')");
  };
  return {
    claim: async ({ worker, lane, limit, leaseMs, siteNow }) => {
      if (limit < 1) return [];
      const { rows } = await pool.query<LeasedRow>({
        name: `claim-${lane}-effects`,
        text: `select ${LEASED_COLUMNS}, ${WAITED}, f.correlation, f.trace
               from lifo4.${CLAIMS[lane]}($1, $2, $3, $4 * interval '1 millisecond', $5) c ${WITH_CAUSE}
               where done_at is null`,
        values: [worker, lane, limit, leaseMs, siteNow],
      });
      return rows.map(leased);
    },
    claimOne: async (key, worker, leaseMs) => {
      const { rows } = await pool.query<LeasedRow>({
        name: 'claim-one-effect',
        text: `with c as (
                 update lifo4.effect set attempts = attempts + 1, worker = $2, clock = 'machine',
                   visible_at = now() + $3 * interval '1 millisecond'
                 where key = $1 and num_nulls(done_at, dead_at) = 2 and not cancel_requested
                   and clock = 'machine' and visible_at <= now()
                 returning ${LEASED_COLUMNS}, ${WAITED}
               ) select ${LEASED_COLUMNS}, waited, f.correlation, f.trace from c ${WITH_CAUSE}`,
        values: [key, worker, leaseMs],
      });
      return rows.map(leased)[0] ?? null;
    },
    enqueue: async (streamId, effects) => {
      await log.commit({ appends: [{ streamId, expectedVersion: 0, facts: [], effects, registry: [] }] });
      await wakeAll();
    },
    ...leaseOperations(options),
    ...queries(pool),
    redrive: async ({ key, type, tenant }) => {
      const { rowCount } = await pool.query(
        `update lifo4.effect set dead_at = null, worker = null, error = null, forgiven = attempts, clock = 'machine',
           visible_at = now(), cancel_requested = false
         where dead_at is not null and done_at is null and key = coalesce($1, key) and type = coalesce($2, type)
           and tenant = coalesce($3, tenant)`,
        [key ?? null, type ?? null, tenant ?? null],
      );
      await wakeAll();
      return rowCount ?? 0;
    },
    cancel: async (streamId, type) => {
      await pool.query(
        `update lifo4.effect set cancel_requested = true,
           done_at = case when worker is null or visible_at <= now() then now() end
         where stream_id = $1 and type = coalesce($2, type) and done_at is null and dead_at is null`,
        [streamId, type ?? null],
      );
    },
    prune: async (olderThanMs) => {
      let pruned = 0;
      for (;;) {
        const { rowCount } = await pool.query({
          name: 'prune-effects',
          text: `delete from lifo4.effect where ctid = any (array(select ctid from lifo4.effect
                   where done_at < now() - $1 * interval '1 millisecond' limit ${PRUNED_AT_ONCE}))`,
          values: [olderThanMs],
        });
        pruned += rowCount ?? 0;
        if ((rowCount ?? 0) < PRUNED_AT_ONCE) return pruned;
      }
    },
    hasten: async () => {
      await pool.query({
        name: 'hasten-effects',
        text: `update lifo4.effect set visible_at = now()
          where done_at is null and dead_at is null and clock = 'machine' and worker is null
            and attempts = forgiven and visible_at > now()`,
      });
      await wakeAll();
    },
    onEffects: (listener) => due.on(listener),
  };
}
