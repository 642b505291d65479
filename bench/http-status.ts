import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import autocannon from 'autocannon';
import type { Bench, BenchContext } from './bench.ts';
import { openBenchDatabase } from './support/postgres.ts';
import type { NodeAnswer, NodeOrder } from './support/status-messages.ts';

/** Servers are processes of their own; the load comes from this one. */
interface Server {
  readonly url: string;
  ask<Kind extends NodeAnswer['kind']>(
    order: NodeOrder,
    kind: Kind,
  ): Promise<Extract<NodeAnswer, { kind: Kind }>>;
  close(): Promise<void>;
}

interface Pair {
  readonly node: Server;
  readonly bare: Server;
}

const CONNECTIONS = 10;
/** Status calls a second while a training runs: a hundred people who watch. */
const WATCHED_PER_S = 100;

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function nextAnswer<Kind extends NodeAnswer['kind']>(child: ChildProcess, kind: Kind) {
  const ended = once(child, 'exit').then(() => {
    throw new Error(`the server ended before it said ${kind}`);
  });
  for (;;) {
    const [answer]: NodeAnswer[] = await Promise.race([once(child, 'message'), ended]);
    if (answer?.kind === kind) return answer as Extract<NodeAnswer, { kind: Kind }>;
  }
}

async function start(file: string, env: Readonly<Record<string, string>>): Promise<Server> {
  const child = fork(join(import.meta.dirname, 'support', file), { env: { ...process.env, ...env } });
  const { url } = await nextAnswer(child, 'ready');
  return {
    url,
    ask: async (order, kind) => {
      const answer = nextAnswer(child, kind);
      child.send(order);
      return answer;
    },
    close: async () => {
      const exit = once(child, 'exit');
      child.disconnect();
      await exit;
    },
  };
}

interface Load {
  readonly seconds: number;
  /** Calls a second; as many as it can when left out. */
  readonly overallRate?: number;
}

async function load(url: string, { seconds, ...rate }: Load): Promise<autocannon.Result> {
  const result = await autocannon({ url, connections: CONNECTIONS, duration: seconds, ...rate });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${url}: ${result.non2xx} refusals and ${result.errors} errors`);
  }
  return result;
}

const statusOf = async (url: string): Promise<string> =>
  ((await (await fetch(url)).json()) as { status: string }).status;

interface Watched {
  readonly latencies: number[];
  readonly delays: number[];
  /** What bare fastify takes under the same training: the machine's share. */
  readonly bareLatencies: number[];
}

async function watchOnce(pair: Pair, path: string, watch: Load, into: Watched): Promise<void> {
  await pair.node.ask('delay', 'delay');
  const { latency } = await load(`${pair.node.url}${path}`, watch);
  const { p99Ms } = await pair.node.ask('delay', 'delay');
  const bare = await load(`${pair.bare.url}${path}`, watch);
  // What reached beyond the training does not count.
  if ((await statusOf(`${pair.bare.url}${path}`)) !== 'DataCollected') return;
  into.latencies.push(latency.p99);
  into.delays.push(p99Ms);
  into.bareLatencies.push(bare.latency.p99);
}

/** Status calls while a real training runs, alternating; returns the job's path. */
async function measureTraining(context: BenchContext, pair: Pair): Promise<string> {
  const { jobId } = await pair.node.ask('train', 'training');
  const path = `/api/v1/ml/training-jobs/${jobId}`;
  const url = `${pair.node.url}${path}`;
  const into: Watched = { latencies: [], delays: [], bareLatencies: [] };
  const watch = { seconds: context.number('chunk'), overallRate: WATCHED_PER_S };
  while ((await statusOf(url)) === 'pending') await load(url, { ...watch, seconds: 1 });
  while ((await statusOf(url)) === 'training') await watchOnce(pair, path, watch, into);
  context.say(`training ended as ${await statusOf(url)} after ${into.latencies.length} measurements`);
  context.figure('status_p99_ms_training', 'ms', into.latencies);
  context.figure('bare_p99_ms_training', 'ms', into.bareLatencies);
  context.figure('loop_delay_p99_ms_training', 'ms', into.delays);
  return path;
}

async function rate({ url }: Server, path: string, seconds: number): Promise<number> {
  const result = await load(`${url}${path}`, { seconds });
  return result['2xx'] / result.duration;
}

/** Calls a second that both can answer, alternating. */
async function compare(context: BenchContext, { node, bare }: Pair, path: string): Promise<void> {
  const rates = new Map<Server, number[]>([node, bare].map((server) => [server, []]));
  const seconds = context.number('seconds');
  for (const server of rates.keys()) await rate(server, path, 2);
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
  summary: 'a job’s status beside bare fastify with the same queries, and while a real training runs',
  options: {
    rounds: { description: 'repetitions of the comparison', default: '9' },
    seconds: { description: 'length of one repetition', default: '2' },
    chunk: { description: 'seconds of one measurement during the training', default: '3' },
  },
  run: async (context) => {
    const database = await openBenchDatabase(context);
    const folder = await mkdtemp(join(tmpdir(), 'lifo4-ml-bench-node-'));
    const env = { DATABASE_URL: database.connectionString, LIFO4_DATA: folder, LIFO4_LOG_LEVEL: 'error' };
    const node = await start('status-node.ts', { ...env, LIFO4_PORT: String(await freePort()) });
    const bare = await start('bare-status.ts', env);
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
