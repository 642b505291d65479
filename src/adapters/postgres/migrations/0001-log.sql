-- The log. Facts are only ever added; nothing updates or deletes them. No check constraints here or on effects: the
-- server parses and plans each anew for every statement, and the statements allow no other values.
create table lifo4.event (
  -- Rises when the database was moved to another cluster, whose transaction ids start anew (lifo4.adopt_cluster).
  epoch integer not null default 1,
  tx_id xid8 not null default pg_current_xact_id(),
  position bigint generated always as identity,
  stream_id text collate "C" not null,
  version integer not null,
  event_id text collate "C" not null,
  type text not null,
  data jsonb not null,
  metadata jsonb not null,
  recorded_at timestamptz not null default clock_timestamp(),
  constraint event_stream_version primary key (stream_id, version),
  constraint event_event_id unique (event_id)
);
-- Not unique, and without the epoch: `position` alone is unique, and every append pays for this index.
create index event_order on lifo4.event (tx_id, position);

-- The order in which readers see the facts: dense, gap-free, never changed.
create table lifo4.feed (
  seq bigint primary key,
  epoch integer not null,
  tx_id xid8 not null,
  position bigint not null
);

create table lifo4.cluster (
  only_row boolean primary key default true check (only_row),
  system_identifier bigint not null,
  epoch integer not null
);
insert into lifo4.cluster (system_identifier, epoch)
select system_identifier, 1 from pg_control_system();

-- What must be unique or current across streams.
create table lifo4.registry (
  kind text not null,
  key text collate "C" not null,
  value text not null,
  primary key (kind, key)
);

-- Gives `seq` to facts whose transactions, and all before them, have ended: below the snapshot's xmin nothing can
-- appear any more, so the order (epoch, tx_id, position) is final there. One caller at a time; others get
-- leader = false. The commit need not reach the disk: after a crash the same facts get the same numbers again.
create function lifo4.sequence_facts(
  max_rows integer, out leader boolean, out sequenced integer, out head bigint, out pending_since timestamptz)
language plpgsql set enable_seqscan = off set enable_bitmapscan = off as $$
declare
  last record;
  now_epoch integer;
begin
  leader := pg_try_advisory_xact_lock(1279870516, 2);
  if not leader then return; end if;
  perform set_config('synchronous_commit', 'off', true);
  select c.epoch into strict now_epoch from lifo4.cluster c;
  select f.seq, f.epoch, f.tx_id, f.position into last from lifo4.feed f order by f.seq desc limit 1;
  if not found then
    select 0::bigint as seq, 0 as epoch, '0'::xid8 as tx_id, 0::bigint as position into last;
  end if;
  if last.epoch < now_epoch then
    last.tx_id := '0'::xid8;
    last.position := 0;
  end if;
  insert into lifo4.feed (seq, epoch, tx_id, position)
  select last.seq + row_number() over (order by e.tx_id, e.position), now_epoch, e.tx_id, e.position
  from (
    select e.tx_id, e.position from lifo4.event e
    where e.epoch = now_epoch and (e.tx_id, e.position) > (last.tx_id, last.position)
      and e.tx_id < pg_snapshot_xmin(pg_current_snapshot())
    order by e.tx_id, e.position limit max_rows
  ) e;
  get diagnostics sequenced = row_count;
  head := last.seq + sequenced;
  if sequenced > 0 then
    select f.tx_id, f.position into last.tx_id, last.position from lifo4.feed f where f.seq = head;
    perform pg_notify('lifo4_facts', head::text);
  end if;
  select e.recorded_at into pending_since from lifo4.event e
  where e.epoch = now_epoch and (e.tx_id, e.position) > (last.tx_id, last.position)
  order by e.tx_id, e.position limit 1;
end $$;

-- Transaction ids do not survive a logical restore: in a new cluster they start low, and facts written there would
-- hide behind the old ones. When the cluster is another one than last time, every fact without a seq gets one, in
-- the old order, and new facts start a new epoch. Called at every start, before anything is appended.
create function lifo4.adopt_cluster() returns boolean
language plpgsql as $$
declare
  here bigint;
  known record;
begin
  select system_identifier into strict here from pg_control_system();
  select c.system_identifier, c.epoch into strict known from lifo4.cluster c;
  if known.system_identifier = here then return false; end if;
  lock table lifo4.cluster, lifo4.event, lifo4.feed in access exclusive mode;
  select c.system_identifier, c.epoch into strict known from lifo4.cluster c;
  if known.system_identifier = here then return false; end if;
  insert into lifo4.feed (seq, epoch, tx_id, position)
  select coalesce((select max(f.seq) from lifo4.feed f), 0)
      + row_number() over (order by e.epoch, e.tx_id, e.position), e.epoch, e.tx_id, e.position
  from lifo4.event e
  where not exists (
    select from lifo4.feed f where f.epoch = e.epoch and f.tx_id = e.tx_id and f.position = e.position);
  execute format('alter table lifo4.event alter column epoch set default %s', known.epoch + 1);
  update lifo4.cluster set system_identifier = here, epoch = known.epoch + 1;
  return true;
end $$;
