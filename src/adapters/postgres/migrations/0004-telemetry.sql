create table lifo4.reading (
  system_id text not null,
  hour timestamptz not null,
  load_kw double precision,
  battery_kw double precision,
  pv_kw double precision,
  temperature_c double precision,
  max15_kw double precision,
  primary key (system_id, hour)
);

create table lifo4.forecast (
  system_id text not null,
  issued_at timestamptz not null,
  version text,
  model_type text not null,
  device_id text not null,
  hours jsonb not null,
  primary key (system_id, issued_at)
);
