import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Bench, BenchContext } from './bench.ts';
import { readFolder } from './quality/bench-series.ts';
import { COMMON } from './quality/common-models.ts';
import { createReport, reportFigures } from './quality/figures.ts';
import { type FoldTask, testDaysOf } from './quality/fold.ts';
import { rowsOf } from './quality/fold-row.ts';
import { type FoldResult, measureFold } from './quality/measure-fold.ts';
import { peersOf, reportPeerFigures } from './quality/peer-figures.ts';
import { type PeerRow, readPeers } from './quality/peer-file.ts';
import { geometricMean, mean } from './quality/statistics.ts';
import { sayTables } from './quality/tables.ts';
import { createProgress } from './support/progress.ts';
import { type PythonPeers, preparePython } from './support/python-peers.ts';

const listOf = (context: BenchContext, name: string): string[] =>
  context.option(name).split(',').filter(Boolean);

interface Turn {
  readonly task: FoldTask;
  /** Even turns begin with ours. */
  readonly turn: number;
  readonly python: PythonPeers;
  readonly out: string;
  readonly context: BenchContext;
}

/** Runs one side; what fails there is said and does not end the run. */
async function guarded(measure: () => Promise<void>, context: BenchContext): Promise<void> {
  try {
    await measure();
  } catch (error) {
    context.say(`  ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Measures one fold by both stacks, turn and turn about. */
async function bothStacks({ task, turn, python, out, context }: Turn): Promise<FoldResult | null> {
  const days = testDaysOf(task);
  const { series, fold, windowDays } = task;
  context.say(`${series.name} ${fold}${days === null ? ': skipped, the series begins too late' : ''}`);
  if (days === null) return null;
  let result: FoldResult | null = null;
  const ours = async (): Promise<void> => {
    result = await measureFold(task, days, { proof: true });
    const wape = result.scores.get('ensemble')?.all.wape.toFixed(2);
    const [job, proof] = [jobCost(result), proofCost(result)].map((seconds) => seconds.toFixed(1));
    context.say(`  ours: WAPE ${wape} %, ${job} CPU s, ${proof} more for proving all files`);
  };
  const data = resolve(context.option('data'));
  const order = { data, series: series.name, fold, windowDays, models: listOf(context, 'models'), out };
  const theirs = (): Promise<void> => python.run(order, (line) => context.say(`  ${line}`));
  for (const measure of turn % 2 === 0 ? [ours, theirs] : [theirs, ours]) await guarded(measure, context);
  return result;
}

/** CPU seconds of a fold's fits, backtest, refit and export. */
const jobCost = ({ cpuSeconds, exportCpuSeconds }: FoldResult): number => cpuSeconds + exportCpuSeconds;

/** CPU seconds of proving the files, which Python's side does not do. */
const proofCost = ({ parityCpuSeconds }: FoldResult): number => parityCpuSeconds ?? 0;

type JobCost = (model: string) => number;

/** CPU seconds of a fold's whole job on Python's side by model; NaN where it has none. */
function costsOf({ series, fold }: FoldResult, rows: readonly PeerRow[]): JobCost {
  const own = rows.filter((row) => row.series === series && row.fold === fold);
  return (model) => own.find((row) => row.model === model)?.job_cpu_s ?? Number.NaN;
}

/** What a job of the models that both stacks have costs: fits, backtest, refit and export. */
function costFigures(folds: readonly FoldResult[], rows: readonly PeerRow[], context: BenchContext): void {
  const { report } = createReport(context);
  const theirs = (fold: FoldResult): number =>
    Object.values(COMMON).reduce((sum, model) => sum + costsOf(fold, rows)(model), 0);
  const whole = (fold: FoldResult): number => jobCost(fold) + proofCost(fold);
  report('job_cpu_s', 's', folds.map(jobCost));
  report('proof_cpu_s', 's', folds.map(proofCost));
  report('python_job_cpu_s', 's', folds.map(theirs));
  report(
    'cpu_vs_python',
    '',
    folds.map((fold) => jobCost(fold) / theirs(fold)),
  );
  report(
    'cpu_with_proof_vs_python',
    '',
    folds.map((fold) => whole(fold) / theirs(fold)),
  );
  for (const [model, peer] of Object.entries(COMMON)) {
    const ratios = folds.map(
      (fold) => (fold.scores.get(model)?.cpuSeconds ?? Number.NaN) / costsOf(fold, rows)(peer),
    );
    report(`cpu_vs_python_${model}`, '', [geometricMean(ratios)]);
  }
  context.say(
    "\nsame fits, backtest, refit and export, CPU s: ours, Python's, the ratio, and with our proof of all files",
  );
  const say = (name: string, of: readonly FoldResult[]): void => {
    const costOf = (cost: (fold: FoldResult) => number): number => mean(of.map(cost));
    const [own, other] = [costOf(jobCost), costOf(theirs)];
    const ratios = `${(own / other).toFixed(2)} and ${(costOf(whole) / other).toFixed(2)}`;
    context.say(`${name.padEnd(24)} ${own.toFixed(1)}, ${other.toFixed(1)}: ${ratios}`);
  };
  for (const fold of folds) say(`${fold.series} ${fold.fold}`, [fold]);
  const comparable = folds.filter((fold) => Number.isFinite(theirs(fold)));
  if (comparable.length > 0) say('total', comparable);
}

async function freshFile(context: BenchContext): Promise<string> {
  const out = resolve(context.option('out'));
  await mkdir(dirname(out), { recursive: true });
  await rm(out, { force: true });
  return out;
}

/**
 * The protocol of forecast-quality by both stacks in turn, one thread each. The Python side is installed under
 * the cache folder at the first run; its rows are a file for `forecast-quality --peers`.
 */
const peers: Bench = {
  summary: 'both stacks side by side on a folder of series: ours, and the usual models in Python',
  options: {
    data: { description: 'folder of timestamp_utc,load_kw[,temperature_c] files with a zones.csv' },
    folds: { description: 'folds of each series', default: '1' },
    window: { description: 'days of the training window', default: '90' },
    series: { description: 'only these series, by name, separated by commas', default: '' },
    models: { description: 'only these models in Python, separated by commas', default: '' },
    out: { description: 'where the rows of Python go', default: '.cache/peers.csv' },
  },
  async run(context) {
    const { series, refused } = await readFolder(context.option('data'), listOf(context, 'series'));
    for (const { name, reason } of refused) context.say(`${name}: refused: ${reason}`);
    const python = await preparePython(context.say);
    for (const [name, version] of Object.entries(python.versions)) context.version(name, version);
    const out = await freshFile(context);
    const [folds, windowDays] = [context.number('folds'), context.number('window')];
    const tasks: FoldTask[] = series.flatMap((one) =>
      Array.from({ length: folds }, (_, fold) => ({ series: one, fold, windowDays })),
    );
    const progress = createProgress(tasks.length);
    const results: FoldResult[] = [];
    for (const [turn, task] of tasks.entries()) {
      const result = await bothStacks({ task, turn, python, out, context });
      if (result !== null) results.push(result);
      context.say(progress.step());
    }
    finish(context, results, existsSync(out) ? readPeers(out) : []);
    context.say(`\nPython's rows are in ${out}`);
  },
};

function finish(context: BenchContext, results: readonly FoldResult[], rows: readonly PeerRow[]): void {
  for (const row of results.flatMap(rowsOf)) context.row(row);
  const shared = peersOf(results, rows);
  const { report } = createReport(context);
  report('folds_measured', '', [results.length]);
  if (results.length === 0) return;
  sayTables(results, shared, context.say);
  reportFigures(results, report);
  reportPeerFigures(results, shared, report);
  costFigures(results, rows, context);
}

export default peers;
