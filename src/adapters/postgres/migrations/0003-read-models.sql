create table lifo4.read_model (
  projection text not null,
  key text collate "C" not null,
  tenant text not null,
  system_id text,
  status text,
  sort_at timestamptz not null,
  doc jsonb not null,
  primary key (projection, key)
);
create index read_model_tenant on lifo4.read_model (projection, tenant, sort_at desc, key desc);
create index read_model_system on lifo4.read_model (projection, tenant, system_id, sort_at desc, key desc);

-- `version` is the projection's own: another one means that the documents have to be folded anew.
create table lifo4.checkpoint (
  projection text primary key,
  version integer not null,
  seq bigint not null
);
