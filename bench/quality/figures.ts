import type { BenchContext } from '../bench.ts';
import type { FoldResult } from './measure-fold.ts';
import { addPeaks, calibrationError, NO_PEAKS, type PeakCount } from './peaks.ts';
import type { Errors, ModelScore } from './score.ts';
import { bySeries, geometricMean, mean, meanOverSeries, meanRanks, median } from './statistics.ts';

/** Reports a figure with its values; one that is no number says that there was nothing to measure. */
export type Report = (name: string, unit: string, values: readonly number[]) => void;

/** Hands on the values that are numbers; names those figures that have none. */
export function createReport(context: Pick<BenchContext, 'figure'>): {
  readonly report: Report;
  readonly missing: readonly string[];
} {
  const missing: string[] = [];
  const report: Report = (name, unit, values) => {
    const measured = values.filter(Number.isFinite);
    if (measured.length === 0) missing.push(name);
    else context.figure(name, unit, measured);
  };
  return { report, missing };
}

const MEMBERS = ['lstm', 'xgboost', 'prophet', 'linear', 'profile'];
export const BASELINES = ['naive24', 'naive168', 'plain_profile'];

export const modelsOf = (folds: readonly FoldResult[]): string[] => [
  ...new Set(folds.flatMap(({ scores }) => [...scores.keys()])),
];

/** WAPE over all leads in percent; NaN where the model has none. */
export const wapeOf = (fold: FoldResult, model: string): number =>
  fold.scores.get(model)?.all.wape ?? Number.NaN;

/** Mean over series of something of one model's score. */
const meanOf = (folds: readonly FoldResult[], model: string, value: (score: ModelScore) => number): number =>
  meanOverSeries(folds, ({ scores }) => {
    const score = scores.get(model);
    return score === undefined ? Number.NaN : value(score);
  });

const LEADS: readonly (readonly [string, (score: ModelScore) => Errors])[] = [
  ['', ({ all }) => all],
  ['_1_24', ({ day1 }) => day1],
  ['_25_48', ({ day2 }) => day2],
];

function modelFigures(folds: readonly FoldResult[], report: Report): void {
  const ranks = meanRanks(
    folds.map(({ scores }) => new Map([...scores].map(([name, s]) => [name, s.all.wape]))),
  );
  for (const name of modelsOf(folds)) {
    for (const [leads, errors] of LEADS) {
      report(`wape${leads}_${name}`, '%', [meanOf(folds, name, (score) => errors(score).wape)]);
      report(`mape${leads}_${name}`, '%', [meanOf(folds, name, (score) => errors(score).mape)]);
      report(`mase${leads}_${name}`, '', [meanOf(folds, name, (score) => errors(score).mase)]);
    }
    report(`wape_median_${name}`, '%', [median([...bySeries(folds, (fold) => wapeOf(fold, name)).values()])]);
    report(`rank_${name}`, '', [ranks.get(name) ?? Number.NaN]);
  }
}

/** Geometric mean over series and folds of one model's WAPE over another's. */
const ratio = (folds: readonly FoldResult[], model: string, other: string): number =>
  geometricMean(folds.map((fold) => wapeOf(fold, model) / wapeOf(fold, other)));

/** The fold with the largest ratio of the ensemble's WAPE to the best baseline's. */
export function worstFold(
  folds: readonly FoldResult[],
): { readonly fold: FoldResult; readonly ratio: number } | null {
  const ratios = folds.map((fold) => ({
    fold,
    ratio: wapeOf(fold, 'ensemble') / Math.min(...BASELINES.map((name) => wapeOf(fold, name))),
  }));
  const measured = ratios.filter((entry) => Number.isFinite(entry.ratio));
  return measured.length === 0
    ? null
    : measured.reduce((worst, next) => (next.ratio > worst.ratio ? next : worst));
}

function ensembleFigures(folds: readonly FoldResult[], report: Report): void {
  const wape = (model: string): number => meanOverSeries(folds, (fold) => wapeOf(fold, model));
  const best = Math.min(...MEMBERS.map(wape).filter(Number.isFinite));
  report('ensemble_wape_vs_best_member', '', [wape('ensemble') / best]);
  for (const name of BASELINES) report(`ensemble_wape_vs_${name}`, '', [ratio(folds, 'ensemble', name)]);
  report('documented_wape_vs_naive168', '', [ratio(folds, 'documented', 'naive168')]);
  report('documented_wape_vs_ensemble', '', [ratio(folds, 'documented', 'ensemble')]);
  report('worst_vs_naive', '', [worstFold(folds)?.ratio ?? Number.NaN]);
}

const bandOf = ({ scores }: FoldResult) => scores.get('ensemble')?.band ?? null;

function bandFigures(folds: readonly FoldResult[], report: Report): void {
  const coverage = bySeries(folds, (fold) => bandOf(fold)?.coverage90 ?? Number.NaN);
  report('coverage90', '', [mean([...coverage.values()])]);
  report(
    'coverage90_fold',
    '',
    folds.map((fold) => bandOf(fold)?.coverage90 ?? Number.NaN),
  );
  for (const [series, share] of coverage) report(`coverage90_${series}`, '', [share]);
  report('width90_pct', '%', [meanOverSeries(folds, (fold) => bandOf(fold)?.widthPct ?? Number.NaN)]);
  report('pinball_pct', '%', [meanOverSeries(folds, (fold) => bandOf(fold)?.pinballPct ?? Number.NaN)]);
}

/** Peak counts of one model over all folds. */
export const peaksOfModel = (folds: readonly FoldResult[], model: string): PeakCount =>
  folds.reduce((sum, { scores }) => addPeaks(sum, scores.get(model)?.peaks ?? NO_PEAKS), NO_PEAKS);

function peakFigures(folds: readonly FoldResult[], report: Report): void {
  const ensemble = peaksOfModel(folds, 'ensemble');
  const share = (count: PeakCount, key: 'top1' | 'top2' | 'captured'): number => count[key] / count.days;
  const naive = Math.max(
    ...['naive168', 'plain_profile'].map((name) => share(peaksOfModel(folds, name), 'top2')),
  );
  report('peak_top1', '', [share(ensemble, 'top1')]);
  report('peak_top2', '', [share(ensemble, 'top2')]);
  report('peak_top2_vs_naive', '', [share(ensemble, 'top2') / naive]);
  report('peak_load_captured', '', [share(ensemble, 'captured')]);
  report('peak_ece', '', [calibrationError(ensemble)]);
  for (const name of modelsOf(folds)) {
    const count = peaksOfModel(folds, name);
    report(`peak_top2_${name}`, '', [share(count, 'top2')]);
    report(`peak_load_captured_${name}`, '', [share(count, 'captured')]);
  }
}

/** All figures of a run that name no peer. */
export function reportFigures(folds: readonly FoldResult[], report: Report): void {
  modelFigures(folds, report);
  ensembleFigures(folds, report);
  bandFigures(folds, report);
  peakFigures(folds, report);
  report(
    'cpu_s_per_fold',
    's',
    folds.map(({ cpuSeconds }) => cpuSeconds),
  );
}
