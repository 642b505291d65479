-- Forecasts as arrays by lead time, a quarter of the size of the JSON they replace, from which one hour is read
-- without unpacking all. Element 1 is the hour of `issued_at`.
alter table lifo4.forecast
  add column load_kw real[],
  add column lower_kw real[],
  add column upper_kw real[],
  add column peak_probability real[],
  add column exceedance_probability real[],
  add column exceedance_basis text;
update lifo4.forecast f set load_kw = h.load_kw, lower_kw = h.lower_kw, upper_kw = h.upper_kw,
  peak_probability = h.peak_probability, exceedance_probability = h.exceedance_probability,
  exceedance_basis = f.hours -> 0 ->> 'exceedanceBasis'
from lifo4.forecast g cross join lateral (
  select array_agg(("loadKw")::real order by hour) as load_kw, array_agg(("lowerKw")::real order by hour) as lower_kw,
    array_agg(("upperKw")::real order by hour) as upper_kw,
    array_agg(("peakProbability")::real order by hour) as peak_probability,
    case when count("exceedanceProbability") > 0
      then array_agg(("exceedanceProbability")::real order by hour) end as exceedance_probability
  from jsonb_to_recordset(g.hours) as x(hour timestamptz, "loadKw" float8, "lowerKw" float8, "upperKw" float8,
    "peakProbability" float8, "exceedanceProbability" float8)
) h where f.system_id = g.system_id and f.issued_at = g.issued_at;
alter table lifo4.forecast drop column hours;
create index forecast_age on lifo4.forecast (issued_at);

-- Hours of a site whose reading or forecast changed since they were scored, ends included. Only ever added to by
-- those who write readings and forecasts, in the statement that writes them, and taken away by whoever scores: nobody
-- waits for anybody.
create table lifo4.unscored (
  id bigint generated always as identity primary key,
  system_id text not null,
  from_hour timestamptz not null,
  to_hour timestamptz not null
);

-- One measured hour against everything that was forecast for it: forecast less actual by lead time, apart by version.
create table lifo4.score_hour (
  system_id text not null,
  hour timestamptz not null,
  model_type text not null,
  -- Empty where no model served.
  version text not null,
  actual_kw real not null,
  leads smallint[] not null,
  error_kw real[] not null,
  -- How many of them had the actual value inside their 90 % band.
  covered smallint not null,
  primary key (system_id, hour, model_type, version)
);
create index score_hour_age on lifo4.score_hour (hour);

-- One local day as it was forecast at its first hour, leads 1 to 24. `model` is `device` for what the device sent, or
-- the name of a member. Arrays by lead; an actual value is null where none was measured or none can be believed.
create table lifo4.score_day (
  system_id text not null,
  model text not null,
  day date not null,
  issued_at timestamptz not null,
  model_type text not null,
  version text,
  forecast_kw real[] not null,
  lower_kw real[] not null,
  upper_kw real[] not null,
  actual_kw real[] not null,
  -- Hours scored, hours near zero that count in no percentage, hours that nobody can believe.
  hours smallint not null,
  excluded smallint not null,
  suspect smallint not null,
  mape double precision,
  wape double precision,
  rmse double precision,
  coverage double precision,
  primary key (system_id, model, day)
);

-- The days that were judged for alerts, so that each is judged once, on whichever node.
create table lifo4.alert_check (
  system_id text primary key,
  day date not null
);

-- Gross load, as models learn it: meter, battery and solar; null where one is missing that the site measures.
create function lifo4.gross_kw(load_kw double precision, battery_kw double precision, pv_kw double precision,
  with_battery boolean, with_pv boolean) returns double precision
language sql immutable as $$
  select load_kw + case when with_battery then battery_kw else 0 end + case when with_pv then pv_kw else 0 end
$$;

-- Scores what arrived: up to `max_ranges` of lifo4.unscored, by one caller at a time; others get leader = false. The
-- same hours scored again give the same rows. A reading a hundred
-- times the day's forecast is of another unit: counted as suspect, scored as missing.
create function lifo4.score_arrivals(
  max_ranges integer, out leader boolean, out ranges integer, out hours integer, out days integer)
