import { openPostgres, type Postgres } from '../src/adapters/postgres/open.ts';
import type { Bench, BenchContext } from './bench.ts';
import { openBenchDatabase, quietLogger } from './support/postgres.ts';

const NOW = Date.parse('2026-03-02T15:00:00Z');
/** Changes taken up in one round, as the service does. */
const RANGES = 500;

/** Sites whose devices sent a forecast each hour of the last two days and a reading each hour but the last. */
async function seed({ pool }: Postgres, sites: number): Promise<void> {
  await pool.query(
    `insert into lifo4.read_model (projection, key, tenant, system_id, status, sort_at, doc)
     select 'sites', 'site-' || n, 'acme', 'site-' || n, 'registered', now(), '{"zone": "America/Sao_Paulo"}'
     from generate_series(1, $1::int) n`,
    [sites],
  );
  const curve = `(select array_agg((100 + 50 * random())::real) from generate_series(1, 48) where n > 0)`;
  await pool.query(
    `insert into lifo4.forecast (system_id, issued_at, version, model_type, device_id, load_kw, lower_kw, upper_kw,
       peak_probability)
     select 'site-' || n, $2::timestamptz - i * interval '1 hour', '1.0.0', 'ensemble', 'device-' || n,
       ${curve}, ${curve}, ${curve}, ${curve}
     from generate_series(0, 47) i cross join generate_series(1, $1::int) n`,
    [sites, new Date(NOW)],
  );
  await pool.query(
    `insert into lifo4.reading (system_id, hour, load_kw)
     select 'site-' || n, $2::timestamptz - i * interval '1 hour', 100 + 50 * random()
     from generate_series(2, 48) i cross join generate_series(1, $1::int) n`,
    [sites, new Date(NOW)],
  );
  await pool.query('vacuum analyze lifo4.forecast, lifo4.reading, lifo4.read_model');
}

/** Everybody's reading of the hour and forecast for the next ones, as their statements leave them to be scored. */
async function arrive({ pool }: Postgres, sites: number, turn: number): Promise<void> {
  await pool.query(
    `with given as (
       insert into lifo4.reading (system_id, hour, load_kw)
       select 'site-' || n, $2::timestamptz - interval '1 hour', $3::float8 + random() from generate_series(1, $1::int) n
       on conflict (system_id, hour) do update set load_kw = excluded.load_kw
       returning system_id, hour)
     insert into lifo4.unscored (system_id, from_hour, to_hour)
     select system_id, hour, hour from given
     union all select system_id, hour + interval '1 hour', hour + interval '48 hours' from given`,
    [sites, new Date(NOW), 100 + turn],
  );
}

/** Seconds to score what arrived, in the rounds of the service, and the longest of them. */
async function scoreAll({ scores }: Postgres): Promise<{ readonly total: number; readonly longest: number }> {
  let [total, longest] = [0, 0];
  for (;;) {
    const start = performance.now();
    const round = await scores.scoreArrivals(RANGES);
    if (round === null) throw new Error('another node scores in the database of the bench');
    const seconds = (performance.now() - start) / 1_000;
    total += seconds;
    longest = Math.max(longest, seconds);
    if (round.ranges < RANGES) return { total, longest };
  }
}

async function measure(context: BenchContext, sites: number): Promise<readonly number[]> {
  const server = await openBenchDatabase(context);
  const node = await openPostgres({ connectionString: server.connectionString, logger: quietLogger });
  try {
    await seed(node, sites);
    const turns: number[] = [];
    const longest: number[] = [];
    for (let turn = 0; turn < context.number('rounds'); turn += 1) {
      await arrive(node, sites, turn);
      const took = await scoreAll(node);
      turns.push(took.total);
      longest.push(took.longest);
    }
    context.say(`${sites} sites: ${turns.map((seconds) => seconds.toFixed(2)).join(' ')} s`);
    context.figure(`longest_round_s_${sites}_sites`, 's', longest);
    return turns;
  } finally {
    await node.close();
    await server.close();
  }
}

const bench: Bench = {
  summary: 'every site’s last hour scored against the 48 forecasts made for it, and its day',
  options: {
    sites: { description: 'sites', default: '10000' },
    rounds: { description: 'repetitions', default: '5' },
  },
  run: async (context) => {
    const sites = context.number('sites');
    for (const share of [0.1, 0.3]) {
      const fewer = Math.round(sites * share);
      context.figure(`seconds_per_hour_${fewer}_sites`, 's', await measure(context, fewer));
    }
    const turns = await measure(context, sites);
    // The name that others read stands for 10,000 sites.
    context.figure(
      'seconds_per_hour_10k_sites',
      's',
      turns.map((seconds) => (seconds * 10_000) / sites),
    );
  },
};
export default bench;
