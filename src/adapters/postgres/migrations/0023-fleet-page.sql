-- What the page of a whole fleet shows of each site's scores, so that 10,000 sites are sorted by it without reading
-- their days. Written with the days themselves, by whoever scores, who is one at a time: nobody waits for anybody.
create table lifo4.site_score (
  system_id text primary key,
  -- The last local day scored; the means are over the 7 and 28 days that end with it.
  until date not null,
  mape_7 double precision,
  mape_28 double precision,
  -- Fourteen days that end with it, the oldest first; null for a day without a score.
  trend real[] not null
);

create function lifo4.summarise_scores(sites text[]) returns void language sql as $$
  insert into lifo4.site_score (system_id, until, mape_7, mape_28, trend)
  select u.system_id, u.until, s.mape_7, s.mape_28, s.trend
  from (select distinct system_id from unnest(sites) as c(system_id)) c
  cross join lateral (
    select d.system_id, d.day as until from lifo4.score_day d
    where d.system_id = c.system_id and d.model = 'device' order by d.day desc limit 1
  ) u
  cross join lateral (
    select avg(d.mape) filter (where n.ago < 7) as mape_7, avg(d.mape) as mape_28,
      array_agg(d.mape::real order by n.ago desc) filter (where n.ago < 14) as trend
    from generate_series(0, 27) as n(ago)
    left join lifo4.score_day d on d.system_id = u.system_id and d.model = 'device' and d.day = u.until - n.ago
  ) s
  on conflict (system_id) do update set until = excluded.until, mape_7 = excluded.mape_7,
    mape_28 = excluded.mape_28, trend = excluded.trend
$$;

create function lifo4.summarise_changed_scores() returns trigger language plpgsql as $$
begin
  perform lifo4.summarise_scores(array(select c.system_id from changed c where c.model = 'device'));
  return null;
end $$;
create trigger score_day_added after insert on lifo4.score_day
  referencing new table as changed for each statement execute function lifo4.summarise_changed_scores();
create trigger score_day_changed after update on lifo4.score_day
  referencing new table as changed for each statement execute function lifo4.summarise_changed_scores();
select lifo4.summarise_scores(array(select distinct system_id from lifo4.score_day where model = 'device'));

-- Alerts that are not resolved: few, however many there ever were.
create index read_model_open_alerts on lifo4.read_model (tenant, system_id)
  where projection = 'alerts' and status in ('open', 'acknowledged');

-- Why a site does not run what was last meant for it, from its document; null when it does.
create function lifo4.site_difference(doc jsonb) returns text language sql immutable as $$
  select case
    when jsonb_typeof(doc -> 'deviceId') is distinct from 'string' then 'no-device'
    when doc #>> '{attempted,status}' = 'offered' then 'unanswered'
    when doc #>> '{attempted,status}' in ('rejected', 'rolledback', 'expired') then doc #>> '{attempted,status}'
    when jsonb_typeof(doc -> 'running') is distinct from 'object' then 'nothing-running'
  end
$$;

-- When each site's latest forecast was issued: the planner would look for it among everybody's. Each row is written by
-- the statement that keeps a forecast of that site.
create table lifo4.last_forecast (
  system_id text primary key,
  issued_at timestamptz not null
);
create function lifo4.note_last_forecast() returns trigger language plpgsql as $$
begin
  insert into lifo4.last_forecast as l (system_id, issued_at)
  select a.system_id, max(a.issued_at) from added a group by a.system_id order by a.system_id
  on conflict (system_id) do update set issued_at = excluded.issued_at where l.issued_at < excluded.issued_at;
  return null;
end $$;
create trigger forecast_added after insert on lifo4.forecast
  referencing new table as added for each statement execute function lifo4.note_last_forecast();
insert into lifo4.last_forecast select system_id, max(issued_at) from lifo4.forecast group by system_id;
