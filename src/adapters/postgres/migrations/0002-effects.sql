-- Work requested by facts. A finished effect keeps its row without its data, so that its key stays unique.
create table lifo4.effect (
  key text collate "C" primary key,
  stream_id text collate "C" not null,
  type text not null,
  lane text not null,
  tenant text not null,
  priority integer not null default 0,
  data jsonb,
  due jsonb,
  -- Whose now() is compared with visible_at: the database's (machine), or the site clock's that the claimer gives
  -- (site).
  clock text not null default 'machine',
  -- When it is due; while a worker holds it, the end of the lease: a lapsed lease is simply due again.
  visible_at timestamptz not null default now(),
  -- Claims so far: only ever rises, so that it fences out whoever held an earlier lease.
  attempts integer not null default 0,
  -- Claims that do not count as tries: given back at a shutdown, or before a re-drive.
  forgiven integer not null default 0,
  worker text,
  cancel_requested boolean not null default false,
  progress jsonb,
  error text,
  enqueued_at timestamptz not null default now(),
  dead_at timestamptz,
  done_at timestamptz
);
create index effect_due on lifo4.effect (lane, clock, priority desc, visible_at)
  where done_at is null and dead_at is null;
-- Also finds the dead letters, by a walk through what is not done: an index of their own would cost every append.
create index effect_stream on lifo4.effect (stream_id) where done_at is null;

-- Leases due effects, highest priority first. Each priority is one range of the index, so that thousands of
-- effects that are not yet due cost nothing. MATERIALIZED keeps the limit: as a plain sub-select under a cached
-- generic plan the same query was seen to claim hundreds. Only index scans, because a plan made while the table
-- was small would otherwise be kept while it grows.
create function lifo4.claim_effects(
  by_worker text, in_lane text, max_rows integer, lease interval, site_now timestamptz)
returns setof lifo4.effect
language plpgsql set enable_seqscan = off set enable_bitmapscan = off as $$
#variable_conflict use_column
declare
  room integer := max_rows;
  level integer;
  clock_name text;
  taken integer;
begin
  loop
    select max(p) into level from (
      select (select max(e.priority) from lifo4.effect e where e.lane = in_lane and e.clock = c
        and e.done_at is null and e.dead_at is null and (level is null or e.priority < level)) as p
      from (values ('machine'), ('site')) clocks(c)
    ) levels;
    exit when level is null;
    foreach clock_name in array array['machine', 'site'] loop
      return query
      with due as materialized (
        select e.key from lifo4.effect e
        where e.lane = in_lane and e.clock = clock_name and e.priority = level
          and e.visible_at <= case clock_name when 'site' then site_now else now() end
          and e.done_at is null and e.dead_at is null
        order by e.visible_at limit room for update skip locked
      )
      update lifo4.effect e set attempts = e.attempts + 1, worker = by_worker, clock = 'machine',
        visible_at = now() + lease,
        done_at = case when e.cancel_requested then now() end
      from due where e.key = due.key
      returning e.*;
      get diagnostics taken = row_count;
      room := room - taken;
      if room <= 0 then return; end if;
    end loop;
  end loop;
end $$;

-- One transaction for everything that transitions cause: the effects that answered are done, the facts are
-- appended, new effects enqueued, registry keys changed. A plain call is one round trip and one commit.
-- Errors: LF001 an expected version is not there, LF002 a registry key is held by another (detail: JSON), LF003
-- the lease is lost; 23505 another appended first, or the same facts already stand.
create function lifo4.commit(
  facts jsonb, effects jsonb, registry jsonb, leases jsonb)
returns void
language plpgsql as $$
declare
  op record;
  holder text;
  written integer;
begin
  if leases is not null then
    for op in select * from jsonb_to_recordset(leases) as l(key text, attempts integer) loop
      update lifo4.effect e set done_at = now(), data = null, progress = null
      where e.key = op.key and e.attempts = op.attempts and e.worker is not null
        and e.done_at is null and e.dead_at is null;
      if not found then raise exception using errcode = 'LF003', message = 'lease lost'; end if;
    end loop;
  end if;
  if facts is not null then
    insert into lifo4.event (stream_id, version, event_id, type, data, metadata)
    select f.stream, f.version, f.id, f.type, f.data, f.metadata
    from jsonb_to_recordset(facts)
      as f(stream text, version integer, "after" integer, id text, type text, data jsonb, metadata jsonb)
    where f."after" is null
      or (select true from lifo4.event p where p.stream_id = f.stream and p.version = f."after");
    get diagnostics written = row_count;
    if written < jsonb_array_length(facts) then
      raise exception using errcode = 'LF001', message = 'version conflict';
    end if;
  end if;
  if effects is not null then
    insert into lifo4.effect (key, stream_id, type, lane, tenant, priority, data, due, clock, visible_at)
    select f.key, f.stream, f.type, f.lane, f.tenant, f.priority, f.data, f.due, f.clock,
      coalesce(f.at, now() + coalesce(f.delay, 0) * interval '1 millisecond')
    from jsonb_to_recordset(effects) as f(key text, stream text, type text, lane text, tenant text,
      priority integer, data jsonb, due jsonb, clock text, at timestamptz, delay double precision)
    on conflict (key) do nothing;
  end if;
  if registry is not null then
    for op in select * from jsonb_to_recordset(registry) as r(operation text, kind text, key text, value text) loop
      if op.operation = 'release' then
        delete from lifo4.registry r where r.kind = op.kind and r.key = op.key and r.value = op.value;
      elsif op.operation = 'set' then
        insert into lifo4.registry as r (kind, key, value) values (op.kind, op.key, op.value)
        on conflict (kind, key) do update set value = excluded.value;
      else
        insert into lifo4.registry as r (kind, key, value) values (op.kind, op.key, op.value)
        on conflict (kind, key) do update set value = r.value returning r.value into holder;
        if holder <> op.value then
          raise exception using errcode = 'LF002', message = 'registry conflict',
            detail = jsonb_build_object('kind', op.kind, 'key', op.key, 'holder', holder)::text;
        end if;
      end if;
    end loop;
  end if;
end $$;
