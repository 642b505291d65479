import { writeFile } from 'node:fs/promises';
import type { Bench, BenchContext } from './bench.ts';
import { type BenchSeries, readFolder } from './quality/bench-series.ts';
import { createReport, reportFigures, wapeOf, worstFold } from './quality/figures.ts';
import { rowsOf } from './quality/fold-row.ts';
import type { FoldResult } from './quality/measure-fold.ts';
import { peersOf, reportPeerFigures } from './quality/peer-figures.ts';
import { readPeers } from './quality/peer-file.ts';
import { plotPage } from './quality/plot/page.ts';
import { type Folds, runFolds } from './quality/run-folds.ts';
import { geometricMean } from './quality/statistics.ts';
import { sayTables } from './quality/tables.ts';

/** Reads the folder; what was assumed of a series, and what cannot be read, is said. */
async function read(
  context: BenchContext,
): Promise<{ readonly series: readonly BenchSeries[]; readonly refused: number }> {
  const only = context.option('series').split(',').filter(Boolean);
  const { series, refused } = await readFolder(context.option('data'), only);
  for (const { name, notes } of series) for (const note of notes) context.say(`${name}: ${note}`);
  for (const { name, reason } of refused) context.say(`${name}: refused: ${reason}`);
  return { series, refused: refused.length };
}

/** Geometric mean over the folds that both windows could measure of the ensemble's WAPE. */
function windowRatio({ results, compared }: Folds): number {
  const key = ({ series, fold }: FoldResult): string => `${series}/${fold}`;
  const base = new Map(results.map((fold) => [key(fold), wapeOf(fold, 'ensemble')]));
  return geometricMean(
    compared.map((fold) => wapeOf(fold, 'ensemble') / (base.get(key(fold)) ?? Number.NaN)),
  );
}

function sayWorst(folds: readonly FoldResult[], context: BenchContext): void {
  const worst = worstFold(folds);
  if (worst === null) return;
  const { series, fold } = worst.fold;
  context.say(
    `\nworst against the best baseline: ${series} ${fold}, ${worst.ratio.toFixed(2)} times its WAPE`,
  );
}

/**
 * Each fold ends 90 days before the one after it (0 is the newest); its last 14 local days are forecast from
 * every midnight with 48 hours left, its days before them are trained on as a job trains: gate's fit, backtest
 * for weights and band, refit. No future load or temperature is used.
 */
const forecastQuality: Bench = {
  summary: 'accuracy of every model and the ensemble on a folder of real series, beside peers',
  options: {
    data: { description: 'folder of timestamp_utc,load_kw[,temperature_c] files with a zones.csv' },
    folds: { description: 'folds of each series', default: '3' },
    window: { description: 'days of the training window', default: '90' },
    'fit-days': {
      description: 'train on so many of the days instead, as a gate does on 76 of 90',
      default: '0',
    },
    'compare-window': { description: 'measure the ensemble with this window too', default: '0' },
    series: { description: 'only these series, by name, separated by commas', default: '' },
    peers: { description: 'file of peers with the columns series, fold, model, wape', default: '' },
    plot: { description: 'write a page of plots to this file', default: '' },
  },
  async run(context) {
    const peerRows = context.option('peers') === '' ? [] : readPeers(context.option('peers'));
    const { series, refused } = await read(context);
    const windowDays = context.number('fit-days') || context.number('window');
    const compareDays = context.number('compare-window') || null;
    const foldCount = context.number('folds');
    const folds = await runFolds({ series, folds: foldCount, windowDays, compareDays }, context.say);
    const { results } = folds;
    const peers = peersOf(results, peerRows);
    const { report, missing } = createReport(context);
    for (const row of [...results, ...folds.compared].flatMap(rowsOf)) context.row(row);
    report('folds_measured', '', [results.length]);
    report('folds_skipped', '', [folds.skipped]);
    report('folds_refused', '', [folds.refused + refused * foldCount]);
    report('folds_failed', '', [folds.failed]);
    if (results.length === 0) {
      context.say('\nno fold could be measured: the folder has no usable series of this length');
      return;
    }
    sayTables(results, peers, context.say);
    sayWorst(results, context);
    reportFigures(results, report);
    reportPeerFigures(results, peers, report);
    if (compareDays !== null) report(`window_${compareDays}_vs_${windowDays}`, '', [windowRatio(folds)]);
    if (missing.length > 0) context.say(`\nnothing to measure: ${missing.join(', ')}`);
    if (context.option('plot') !== '') {
      await writeFile(context.option('plot'), plotPage(results, peers));
      context.say(`\nplots written to ${context.option('plot')}`);
    }
  },
};

export default forecastQuality;
