import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createGraph } from '../src/forecasting/onnx/graph.ts';
import { readModel } from '../src/forecasting/onnx/model-reader.ts';
import { createOperators } from '../src/forecasting/onnx/operators.ts';
import type { Bench, BenchContext } from './bench.ts';
import { type JobSite, jobSite, measureJob } from './support/site-job.ts';

const WINDOW_DAYS = 90;

/** What a measuring process answers; times in ms, `cpu` the processor time of a forecast. */
interface Answer {
  readonly rssMb: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpu: number;
}

/** One round: memory with a trivial model, with the artifact in its place, and of a process that forecasts. */
interface Round extends Answer {
  readonly bareMb: number;
  readonly sessionMb: number;
}

/** A model of one addition. */
function trivialModel(): Uint8Array {
  const graph = createGraph({ name: 'trivial', producerName: 'lifo4-ml', producerVersion: '0' });
  const { add, scalar } = createOperators(graph);
  graph.output('sum', add(graph.input('input', 'float32', ['N', 1]), scalar(1)), 'float32', ['N', 1]);
  return graph.encode();
}

/** Runs a module of `bench/support` in a fresh process. */
async function measureIn(module: string, args: readonly string[]): Promise<Answer> {
  const file = join(import.meta.dirname, 'support', module);
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', file, ...args]);
  return JSON.parse(stdout);
}

interface Files {
  readonly artifact: string;
  readonly hours: string;
  readonly trivial: string;
}

async function writeFiles(
  folder: string,
  artifact: Uint8Array,
  readings: JobSite['readings'],
): Promise<Files> {
  const files = {
    artifact: join(folder, 'forecast.onnx'),
    hours: join(folder, 'hours.json'),
    trivial: join(folder, 'trivial.onnx'),
  };
  await writeFile(files.artifact, artifact);
  await writeFile(files.trivial, trivialModel());
  const load = readings.map(({ loadKw }) => loadKw ?? 0);
  await writeFile(files.hours, JSON.stringify({ start: readings[0]?.hour, load }));
  return files;
}

/** Features of one row of an artifact. */
function widthOf(artifact: Uint8Array): number {
  const width = readModel(artifact).inputs[0]?.dimensions?.[1];
  if (typeof width !== 'number') throw new TypeError('the artifact has no input of a known width');
  return width;
}

async function measureRound(
  { artifact, hours, trivial }: Files,
  width: number,
  runs: string,
): Promise<Round> {
  const { rssMb: bareMb } = await measureIn('bare-inference.ts', [trivial, '1', runs]);
  const { rssMb: loadedMb } = await measureIn('bare-inference.ts', [artifact, String(width), runs]);
  const answer = await measureIn('device-inference.ts', [artifact, hours, runs]);
  return { ...answer, bareMb, sessionMb: loadedMb - bareMb };
}

function report(rounds: readonly Round[], context: BenchContext): void {
  const figure = (name: string, unit: string, value: (round: Round) => number): void =>
    context.figure(name, unit, rounds.map(value));
  figure('p50_ms', 'ms', ({ p50 }) => p50);
  figure('p99_ms', 'ms', ({ p99 }) => p99);
  figure('cpu_ms', 'ms', ({ cpu }) => cpu);
  figure('session_mb', 'MB', ({ sessionMb }) => sessionMb);
  figure('process_over_bare_mb', 'MB', ({ rssMb, bareMb }) => rssMb - bareMb);
  figure('process_mb', 'MB', ({ rssMb }) => rssMb);
}

/**
 * Trains a simulated site, then forecasts with its artifact in fresh processes, as a device does, and measures
 * memory against the same program with nothing but ONNX Runtime and a trivial model, in turn.
 */
const inference: Bench = {
  summary: 'time and memory of features and ensemble in one row, on an artifact trained in the run',
  options: {
    processes: { description: 'rounds of fresh processes to measure', default: '7' },
    runs: { description: 'forecasts in each', default: '500' },
  },
  async run(context) {
    const folder = await mkdtemp(join(tmpdir(), 'lifo4-ml-inference-'));
    try {
      context.say('training a simulated site');
      const site = await jobSite('', WINDOW_DAYS);
      const { artifact } = await measureJob(site, WINDOW_DAYS);
      const files = await writeFiles(folder, artifact, site.readings);
      const rounds: Round[] = [];
      const wanted = context.number('processes');
      for (let i = 1; i <= wanted; i++) {
        const round = await measureRound(files, widthOf(artifact), context.option('runs'));
        rounds.push(round);
        const [p50, p99] = [round.p50.toFixed(3), round.p99.toFixed(3)];
        context.say(`[${i}/${wanted}] p50 ${p50}, p99 ${p99} ms, session ${round.sessionMb.toFixed(1)} MB`);
      }
      report(rounds, context);
      context.figure('artifact_mb', 'MB', [artifact.length / 2 ** 20]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

export default inference;
