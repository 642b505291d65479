import { openPostgres, type Postgres } from '../src/adapters/postgres/open.ts';
import type { Bench, BenchContext } from './bench.ts';
import { openBenchDatabase, quietLogger } from './support/postgres.ts';

const NOW = Date.parse('2026-03-02T15:00:00Z');

/** Sites with a device, their jobs of so many weeks, and a day of forecasts of each. */
async function seed({ pool }: Postgres, sites: number, weeks: number): Promise<void> {
  await pool.query(
    `insert into lifo4.read_model (projection, key, tenant, system_id, status, sort_at, doc)
     select 'sites', 'site-' || n, 'acme', 'site-' || n, 'registered', now(),
       jsonb_build_object('zone', 'America/Sao_Paulo', 'deviceId', 'device-' || n,
         'contract', case when n % 2 = 0 then '{"offPeakKw": 500}'::jsonb end)
     from generate_series(1, $1::int) n`,
    [sites],
  );
  await pool.query(
    `insert into lifo4.read_model (projection, key, tenant, system_id, status, sort_at, doc)
     select 'jobs', 'job-' || n || '-' || w, 'acme', 'site-' || n,
       case when w % 3 = 0 then 'acked' else 'kept' end, now(), '{}'
     from generate_series(1, $2::int) w cross join generate_series(1, $1::int) n`,
    [sites, weeks],
  );
  const curve = `(select array_agg((100 + 50 * random())::real) from generate_series(1, 48) where n > 0)`;
  await pool.query(
    `insert into lifo4.forecast (system_id, issued_at, version, model_type, device_id, load_kw, lower_kw, upper_kw,
       peak_probability)
     select 'site-' || n, $2::timestamptz - i * interval '1 hour', '1.0.0', 'ensemble', 'device-' || n,
       ${curve}, ${curve}, ${curve}, ${curve}
     from generate_series(0, 23) i cross join generate_series(1, $1::int) n`,
    [sites, new Date(NOW)],
  );
  await pool.query('vacuum analyze lifo4.forecast, lifo4.read_model');
}

async function measure(context: BenchContext, sites: number): Promise<void> {
  const server = await openBenchDatabase(context);
  const node = await openPostgres({ connectionString: server.connectionString, logger: quietLogger });
  try {
    await seed(node, sites, context.number('weeks'));
    const times: number[] = [];
    for (let round = 0; round < context.number('rounds'); round += 1) {
      const start = performance.now();
      await node.countFleet(new Date(NOW));
      times.push((performance.now() - start) / 1_000);
    }
    context.say(`${sites} sites: ${times.map((seconds) => seconds.toFixed(3)).join(' ')} s`);
    context.figure(`fleet_figures_s_${sites}_sites`, 's', times);
  } finally {
    await node.close();
    await server.close();
  }
}

const bench: Bench = {
  summary: 'what all nodes share on /metrics, counted by the database, by the number of sites',
  options: {
    sites: { description: 'sizes of the fleet', default: '1000,10000' },
    weeks: { description: 'jobs that each site has had', default: '52' },
    rounds: { description: 'repetitions', default: '7' },
  },
  run: async (context) => {
    for (const sites of context.option('sites').split(',').map(Number)) await measure(context, sites);
  },
};
export default bench;
