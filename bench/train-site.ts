import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench, BenchContext } from './bench.ts';
import { COMMON } from './quality/common-models.ts';
import { readPeers } from './quality/peer-file.ts';
import { type PythonPeers, preparePython } from './support/python-peers.ts';
import { type JobCost, type JobSite, jobSite, measureJob } from './support/site-job.ts';

/** CPU seconds of the same models' job in Python, by its names. */
type PythonCost = Readonly<Record<string, number>>;

const total = (cost: PythonCost): number => Object.values(cost).reduce((sum, one) => sum + one, 0);

/** The site as a file of a folder, which is how Python's side takes it. */
async function writeSite(folder: string, { name, zone, readings }: JobSite): Promise<void> {
  const rows = readings.map(({ hour, loadKw }) => `${new Date(hour).toISOString()},${loadKw ?? ''}`);
  await writeFile(join(folder, `${name}.csv`), ['timestamp_utc,load_kw', ...rows, ''].join('\n'));
  await writeFile(join(folder, 'zones.csv'), `series,zone,country\n${name},${zone},BR\n`);
}

/** Python's fits, backtest, refits and exports on a window of the same length. @throws {NoPython} */
async function pythonJob(
  python: PythonPeers,
  site: JobSite,
  windowDays: number,
  context: BenchContext,
): Promise<PythonCost> {
  const folder = await mkdtemp(join(tmpdir(), 'lifo4-ml-train-site-'));
  try {
    await writeSite(folder, site);
    const models = Object.values(COMMON);
    const out = join(folder, 'rows');
    const task = { data: folder, series: site.name, fold: 0, windowDays, models, out };
    await python.run(task, (line) => {
      if (/^(failed|missing|skipped)/.test(line)) context.say(`  python: ${line}`);
    });
    return Object.fromEntries(
      readPeers(out)
        .filter(({ model }) => models.includes(model))
        .map(({ model, job_cpu_s: cost }) => [model, cost ?? Number.NaN]),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function reportOurs(costs: readonly JobCost[], context: BenchContext): void {
  const report = (name: string, unit: string, value: (cost: JobCost) => number): void =>
    context.figure(name, unit, costs.map(value));
  report('cpu_s', 's', ({ cpuSeconds }) => cpuSeconds);
  report('wall_s', 's', ({ wallSeconds }) => wallSeconds);
  report('peak_rss_mb', 'MB', ({ peakRssMb }) => peakRssMb);
  report('artifact_mb', 'MB', ({ artifact }) => artifact.length / 2 ** 20);
  for (const stage of new Set(costs.flatMap(({ byStage }) => [...byStage.keys()]))) {
    report(`cpu_s_${stage}`, 's', ({ byStage }) => byStage.get(stage) ?? 0);
  }
  for (const model of new Set(costs.flatMap(({ byModel }) => [...byModel.keys()]))) {
    report(`cpu_s_model_${model}`, 's', ({ byModel }) => byModel.get(model) ?? 0);
  }
}

function reportPython(ours: readonly JobCost[], theirs: readonly PythonCost[], context: BenchContext): void {
  const missing = Object.values(COMMON).filter((model) => !theirs.every((cost) => model in cost));
  context.figure('python_cpu_s', 's', theirs.map(total));
  for (const model of Object.keys(theirs[0] ?? {})) {
    context.figure(
      `python_cpu_s_${model}`,
      's',
      theirs.map((cost) => cost[model] ?? Number.NaN),
    );
  }
  if (missing.length > 0) {
    context.say(`no ratio to Python: it has no ${missing.join(', ')} here`);
    return;
  }
  context.figure(
    'cpu_vs_python',
    '',
    ours.map(({ cpuSeconds }, i) => cpuSeconds / total(theirs[i] ?? {})),
  );
}

/**
 * A job as a node does it: cleaning, the processes that train, and all that they do. With `--python` each run
 * alternates with the same models' fits, backtest, refits and exports in Python; its imports are not counted.
 */
const trainSite: Bench = {
  summary: 'processor time and memory of a whole training job by stage, beside the same models in Python',
  options: {
    csv: { description: 'train on this file instead of a simulated plant', default: '' },
    window: { description: 'days of the training window', default: '90' },
    runs: { description: 'jobs to measure', default: '3' },
    python: { description: 'measure the same models in Python too', flag: true },
  },
  async run(context) {
    const windowDays = context.number('window');
    const site = await jobSite(context.option('csv'), windowDays);
    const python = context.option('python') === 'true' ? await preparePython(context.say) : null;
    for (const [name, version] of Object.entries(python?.versions ?? {})) context.version(name, version);
    const ours: JobCost[] = [];
    const theirs: PythonCost[] = [];
    const runs = context.number('runs');
    for (let run = 1; run <= runs; run++) {
      const cost = await measureJob(site, windowDays);
      ours.push(cost);
      const stages = [...cost.byStage].map(([stage, seconds]) => `${stage} ${seconds.toFixed(2)}`).join(', ');
      context.say(
        `[${run}/${runs}] ${cost.cpuSeconds.toFixed(2)} CPU s in ${cost.wallSeconds.toFixed(1)} s: ${stages}`,
      );
      if (python === null) continue;
      const other = await pythonJob(python, site, windowDays, context);
      theirs.push(other);
      context.say(`[${run}/${runs}] Python: ${total(other).toFixed(2)} CPU s`);
    }
    reportOurs(ours, context);
    if (theirs.length > 0) reportPython(ours, theirs, context);
  },
};

export default trainSite;
