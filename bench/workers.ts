import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HOUR_MS } from '../src/forecasting/series.ts';
import { simulateLoad } from '../src/forecasting/simulation/simulate-load.ts';
import { type Cloud, startCloud } from '../src/main/cloud.ts';
import { readConfig } from '../src/main/config.ts';
import { storeReadings } from '../src/main/quick-start/readings.ts';
import type { Bench, BenchContext } from './bench.ts';
import { type PinnedWorker, startPinnedWorker } from './support/pinned-worker.ts';
import { openBenchDatabase, quietLogger } from './support/postgres.ts';

const CALLER = { actor: 'bench', tenant: 'bench' };
const ZONE = 'America/Sao_Paulo';
const MEASURED_HOURS = 125 * 24;
const LOOK_MS = 50;

const siteName = (i: number): string => `bench-${i + 1}`;

async function addSites({ control, postgres, clocks }: Cloud, count: number): Promise<void> {
  const now = Math.floor(clocks.site.now().getTime() / HOUR_MS) * HOUR_MS;
  const settings = { zone: ZONE, ibgeCode: null, tariff: null, ratedKw: null, contract: null, target: null };
  for (let i = 0; i < count; i += 1) {
    await control.putSite(CALLER, siteName(i), settings);
    const from = now - MEASURED_HOURS * HOUR_MS;
    const readings = simulateLoad({ seed: i + 1, zone: ZONE, from, hours: MEASURED_HOURS });
    await storeReadings(postgres.telemetry, siteName(i), readings, () => undefined);
  }
}

/** Facts that end a job's training. */
const JUDGED = new Set(['JobKept', 'JobDeployed']);

async function judged({ cloud: { log } }: Cloud, jobId: string): Promise<void> {
  for (;;) {
    const types = (await log.readStream(`training-job-${jobId}`)).map(({ fact }) => fact.type);
    if (types.includes('JobFailed')) throw new Error(`job ${jobId} failed: its facts say why`);
    if (types.some((type) => JUDGED.has(type))) return;
    await sleep(LOOK_MS);
  }
}

/** Retrains every site and resolves with the seconds until the last job was judged. */
async function retrainAll(cloud: Cloud, count: number): Promise<number> {
  const wishes = {
    modelType: 'ensemble',
    members: 'all',
    trainingWindowDays: 90,
    forceRedeploy: false,
  } as const;
  const begun = performance.now();
  const jobs: string[] = [];
  for (let i = 0; i < count; i += 1)
    jobs.push((await cloud.control.requestRetrain(CALLER, { systemId: siteName(i), ...wishes })).jobId);
  for (const jobId of jobs) await judged(cloud, jobId);
  return (performance.now() - begun) / 1000;
}

/** Seconds of a retrain of all sites by so many workers, each on a core of its own. */
async function withWorkers(
  cloud: Cloud,
  workers: number,
  sites: number,
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const started: PinnedWorker[] = [];
  try {
    for (let core = 0; core < workers; core += 1) started.push(await startPinnedWorker(core, env));
    return await retrainAll(cloud, sites);
  } finally {
    await Promise.all(started.map((worker) => worker.close()));
  }
}

async function measure(context: BenchContext, cloud: Cloud, env: Readonly<Record<string, string>>) {
  const [sites, rounds] = [context.number('sites'), context.number('rounds')];
  await addSites(cloud, sites);
  const [one, two]: [number[], number[]] = [[], []];
  for (let round = 1; round <= rounds; round += 1) {
    one.push(await withWorkers(cloud, 1, sites, env));
    two.push(await withWorkers(cloud, 2, sites, env));
    context.say(
      `round ${round}: ${one.at(-1)?.toFixed(1)} s with one worker, ${two.at(-1)?.toFixed(1)} s with two`,
    );
  }
  context.figure('seconds_1', 's', one);
  context.figure('seconds_2', 's', two);
  context.figure(
    'speedup_2',
    '',
    one.map((seconds, i) => seconds / (two[i] ?? Number.NaN)),
  );
}

const workers: Bench = {
  summary: 'retrain of a fleet by one and by two workers, each on one core, one model at a time',
  options: {
    sites: { description: 'sites that are retrained', default: '20' },
    rounds: { description: 'repetitions', default: '1' },
  },
  async run(context) {
    if (availableParallelism() < 2) throw new Error('two workers take two cores: this machine has one');
    const database = await openBenchDatabase(context);
    const folder = await mkdtemp(join(tmpdir(), 'lifo4-bench-workers-'));
    const env = { DATABASE_URL: database.connectionString, LIFO4_DATA: folder, LIFO4_LOG_LEVEL: 'error' };
    try {
      const config = { ...readConfig({ ...env, LIFO4_TRAININGS: '0' }), port: 0 };
      const cloud = await startCloud(config, quietLogger);
      await measure(context, cloud, env).finally(() => cloud.close());
    } finally {
      await database.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

export default workers;
