-- What each model of the version that a device served would have forecast at the first hour of a local day, leads 1 to
-- 24, worked out when the day is over from what was known at that hour.
create table lifo4.member_forecast (
  system_id text not null,
  model text not null,
  day date not null,
  issued_at timestamptz not null,
  version text not null,
  load_kw real[] not null,
  lower_kw real[] not null,
  upper_kw real[] not null,
  primary key (system_id, day, model)
);
create index member_forecast_age on lifo4.member_forecast (issued_at);

-- Days whose models are being worked out, or were: each by one node, another one when that is gone.
create table lifo4.member_day (
  system_id text not null,
  day date not null,
  attempts smallint not null,
  lease_until timestamptz not null,
  done boolean not null default false,
  primary key (system_id, day)
);
create index member_day_age on lifo4.member_day (day);
create index score_day_served on lifo4.score_day (day) where model = 'device' and version is not null;

-- Hours whose forecasts by others than the device are new: the errors by hour stay as they are.
alter table lifo4.unscored add column days_only boolean not null default false;

-- The place of a day among all changes of days. Scoring is done by one transaction after the other, so that who has
-- read up to a place has missed nothing.
create sequence lifo4.score_change;
alter table lifo4.score_day add column change bigint not null default nextval('lifo4.score_change');
create index score_day_change on lifo4.score_day (change);
create table lifo4.score_copy (
  target text primary key,
  change bigint not null
);

-- As before, and the days of the other models too. A day that comes out as it was keeps its place among the changes.
create or replace function lifo4.score_arrivals(
  max_ranges integer, out leader boolean, out ranges integer, out hours integer, out days integer)
language plpgsql set enable_seqscan = off as $$
declare
  sites text[];
  instants timestamptz[];
  -- Hours of which only the days are to be scored again.
  for_days boolean[];
  -- Whether the site measures these beside its meter: an hour without them is then no whole load.
  with_battery boolean[];
  with_pv boolean[];
