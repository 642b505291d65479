-- Signed metadata by which devices trust models (TUF), as it is served. A version is written once: whoever would
-- write it a second time learns that another node was first.
create table lifo4.trust_metadata (
  role text not null,
  version integer not null check (version > 0),
  body text not null,
  expires timestamptz not null,
  -- The keys that signed it, to know what is to be signed again once they are replaced.
  key_ids text[] not null,
  made_at timestamptz not null default now(),
  primary key (role, version)
);

-- Files that devices may install. The cloud asks for them, the signer alone signs them.
create table lifo4.trust_target (
  name text primary key,
  system_id text not null,
  device_id text not null,
  model_version text not null,
  model_type text not null,
  checksum text not null,
  size bigint not null,
  requested_at timestamptz not null default clock_timestamp(),
  -- Where it was signed: the bin and its version. Null until then.
  bin text,
  signed_in integer,
  -- Why the signer will not sign it.
  refusal text
);
create index on lifo4.trust_target (system_id);
create index on lifo4.trust_target (bin) where signed_in is not null;
create index trust_target_unsigned on lifo4.trust_target (requested_at) where signed_in is null and refusal is null;
