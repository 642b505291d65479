-- When the configuration of each site with a device is looked at again, and what the device was told last.
create table lifo4.config_renewal (
  system_id text collate "C" primary key,
  next_at timestamptz not null,
  told text
);
create index config_renewal_next on lifo4.config_renewal (next_at);