begin
  ranges := 0; hours := 0; days := 0;
  leader := pg_try_advisory_xact_lock(1279870516, 3);
  if not leader then return; end if;
  with taken as materialized (
    delete from lifo4.unscored u where u.id in (
      select w.id from lifo4.unscored w
      where exists (select from lifo4.read_model s where s.projection = 'sites' and s.key = w.system_id)
      order by w.id limit max_ranges)
    returning u.system_id, u.from_hour, u.to_hour, u.days_only
  ), wanted as (
    select r.system_id, r.hour, bool_and(t.days_only) as days_only
    from taken t
    cross join lateral (
      select min(f.issued_at) as first_issue from lifo4.forecast f where f.system_id = t.system_id
    ) known
    join lifo4.reading r on r.system_id = t.system_id
      and r.hour between t.from_hour and t.to_hour and r.hour >= known.first_issue
    where r.load_kw is not null
    group by r.system_id, r.hour
  ), measures as materialized (
    select w.system_id, bool_or(p.battery_kw is not null) as battery, bool_or(p.pv_kw is not null) as pv
    from (select v.system_id, min(v.hour) as first, max(v.hour) as last from wanted v group by 1) w
    join lifo4.reading p on p.system_id = w.system_id
      and p.hour between w.first - interval '1 day' and w.last
    group by 1
  )
  select (select count(*) from taken), array_agg(w.system_id), array_agg(w.hour), array_agg(w.days_only),
    array_agg(m.battery), array_agg(m.pv)
  into ranges, sites, instants, for_days, with_battery, with_pv
  from wanted w join measures m on m.system_id = w.system_id;
  if sites is null then return; end if;

  delete from lifo4.score_hour s using unnest(sites, instants, for_days) as k(system_id, hour, days_only)
  where not k.days_only and s.system_id = k.system_id and s.hour = k.hour;
  insert into lifo4.score_hour (system_id, hour, model_type, version, actual_kw, leads, error_kw, covered)
  select e.system_id, e.hour, e.model_type, e.version, e.kw, array_agg(e.lead order by e.lead),
    array_agg(e.error_kw order by e.lead), count(*) filter (where e.inside)
  from (
    select k.system_id, k.hour, f.model_type, coalesce(f.version, '') as version, a.kw, l.lead,
      f.load_kw[l.lead] - a.kw as error_kw, a.kw between f.lower_kw[l.lead] and f.upper_kw[l.lead] as inside
    from unnest(sites, instants, for_days, with_battery, with_pv) as k(system_id, hour, days_only, battery, pv)
    join lifo4.reading r on r.system_id = k.system_id and r.hour = k.hour
    cross join lateral (select lifo4.gross_kw(r.load_kw, r.battery_kw, r.pv_kw, k.battery, k.pv)::real as kw) a
    join lifo4.forecast f on f.system_id = k.system_id
      and f.issued_at > k.hour - interval '48 hours' and f.issued_at <= k.hour
    cross join lateral (
      select ((extract(epoch from k.hour) - extract(epoch from f.issued_at)) / 3600)::smallint + 1::smallint as lead
    ) l
    where not k.days_only and f.load_kw[l.lead] is not null and a.kw is not null
    -- Not to be flattened: what is sorted below are numbers, and not whole forecasts.
    offset 0
  ) e
  group by e.system_id, e.hour, e.model_type, e.version, e.kw;
  get diagnostics hours = row_count;

  with local_days as materialized (
    select distinct k.system_id, k.battery, k.pv, s.doc ->> 'zone' as zone,
      (k.hour at time zone (s.doc ->> 'zone'))::date as day
    from unnest(sites, instants, with_battery, with_pv) as k(system_id, hour, battery, pv)
    join lifo4.read_model s on s.projection = 'sites' and s.key = k.system_id
  ), scored as (
    select d.system_id, f.model, d.day, f.issued_at, f.model_type, f.version, v.*
    from local_days d
    cross join lateral (
      -- The device's issue at the first hour of the local day, whatever hour the clocks give it.
      (select 'device' as model, f.issued_at, f.model_type, f.version, f.load_kw, f.lower_kw, f.upper_kw
      from lifo4.forecast f
      where f.system_id = d.system_id
        and f.issued_at between (d.day::timestamp at time zone d.zone) - interval '2 hours'
          and (d.day::timestamp at time zone d.zone) + interval '2 hours'
        and (f.issued_at at time zone d.zone)::date = d.day
        and ((f.issued_at - interval '1 hour') at time zone d.zone)::date < d.day
      order by f.issued_at limit 1)
      union all
      -- What the other models of that version would have said.
      select m.model, m.issued_at, m.model, m.version, m.load_kw, m.lower_kw, m.upper_kw
      from lifo4.member_forecast m
      where m.system_id = d.system_id and m.day = d.day
        and (m.issued_at at time zone d.zone)::date = d.day
        and ((m.issued_at - interval '1 hour') at time zone d.zone)::date < d.day
    ) f
    cross join lateral (
      select array_agg(e.forecast order by e.lead) as forecast_kw, array_agg(e.lower order by e.lead) as lower_kw,
        array_agg(e.upper order by e.lead) as upper_kw,
        array_agg(case when e.believed then e.actual end order by e.lead) as actual_kw,
        count(*) filter (where e.believed) as hours,
        count(*) filter (where e.believed and not e.counted) as excluded,
        count(*) filter (where e.actual is not null and not e.believed) as suspect,
        avg(abs(e.forecast - e.actual) / abs(e.actual)) filter (where e.counted) as mape,
        sum(abs(e.forecast - e.actual)) filter (where e.believed)
          / nullif(sum(abs(e.actual)) filter (where e.believed), 0) as wape,
        sqrt(avg((e.forecast - e.actual) ^ 2) filter (where e.believed)) as rmse,
        avg((e.actual between e.lower and e.upper)::integer) filter (where e.believed) as coverage
      from (
        select b.*, b.believed and abs(b.actual) >= 0.01 * avg(abs(b.actual)) filter (where b.believed) over ()
          and b.actual <> 0 as counted
        from (
          select n.lead, f.load_kw[n.lead]::float8 as forecast, f.lower_kw[n.lead] as lower,
            f.upper_kw[n.lead] as upper, m.actual,
            m.actual is not null and abs(m.actual) <= 100 * greatest(avg(abs(f.load_kw[n.lead])) over (), 1) as believed
          from generate_series(1, 24) as n(lead)
          left join lateral (
            select lifo4.gross_kw(r.load_kw, r.battery_kw, r.pv_kw, d.battery, d.pv) as actual from lifo4.reading r
            where r.system_id = d.system_id and r.hour = f.issued_at + (n.lead - 1) * interval '1 hour'
          ) m on true
          where f.load_kw[n.lead] is not null
        ) b
      ) e
    ) v
    where v.forecast_kw is not null
  )
  insert into lifo4.score_day as s (system_id, model, day, issued_at, model_type, version, forecast_kw, lower_kw,
    upper_kw, actual_kw, hours, excluded, suspect, mape, wape, rmse, coverage)
  select system_id, model, day, issued_at, model_type, version, forecast_kw, lower_kw, upper_kw, actual_kw,
    scored.hours, excluded, suspect, mape, wape, rmse, coverage from scored
  on conflict (system_id, model, day) do update set issued_at = excluded.issued_at,
    model_type = excluded.model_type, version = excluded.version, forecast_kw = excluded.forecast_kw,
    lower_kw = excluded.lower_kw, upper_kw = excluded.upper_kw, actual_kw = excluded.actual_kw,
    hours = excluded.hours, excluded = excluded.excluded, suspect = excluded.suspect, mape = excluded.mape,
    wape = excluded.wape, rmse = excluded.rmse, coverage = excluded.coverage,
    change = nextval('lifo4.score_change')
  where (s.issued_at, s.model_type, s.version, s.forecast_kw, s.lower_kw, s.upper_kw, s.actual_kw, s.suspect, s.coverage)
    is distinct from (excluded.issued_at, excluded.model_type, excluded.version, excluded.forecast_kw,
      excluded.lower_kw, excluded.upper_kw, excluded.actual_kw, excluded.suspect, excluded.coverage);
  get diagnostics days = row_count;
end $$;
