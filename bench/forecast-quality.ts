import { UnusableData } from '../src/forecasting/cleaning/findings.ts';
import type { Bench, BenchContext } from './bench.ts';
import { readSeries } from './quality/bench-series.ts';
import { reportFigures } from './quality/figures.ts';
import { type FoldResult, type FoldTask, measureFold } from './quality/measure-fold.ts';

function line({ series, fold, scores, coverage90, cpuSeconds }: FoldResult): string {
  const wapes = [...scores].map(([name, { wape }]) => `${name} ${wape.toFixed(2)}`).join('  ');
  return `${series} ${fold}: ${wapes}  coverage ${(100 * coverage90).toFixed(0)} %  ${cpuSeconds.toFixed(1)} CPU s`;
}

/** A fold's result, or null when its data are refused: said, and left out of the means. */
async function measured(context: BenchContext, task: FoldTask): Promise<FoldResult | null> {
  try {
    const result = await measureFold(task);
    context.say(line(result));
    return result;
  } catch (error) {
    if (!(error instanceof UnusableData)) throw error;
    context.say(`${task.series.name} ${task.fold}: refused: ${error.message}`);
    return null;
  }
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
    series: { description: 'only these series, by name, separated by commas', default: '' },
    peers: { description: 'file of peers with the columns series, fold, model, wape', default: '' },
  },
  async run(context) {
    const only = context.option('series').split(',').filter(Boolean);
    const windowDays = context.number('fit-days') || context.number('window');
    const folds: FoldResult[] = [];
    for (const series of await readSeries(context.option('data'), only)) {
      for (let fold = 0; fold < context.number('folds'); fold++) {
        const result = await measured(context, { series, fold, windowDays });
        if (result !== null) folds.push(result);
      }
    }
    if (folds.length === 0)
      throw new RangeError('no fold could be measured: the folder has no usable series');
    reportFigures(folds, context.option('peers'), (name, unit, values) => context.figure(name, unit, values));
  },
};

export default forecastQuality;