language plpgsql set enable_seqscan = off as $$
declare
  sites text[];
  instants timestamptz[];
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
    returning u.system_id, u.from_hour, u.to_hour
  ), wanted as (
    select distinct r.system_id, r.hour
    from taken t
    cross join lateral (
      select min(f.issued_at) as first_issue from lifo4.forecast f where f.system_id = t.system_id
    ) known
    join lifo4.reading r on r.system_id = t.system_id
      and r.hour between t.from_hour and t.to_hour and r.hour >= known.first_issue
    where r.load_kw is not null
  ), measures as materialized (
    select w.system_id, bool_or(p.battery_kw is not null) as battery, bool_or(p.pv_kw is not null) as pv
    from (select v.system_id, min(v.hour) as first, max(v.hour) as last from wanted v group by 1) w
    join lifo4.reading p on p.system_id = w.system_id
      and p.hour between w.first - interval '1 day' and w.last
    group by 1
  )
  select (select count(*) from taken), array_agg(w.system_id), array_agg(w.hour), array_agg(m.battery), array_agg(m.pv)
  into ranges, sites, instants, with_battery, with_pv
  from wanted w join measures m on m.system_id = w.system_id;
  if sites is null then return; end if;

  delete from lifo4.score_hour s using unnest(sites, instants) as k(system_id, hour)
  where s.system_id = k.system_id and s.hour = k.hour;
  insert into lifo4.score_hour (system_id, hour, model_type, version, actual_kw, leads, error_kw, covered)
  select e.system_id, e.hour, e.model_type, e.version, e.kw, array_agg(e.lead order by e.lead),
    array_agg(e.error_kw order by e.lead), count(*) filter (where e.inside)
  from (
    select k.system_id, k.hour, f.model_type, coalesce(f.version, '') as version, a.kw, l.lead,
      f.load_kw[l.lead] - a.kw as error_kw, a.kw between f.lower_kw[l.lead] and f.upper_kw[l.lead] as inside
    from unnest(sites, instants, with_battery, with_pv) as k(system_id, hour, battery, pv)
    join lifo4.reading r on r.system_id = k.system_id and r.hour = k.hour
    cross join lateral (select lifo4.gross_kw(r.load_kw, r.battery_kw, r.pv_kw, k.battery, k.pv)::real as kw) a
    join lifo4.forecast f on f.system_id = k.system_id
      and f.issued_at > k.hour - interval '48 hours' and f.issued_at <= k.hour
    cross join lateral (
      select ((extract(epoch from k.hour) - extract(epoch from f.issued_at)) / 3600)::smallint + 1::smallint as lead
    ) l
    where f.load_kw[l.lead] is not null and a.kw is not null
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
    select d.system_id, d.day, f.issued_at, f.model_type, f.version, v.*
    from local_days d
    cross join lateral (
      -- The issue at the first hour of the local day, whatever hour the clocks give it.
      select f.* from lifo4.forecast f
      where f.system_id = d.system_id
        and f.issued_at between (d.day::timestamp at time zone d.zone) - interval '2 hours'
          and (d.day::timestamp at time zone d.zone) + interval '2 hours'
        and (f.issued_at at time zone d.zone)::date = d.day
        and ((f.issued_at - interval '1 hour') at time zone d.zone)::date < d.day
      order by f.issued_at limit 1
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
  select system_id, 'device', day, issued_at, model_type, version, forecast_kw, lower_kw, upper_kw, actual_kw,
    scored.hours, excluded, suspect, mape, wape, rmse, coverage from scored
  on conflict (system_id, model, day) do update set issued_at = excluded.issued_at,
    model_type = excluded.model_type, version = excluded.version, forecast_kw = excluded.forecast_kw,
    lower_kw = excluded.lower_kw, upper_kw = excluded.upper_kw, actual_kw = excluded.actual_kw,
    hours = excluded.hours, excluded = excluded.excluded, suspect = excluded.suspect, mape = excluded.mape,
    wape = excluded.wape, rmse = excluded.rmse, coverage = excluded.coverage;
  get diagnostics days = row_count;
end $$;
