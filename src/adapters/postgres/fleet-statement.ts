import type { FleetOrder } from '../../ports/fleet-sites.ts';

/** A device forecasts each hour; one that has missed two is stale. */
const STALE = "interval '2 hours'";

/** What each order sorts by, ascending; sites without a value come last, and equal ones by name. */
const SORTED_BY: Readonly<Record<FleetOrder, string>> = {
  name: '0',
  mape: '-s.mape_7',
  'forecast-age': 'extract(epoch from s.forecast_at)',
  alerts: '-nullif(s.open_alerts + s.acknowledged_alerts, 0)',
  'next-retrain': 'extract(epoch from (s.next_retrain)::timestamptz)',
};

/** By name the other way round there is no value to turn. */
function orderOf(
  order: FleetOrder,
  reversed: boolean,
): { readonly value: string; readonly direction: string } {
  const turned = reversed && order !== 'name' ? '-' : '';
  return {
    value: `coalesce((${turned}(${SORTED_BY[order]}))::float8, 'infinity')`,
    direction: reversed && order === 'name' ? 'desc' : 'asc',
  };
}

/**
 * One statement over all sites of a tenant, which keeps only a few columns of each until the page is cut out.
 * $1 tenant, $2 sites, $3 text, $4 states, $5 differences, $6 now, $7 and $8 value and key of the cursor, $9 limit,
 * $10 offset. Answers one row with `counts`, `total` and `rows`.
 */
export function fleetStatement(order: FleetOrder, reversed: boolean, continued: boolean): string {
  const { value, direction } = orderOf(order, reversed);
  const after = direction === 'asc' ? '>' : '<';
  return `with alert as materialized (
      select a.system_id, count(*) filter (where a.status = 'open')::integer as open,
        count(*) filter (where a.status = 'acknowledged')::integer as acknowledged
      from lifo4.read_model a
      where a.projection = 'alerts' and a.status in ('open', 'acknowledged') and a.tenant = $1 group by a.system_id
    ), site as materialized (
      select r.key, lifo4.site_difference(r.doc) as difference, f.issued_at as forecast_at,
        jsonb_typeof(r.doc -> 'deviceId') = 'string' and jsonb_typeof(r.doc -> 'running') = 'object' as forecasts,
        jsonb_typeof(r.doc -> 'retrainsPaused') = 'string' as paused, r.doc ->> 'nextRetrain' as next_retrain,
        s.mape_7, coalesce(a.open, 0) as open_alerts, coalesce(a.acknowledged, 0) as acknowledged_alerts
      from lifo4.read_model r
      left join lifo4.last_forecast f on f.system_id = r.key
      left join lifo4.site_score s on s.system_id = r.key
      left join alert a on a.system_id = r.key
      where r.projection = 'sites' and r.tenant = $1 and r.status = 'registered'
        and ($2::text[] is null or r.key = any($2::text[]))
        and ($3::text is null or position($3::text in
          lower(concat_ws(' ', r.key, r.doc ->> 'zone', r.doc ->> 'deviceId'))) > 0)
    ), stated as materialized (
      select site.*, array_remove(array[
        case when difference is not null then 'differs' end,
        case when difference = 'unanswered' then 'unanswered' end,
        case when forecasts and (forecast_at is null or forecast_at < $6::timestamptz - ${STALE})
          then 'stale-forecast' end,
        case when open_alerts > 0 then 'open-alert' end,
        case when paused then 'paused' end], null) as states
      from site
    ), found as materialized (
      select s.*, ${value} as place from stated s
      where ($4::text[] is null or s.states && $4::text[]) and ($5::text[] is null or s.difference = any($5::text[]))
    ), page as (
      select * from found
      where ${continued ? `place > $7::float8 or (place = $7::float8 and key ${after} $8::text collate "C")` : 'coalesce($7::text, $8::text) is null'}
      order by place, key collate "C" ${direction} limit $9 offset $10
    )
    select
      (select jsonb_object_agg(state, sites) from (
        select state, count(*)::integer as sites from stated cross join unnest(array_append(states, 'all')) as state
        group by state) c) as counts,
      (select count(*)::integer from found) as total,
      (select jsonb_agg(jsonb_build_object('place', p.place::text, 'doc', r.doc, 'difference', p.difference,
          'states', p.states, 'forecastAt', p.forecast_at,
          'age', greatest(0, extract(epoch from $6::timestamptz - p.forecast_at))::integer,
          'until', s.until, 'mape7', s.mape_7, 'mape28', s.mape_28, 'trend', s.trend,
          'openAlerts', p.open_alerts, 'acknowledgedAlerts', p.acknowledged_alerts)
          order by p.place, p.key collate "C" ${direction})
        from page p join lifo4.read_model r on r.projection = 'sites' and r.key = p.key
        left join lifo4.site_score s on s.system_id = p.key) as rows`;
}
