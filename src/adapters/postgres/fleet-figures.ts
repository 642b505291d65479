import type pg from 'pg';
import type { CountFleet, FleetFigures, ForecastAges } from '../../ports/fleet-figures.ts';

const STATES = `select projection as list, status, count(*)::integer as count from lifo4.read_model
  where projection = any(array['jobs', 'deployments', 'alerts', 'rollouts']) and status is not null
  group by projection, status order by projection, status`;

const ROLLOUT_SITES = `select c.key as outcome, sum(c.value::integer)::integer as count
  from lifo4.read_model r cross join lateral jsonb_each_text(r.doc -> 'counts') c
  where r.projection = 'rollouts' group by c.key order by c.key`;

const LAGS = `with head as (select coalesce(max(seq), 0) as seq from lifo4.feed)
  select r.reader, greatest(0, head.seq - r.seq)::integer as facts
  from (select projection as reader, seq from lifo4.checkpoint union all select name, seq from lifo4.feed_reader) r
  cross join head order by r.reader`;

const OLDEST = `select coalesce(max(extract(epoch from clock_timestamp() - xact_start)), 0)::float8 as seconds
  from pg_stat_activity where backend_xid is not null and pid <> pg_backend_pid()`;

/**
 * One pass over the sites and one over a day of forecasts, put together by sorting. Neither a join nor a look-up for
 * each site: by forecasts' age or by a plan for an empty table, the server took minutes for those at 10,000 sites.
 */
const FORECASTS = `select class, count(*)::integer as sites, (count(*) - count(age))::integer as without,
    percentile_cont(0.5) within group (order by age) as median,
    percentile_cont(0.95) within group (order by age) as p95, max(age) as oldest
  from (
    select max(each.class) as class,
      case when max(each.issued_at) is not null
        then greatest(0, extract(epoch from $1::timestamptz - max(each.issued_at)))::float8 end as age
    from (
      select s.key, case when jsonb_typeof(s.doc -> 'contract') = 'object' then 'contract' else 'no-contract' end as class,
        null::timestamptz as issued_at
      from lifo4.read_model s
      where s.projection = 'sites' and s.status = 'registered' and s.doc ->> 'deviceId' is not null
      union all
      select f.system_id, null, f.issued_at from lifo4.forecast f where f.issued_at > $1::timestamptz - interval '1 day'
    ) each group by each.key having max(each.class) is not null
  ) ages group by class order by class`;

/** Counts by five statements, each of one pass; see `FleetFigures`. */
export function createPostgresFleetFigures({ pool }: { readonly pool: pg.Pool }): CountFleet {
  return async (siteNow) => {
    const [states, rolloutSites, lags, oldest, forecasts] = await Promise.all([
      pool.query<FleetFigures['states'][number]>(STATES),
      pool.query<FleetFigures['rolloutSites'][number]>(ROLLOUT_SITES),
      pool.query<FleetFigures['lags'][number]>(LAGS),
      pool.query<{ seconds: number }>(OLDEST),
      pool.query<ForecastAges>(FORECASTS, [siteNow]),
    ]);
    return {
      states: states.rows,
      rolloutSites: rolloutSites.rows,
      lags: lags.rows,
      oldestTransactionSeconds: oldest.rows[0]?.seconds ?? 0,
      forecasts: forecasts.rows,
    };
  };
}
