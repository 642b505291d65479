import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { bundleDevice } from '../src/adapters/esbuild/bundle-device.ts';
import { DEVICE_ENVIRONMENT, DEVICE_NODE_OPTIONS, deviceProgram } from '../src/main/device-program.ts';
import { startTorturedCloud } from '../test/torture/edge/tortured-cloud.ts';
import type { Bench, BenchContext } from './bench.ts';
import { requireProc } from './support/process-tree.ts';
import { type JobSite, jobSite, measureJob } from './support/site-job.ts';

const ROOT = join(import.meta.dirname, '..');
const WINDOW_DAYS = 90;
/** Of the device that test/torture sets up. */
const IDENTITY = { systemId: 'bess-456', version: '1.1.0' };
const PATIENCE_MS = 120_000;

/** Resident memory of another process, MB. */
function residentMb({ pid }: ChildProcess): number {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? Number.NaN) / 1024;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** A Node that does nothing. */
async function bareNodeMb(): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  try {
    await sleep(1_500);
    return residentMb(child);
  } finally {
    await end(child);
  }
}

/** A module of `bench/support` in a process with the device's own options. */
async function measureIn(module: string, args: readonly string[]) {
  const file = join(import.meta.dirname, 'support', module);
  const options = ['--expose-gc', ...DEVICE_NODE_OPTIONS, file, ...args];
  const env = { ...process.env, ...DEVICE_ENVIRONMENT };
  const { stdout } = await promisify(execFile)(process.execPath, options, { env });
  return JSON.parse(stdout) as { readonly rssMb: number; readonly p50: number; readonly p99: number };
}

async function waitFor(isTrue: () => boolean, what: string): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  while (!isTrue()) {
    if (performance.now() > until) throw new Error(`${what} did not come`);
    await sleep(50);
  }
}

/** The whole agent: connected, with the ensemble installed and forecasts made, some time later. */
async function agentMb(artifact: Uint8Array, settleSeconds: number): Promise<number> {
  const cloud = await startTorturedCloud('dev-1');
  const settings = join(cloud.deviceFolder, 'settings.json');
  await writeFile(settings, JSON.stringify(cloud.settings));
  const program = deviceProgram(settings);
  if (program === null) throw new Error('the bundle was not built');
  const env = { ...process.env, ...program.env, LIFO4_LOG_LEVEL: 'silent' };
  const child = spawn(program.file, program.args, { stdio: ['ignore', 'ignore', 'inherit'], env });
  try {
    await cloud.offer(1, artifact);
    await waitFor(() => cloud.acks.some(({ message }) => message.status === 'active'), 'the answer active');
    await sleep(settleSeconds * 1_000);
    return residentMb(child);
  } finally {
    await end(child);
    await cloud.close();
  }
}

interface Files {
  readonly artifact: string;
  readonly hours: string;
}

async function writeFiles(folder: string, artifact: Uint8Array, { readings }: JobSite): Promise<Files> {
  const files = { artifact: join(folder, 'forecast.onnx'), hours: join(folder, 'hours.json') };
  await writeFile(files.artifact, artifact);
  const load = readings.map(({ loadKw }) => loadKw ?? 0);
  await writeFile(files.hours, JSON.stringify({ start: readings[0]?.hour, load }));
  return files;
}

async function measure(context: BenchContext, folder: string): Promise<void> {
  context.say('bundling the device and training a simulated site');
  await bundleDevice(ROOT, join(ROOT, 'dist', 'edge'));
  const site = await jobSite('', WINDOW_DAYS);
  const { artifact } = await measureJob(site, WINDOW_DAYS, IDENTITY);
  const files = await writeFiles(folder, artifact, site);
  const rounds: Record<string, number[]> = {};
  const note = (name: string, value: number): void => {
    rounds[name] = [...(rounds[name] ?? []), value];
  };
  for (let round = 1; round <= context.number('rounds'); round++) {
    note('bare_node_mb', await bareNodeMb());
    const bare = await measureIn('bare-inference.ts', [files.artifact, '3456', '50']);
    note('bare_onnxruntime_mb', bare.rssMb);
    note('agent_rss_mb', await agentMb(artifact, context.number('settle')));
    const forecasts = await measureIn('device-inference.ts', [
      files.artifact,
      files.hours,
      context.option('runs'),
    ]);
    note('forecast_p50_ms', forecasts.p50);
    note('forecast_p99_ms', forecasts.p99);
    context.say(`round ${round}: agent ${rounds['agent_rss_mb']?.at(-1)?.toFixed(1)} MB`);
  }
  for (const [name, values] of Object.entries(rounds))
    context.figure(name, name.endsWith('mb') ? 'MB' : 'ms', values);
}

const edge: Bench = {
  summary:
    'memory of a whole device and time of its forecasts, beside bare Node and bare ONNX Runtime (Linux)',
  options: {
    rounds: { description: 'fresh processes of each', default: '3' },
    runs: { description: 'forecasts timed in each', default: '500' },
    settle: { description: 'seconds from the first forecast to the look at the memory', default: '10' },
  },
  async run(context) {
    requireProc();
    const folder = await mkdtemp(join(tmpdir(), 'lifo4-ml-edge-'));
    try {
      await measure(context, folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

export default edge;
