import type { Postgres } from '../../src/adapters/postgres/open.ts';

/**
 * A fleet as it stands after a month: a tenth of the sites is offered a model and has not answered, some refused
 * theirs, some have alerts open, some devices are silent. `now` is an hour's beginning.
 */
export async function seedFleet({ pool }: Postgres, sites: number, now: Date): Promise<void> {
  await pool.query(
    `insert into lifo4.read_model (projection, key, tenant, system_id, status, sort_at, doc)
     select 'sites', id, 'acme', id, 'registered', $2::timestamptz - n * interval '1 minute', jsonb_build_object(
       'systemId', id, 'tenant', 'acme', 'status', 'registered', 'zone', 'America/Sao_Paulo',
       'contract', jsonb_build_object('peakKw', 900, 'offPeakKw', 1200, 'peakHours', '[18, 19, 20]'::jsonb,
         'tolerance', 0.05, 'validFrom', null, 'validTo', null),
       'deviceId', 'device-' || n, 'nextRetrain', '2026-03-09T06:00:00Z',
       'retrainsPaused', case when n % 50 = 0 then 'the plant is rebuilt' end,
       'running', jsonb_build_object('deploymentId', 'dep-' || n, 'version', '1.3.0'),
       'desired', jsonb_build_object('deploymentId', 'dep-' || n, 'version', '1.' || 3 + (n % 10 = 0)::int || '.0'),
       'previous', jsonb_build_object('deploymentId', 'old-' || n, 'version', '1.2.0'),
       'attempted', jsonb_build_object('deploymentId', 'dep-' || n, 'version', '1.3.0', 'reason', null,
         'status', case when n % 10 = 0 then 'offered' when n % 33 = 0 then 'rejected' else 'active' end),
       'attemptedAt', '2026-03-01T06:00:00Z', 'createdAt', '2026-01-01T06:00:00Z', 'updatedAt', '2026-03-01T06:00:00Z')
     from (select n, 'site-' || lpad(n::text, 5, '0') as id from generate_series(1, $1::int) n) s`,
    [sites, now],
  );
  await pool.query(
    `insert into lifo4.read_model (projection, key, tenant, system_id, status, sort_at, doc)
     select 'alerts', 'alert-' || i || '-' || n, 'acme', 'site-' || lpad(n::text, 5, '0'),
       case when i = 0 and n % 20 = 0 then 'open' when i = 0 and n % 45 = 0 then 'acknowledged' else 'resolved' end,
       $2::timestamptz - i * interval '3 days', '{}'
     from generate_series(0, 2) i cross join generate_series(1, $1::int) n`,
    [sites, now],
  );
  const curve = `(select array_agg(120::real) from generate_series(1, 48))`;
  await pool.query(
    `insert into lifo4.forecast (system_id, issued_at, version, model_type, device_id, load_kw, lower_kw, upper_kw)
     select 'site-' || lpad(n::text, 5, '0'), $2::timestamptz - (i + case when n % 40 = 0 then 5 else 0 end) * interval '1 hour',
       '1.3.0', 'ensemble', 'device-' || n, ${curve}, ${curve}, ${curve}
     from generate_series(0, 23) i cross join generate_series(1, $1::int) n`,
    [sites, now],
  );
  const day = `(select array_agg(120::real) from generate_series(1, 24))`;
  await pool.query(
    `insert into lifo4.score_day (system_id, model, day, issued_at, model_type, version, forecast_kw, lower_kw, upper_kw,
       actual_kw, hours, excluded, suspect, mape, wape, rmse, coverage)
     select 'site-' || lpad(n::text, 5, '0'), 'device', $2::date - i, $2::timestamptz - i * interval '1 day', 'ensemble',
       '1.3.0', ${day}, ${day}, ${day}, ${day}, 24, 0, 0, 0.02 + 0.1 * random(), 0.05, 12, 0.9
     from generate_series(1, 28) i cross join generate_series(1, $1::int) n`,
    [sites, now],
  );
  await pool.query('vacuum analyze');
}
