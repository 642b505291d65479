import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openPostgres, type Postgres } from '../src/adapters/postgres/open.ts';
import type { Bench, BenchContext } from './bench.ts';
import { startChild } from './fleet/child.ts';
import type { CloudAnswer, DevicesAnswer } from './fleet/names.ts';
import { startBenchNats } from './fleet/nats-server.ts';
import { createPopulation } from './fleet/population.ts';
import { openBenchDatabase, quietLogger } from './support/postgres.ts';
import { treeCpuSeconds } from './support/process-tree.ts';
import { freePort } from './support/status-servers.ts';

const LOOK_MS = 250;
/** Sockets and files that a process needs beside its devices' connections. */
const OTHER_FILES = 500;

/** Node and the NATS server raise their own soft limit as far as this one. */
async function checkOpenFiles(devices: number): Promise<void> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const hard = /^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1];
  if (hard !== undefined && Number(hard) < devices + OTHER_FILES) {
    throw new RangeError(
      `${devices} connections need "ulimit -Hn" of ${devices + OTHER_FILES}, here it is ${hard}: raise it, or take fewer devices`,
    );
  }
}

interface Outcome {
  readonly acked: number;
  readonly doubled: number;
  readonly seconds: number | null;
  readonly p50: number | null;
  readonly p99: number | null;
}

/** From the first offer in the log, by the database's clock alone. */
const OUTCOME = `
  with offered as (select stream_id, recorded_at from lifo4.event where type = 'DeploymentOffered'),
    answered as (
      select stream_id, min(recorded_at) as at, count(*) as answers from lifo4.event
      where type in ('DeploymentActivated', 'LateAnswerRecorded') group by stream_id),
    waits as (
      select extract(epoch from a.at - (select min(recorded_at) from offered))::float8 as since_first, a.answers,
        extract(epoch from a.at - o.recorded_at)::float8 as wait
      from answered a join offered o using (stream_id))
  select count(*)::integer as acked, coalesce(sum(answers - 1), 0)::integer as doubled, max(since_first) as seconds,
    percentile_cont(0.5) within group (order by wait) as p50,
    percentile_cont(0.99) within group (order by wait) as p99
  from waits`;

async function untilAllRun({ pool }: Postgres, devices: number, limitS: number): Promise<void> {
  const until = performance.now() + limitS * 1000;
  while (performance.now() < until) {
    const { rows } = await pool.query<{ running: number }>(
      "select count(*)::integer as running from lifo4.registry where kind = 'running-deployment'",
    );
    if (rows[0]?.running === devices) return;
    await sleep(LOOK_MS);
  }
}

/** What a repeated answer would add comes after the first ones. */
async function untilQuiet({ pool }: Postgres): Promise<void> {
  let before = -1;
  for (;;) {
    const { rows } = await pool.query<{ facts: number }>(
      'select count(*)::integer as facts from lifo4.event',
    );
    const facts = rows[0]?.facts ?? 0;
    if (facts === before) return;
    before = facts;
    await sleep(4 * LOOK_MS);
  }
}

type Closers = (() => Promise<unknown>)[];

async function measure(context: BenchContext, closers: Closers): Promise<void> {
  const devices = context.number('devices');
  await checkOpenFiles(devices);
  const database = await openBenchDatabase(context);
  closers.push(() => database.close());
  const nats = await startBenchNats(context);
  closers.push(() => nats.close());
  const folder = await mkdtemp(join(tmpdir(), 'lifo4-ml-bench-fleet-'));
  closers.push(() => rm(folder, { recursive: true, force: true }));

  const cloud = startChild<CloudAnswer>('cloud-process.ts', [], {
    ...{ DATABASE_URL: database.connectionString, NATS_URL: nats.url, MQTT_URL: nats.mqttUrl },
    ...{ LIFO4_DATA: folder, LIFO4_PORT: String(await freePort()) },
  });
  closers.push(() => cloud.close());
  await cloud.next('ready');
  const postgres = await openPostgres({
    connectionString: database.connectionString,
    logger: quietLogger,
    applicationName: 'bench',
  });
  closers.push(() => postgres.close());
  const population = createPopulation(postgres, devices);
  await population.register();
  context.say(`${devices} sites with a device each are in the log`);

  const fleet = startChild<DevicesAnswer>('devices-process.ts', [nats.mqttUrl, String(devices)]);
  closers.push(() => fleet.close());
  const { seconds: connectS } = await fleet.next('connected');
  context.say(`${devices} devices connected in ${connectS.toFixed(1)} s, a TCP connection each`);

  const before = { ...(await cloud.ask('usage')), allCpuS: treeCpuSeconds(process.pid) };
  await population.offer();
  await untilAllRun(postgres, devices, context.number('limit'));
  await untilQuiet(postgres);
  await postgres.pool.query('analyze lifo4.event');
  const { rows } = await postgres.pool.query<Outcome>(OUTCOME);
  const usage = { ...(await cloud.ask('usage')), allCpuS: treeCpuSeconds(process.pid) };
  report(context, devices, rows[0], { connectS, usage, before, natsMb: await nats.memoryMb() });
}

interface Usage {
  readonly peakMb: number;
  readonly cpuS: number;
  /** Of every process of the bench: cloud, database, broker and devices. */
  readonly allCpuS: number;
}

interface Costs {
  readonly connectS: number;
  readonly natsMb: number;
  readonly usage: Usage;
  readonly before: Usage;
}

function report(
  { figure }: BenchContext,
  devices: number,
  outcome: Outcome | undefined,
  { connectS, natsMb, usage, before }: Costs,
): void {
  const { acked = 0, doubled = 0, seconds, p50, p99 } = outcome ?? {};
  figure('devices', '', [devices]);
  figure('connect_s', 's', [connectS]);
  // One that is missing makes the time to the last one endless.
  figure('seconds_to_all_acked', 's', [
    acked === devices ? (seconds ?? Number.NaN) : Number.POSITIVE_INFINITY,
  ]);
  figure('device_p50_s', 's', [p50 ?? Number.NaN]);
  figure('device_p99_s', 's', [p99 ?? Number.NaN]);
  figure('acks_lost', '', [devices - acked]);
  figure('acks_doubled', '', [doubled]);
  figure('peak_rss_mb', 'MB', [usage.peakMb]);
  figure('nats_mb', 'MB', [natsMb]);
  figure('cloud_cpu_s', 's', [usage.cpuS - before.cpuS]);
  figure('all_cpu_s', 's', [usage.allCpuS - before.allCpuS]);
}

const bench: Bench = {
  summary: 'desired states to a whole fleet over MQTT on a NATS server, until every ack is in the log',
  options: {
    devices: { description: 'devices, each with a connection of its own', default: '10000' },
    limit: { description: 'seconds to wait for the last ack', default: '180' },
  },
  run: async (context) => {
    const closers: Closers = [];
    try {
      await measure(context, closers);
    } finally {
      for (const close of closers.reverse()) await close();
    }
  },
};
export default bench;
