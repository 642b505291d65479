-- Temperature forecasts as they were supplied for a site, °C by the hour from `start` on; null is missing. Known from
-- `issued_at` on, which is when it came in, and never changed afterwards.
create table lifo4.temperature_forecast (
  system_id text not null,
  issued_at timestamptz not null,
  start timestamptz not null,
  celsius real[] not null,
  primary key (system_id, issued_at)
);
