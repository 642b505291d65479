import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import autocannon from 'autocannon';
import type { Bench, BenchContext } from './bench.ts';
import { type Pace, pacedLoad, percentile } from './support/paced-load.ts';
import { openBenchDatabase } from './support/postgres.ts';
import { freePort, type Server, startServer } from './support/status-servers.ts';

/** Both are processes of their own; the load comes from this one. */
interface Pair {
  readonly node: Server;
  readonly bare: Server;
}

const CONNECTIONS = 10;
const POLL_MS = 100;
/** Two seconds of full load each; V8 is still optimising when the first are over. */
const WARM_UP_ROUNDS = 3;

interface JobStatus {
  readonly status: string;
  readonly progress: readonly unknown[];
}

const statusOf = async (url: string): Promise<JobStatus> => (await (await fetch(url)).json()) as JobStatus;

/** The training has told of its progress: its process is at work. */
const isTraining = ({ status, progress }: JobStatus): boolean => status === 'training' && progress.length > 0;

const isUnfinished = ({ status }: JobStatus): boolean => status === 'pending' || status === 'training';

/** One retrain after another, so that a training runs whenever something is measured. */
function createTrainings({ node }: Pair, giveUpAt: number) {
  let path: string | null = null;
  let count = 0;

  /** Waits for what is asked for; false when the job ended without. */
  async function until(holds: (job: JobStatus) => boolean, url: string): Promise<boolean> {
    let job = await statusOf(url);
    while (isUnfinished(job) && !holds(job)) {
      if (performance.now() > giveUpAt) throw new Error(`the job is still ${job.status}: raise --limit`);
      await sleep(POLL_MS);
      job = await statusOf(url);
    }
    return holds(job);
  }
  return {
    count: () => count,
    /** Path of a job that trains at this moment, perhaps one that was started for it. */
    running: async (): Promise<string> => {
      while (path === null || !(await until(isTraining, `${node.url}${path}`))) {
        path = `/api/v1/ml/training-jobs/${(await node.ask('train', 'training')).jobId}`;
        count += 1;
      }
      return path;
    },
    isRunning: async (job: string): Promise<boolean> => isTraining(await statusOf(`${node.url}${job}`)),
    /** Path of the last job, once it has ended. */
    ended: async (): Promise<string> => {
      if (path === null) throw new Error('nothing was trained');
      await until(() => false, `${node.url}${path}`);
      return path;
    },
  };
}

type Trainings = ReturnType<typeof createTrainings>;

interface Measured {
  readonly p99Ms: number;
  readonly delayP99Ms: number;
}

/** Null when the training ended meanwhile: what reached beyond it does not count. */
async function measureOnce(
  server: Server,
  node: Server,
  trainings: Trainings,
  pace: Pace,
): Promise<Measured | null> {
  const path = await trainings.running();
  await node.ask('delay', 'delay');
  const took = await pacedLoad(`${server.url}${path}`, pace);
  const { p99Ms: delayP99Ms } = await node.ask('delay', 'delay');
  if (!(await trainings.isRunning(path))) return null;
  return { p99Ms: percentile(took, 0.99), delayP99Ms };
}

/** Status calls while real trainings run, ours and bare in turn; returns the path of a job that has ended. */
async function measureTraining(context: BenchContext, pair: Pair): Promise<string> {
  const limit = context.number('limit');
  const giveUpAt = performance.now() + limit * 1000;
  const trainings = createTrainings(pair, giveUpAt);
  const pace = { perSecond: context.number('rate'), seconds: context.number('chunk') };
  const wanted = context.number('chunks');
  const own: Measured[] = [];
  const bare: Measured[] = [];
  const first = await trainings.running();
  for (const { url } of [pair.node, pair.bare]) await pacedLoad(`${url}${first}`, { ...pace, seconds: 1 });
  while (bare.length < wanted) {
    if (performance.now() > giveUpAt) {
      throw new Error(`${bare.length} of ${wanted} measurements fitted into ${limit} s of trainings`);
    }
    const [server, into] =
      own.length <= bare.length ? ([pair.node, own] as const) : ([pair.bare, bare] as const);
    const measured = await measureOnce(server, pair.node, trainings, pace);
    if (measured !== null) into.push(measured);
  }
  context.say(
    `${wanted} measurements each of ${pace.perSecond} calls/s during ${trainings.count()} trainings`,
  );
  const p99s = (all: readonly Measured[]): readonly number[] => all.map(({ p99Ms }) => p99Ms);
  context.figure('status_p99_ms_training', 'ms', p99s(own));
  context.figure('bare_p99_ms_training', 'ms', p99s(bare));
  context.figure(
    'loop_delay_p99_ms_training',
    'ms',
    own.map(({ delayP99Ms }) => delayP99Ms),
  );
  return trainings.ended();
}

/** Calls a second that the server can answer. */
async function rate(server: Server, path: string, seconds: number): Promise<number> {
  const url = `${server.url}${path}`;
  const result = await autocannon({ url, connections: CONNECTIONS, duration: seconds });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${url}: ${result.non2xx} refusals and ${result.errors} errors`);
  }
  return result['2xx'] / result.duration;
}

async function warmUp(pair: Pair, path: string): Promise<void> {
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) {
    await rate(pair.node, path, 2);
    await rate(pair.bare, path, 2);
  }
}

/** Calls a second that both can answer, alternating. */
async function compare(context: BenchContext, pair: Pair, path: string): Promise<void> {
  const { node, bare } = pair;
  const rates = new Map<Server, number[]>([node, bare].map((server) => [server, []]));
  const seconds = context.number('seconds');
  await warmUp(pair, path);
  for (let round = 0; round < context.number('rounds'); round += 1) {
    for (const server of round % 2 === 0 ? [node, bare] : [bare, node]) {
      rates.get(server)?.push(await rate(server, path, seconds));
    }
  }
  const [own = [], peer = []] = rates.values();
  const ratios = own.map((value, i) => value / (peer[i] ?? Number.NaN));
  context.figure('status_vs_bare', '', ratios);
  context.figure('status_per_s', '1/s', own);
  context.figure('status_bare_per_s', '1/s', peer);
}

const bench: Bench = {
  summary:
    'a job’s status beside bare fastify with the same queries: calls a second when idle; p99 at a fixed rate, each call timed from when it was due, while real trainings run',
  options: {
    rounds: { description: 'repetitions of the comparison', default: '20' },
    seconds: {
      description: 'length of one repetition; short ones share a busy machine alike',
      default: '0.5',
    },
    chunks: { description: 'measurements of each server during the trainings', default: '6' },
    chunk: { description: 'seconds of one measurement during a training', default: '2' },
    rate: { description: 'status calls a second during a training', default: '250' },
    limit: {
      description: 'seconds after which measurements during trainings are given up',
      default: '60',
    },
  },
  run: async (context) => {
    const database = await openBenchDatabase(context);
    const folder = await mkdtemp(join(tmpdir(), 'lifo4-ml-bench-node-'));
    const env = { DATABASE_URL: database.connectionString, LIFO4_DATA: folder, LIFO4_LOG_LEVEL: 'error' };
    const unlimited = { LIFO4_RATE_PER_MINUTE: '0' };
    const node = await startServer('status-node.ts', {
      ...env,
      ...unlimited,
      LIFO4_PORT: String(await freePort()),
    });
    const bare = await startServer('bare-status.ts', env);
    try {
      await compare(context, { node, bare }, await measureTraining(context, { node, bare }));
    } finally {
      await Promise.all([node.close(), bare.close()]);
      await rm(folder, { recursive: true, force: true });
      await database.close();
    }
  },
};

export default bench;
