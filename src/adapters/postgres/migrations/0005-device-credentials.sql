create table lifo4.device_credential (
  device_id text primary key,
  system_id text not null,
  tenant text not null,
  -- scrypt of the secret, with the salt and the costs it was made with.
  salt bytea not null,
  hash bytea not null,
  cost integer not null,
  added_at timestamptz not null default now(),
  revoked_at timestamptz
);
