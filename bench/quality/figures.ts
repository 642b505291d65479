import { readFileSync } from 'node:fs';
import type { FoldResult } from './measure-fold.ts';

/** Reports a figure with its values. */
export type Report = (name: string, unit: string, values: readonly number[]) => void;

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const geometricMean = (values: readonly number[]): number => Math.exp(mean(values.map(Math.log)));
const wapeOf = (fold: FoldResult, model: string): number => fold.scores.get(model)?.wape ?? Number.NaN;

const MEMBERS = ['lstm', 'xgboost', 'prophet', 'linear', 'profile'];

function modelFigures(folds: readonly FoldResult[], report: Report): void {
  const names = [...new Set(folds.flatMap(({ scores }) => [...scores.keys()]))];
  for (const name of names) {
    const scores = folds.flatMap(({ scores: all }) => all.get(name) ?? []);
    report(`wape_${name}`, '%', [mean(scores.map(({ wape }) => wape))]);
    report(`mape_${name}`, '%', [mean(scores.map(({ mape }) => mape))]);
    report(`mase_${name}`, '', [mean(scores.map(({ mase }) => mase))]);
    const ranks = folds.map((fold) => {
      const own = wapeOf(fold, name);
      return 1 + names.filter((other) => wapeOf(fold, other) < own).length;
    });
    report(`rank_${name}`, '', [mean(ranks)]);
  }
}

/** Rows `series,fold,model,…,wape` of a file of peers, as WAPE by model and `series/fold`. */
function readPeers(file: string): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const [header = '', ...lines] = readFileSync(file, 'utf8').trim().split(/\r?\n/);
  const columns = header.split(',');
  const peers = new Map<string, Map<string, number>>();
  for (const line of lines) {
    const cells = line.split(',');
    const cell = (name: string): string => cells[columns.indexOf(name)] ?? '';
    const folds = peers.get(cell('model')) ?? new Map<string, number>();
    folds.set(`${cell('series')}/${cell('fold')}`, Number(cell('wape')));
    peers.set(cell('model'), folds);
  }
  return peers;
}

function peerFigures(folds: readonly FoldResult[], file: string, report: Report): void {
  for (const [peer, wapes] of readPeers(file)) {
    const ratios = folds.flatMap((fold) => {
      const other = wapes.get(`${fold.series}/${fold.fold}`);
      return other === undefined ? [] : [wapeOf(fold, 'ensemble') / other];
    });
    if (ratios.length > 0) report(`ensemble_wape_vs_${peer}`, '', [geometricMean(ratios)]);
  }
}

function peakFigures(folds: readonly FoldResult[], report: Report): void {
  const total = (count: (fold: FoldResult) => number): number =>
    folds.reduce((sum, fold) => sum + count(fold), 0);
  const days = total(({ peaks }) => peaks.days);
  const top2 = total(({ peaks }) => peaks.top2);
  const references = folds[0]?.peaks.referenceTop2.map((_, i) =>
    total(({ peaks }) => peaks.referenceTop2[i] ?? 0),
  );
  report('peak_top1', '', [total(({ peaks }) => peaks.top1) / days]);
  report('peak_top2', '', [top2 / days]);
  report('peak_top2_vs_naive', '', [top2 / Math.max(...(references ?? []), 1)]);
  report('peak_load_captured', '', [total(({ peaks }) => peaks.captured) / days]);
}

/** All figures of a run; `peers` is a file or empty. */
export function reportFigures(folds: readonly FoldResult[], peers: string, report: Report): void {
  modelFigures(folds, report);
  const means = MEMBERS.map((name) => mean(folds.map((fold) => wapeOf(fold, name)))).filter(
    (value) => !Number.isNaN(value),
  );
  report('ensemble_wape_vs_best_member', '', [
    mean(folds.map((fold) => wapeOf(fold, 'ensemble'))) / Math.min(...means),
  ]);
  report('ensemble_wape_vs_naive168', '', [
    geometricMean(folds.map((fold) => wapeOf(fold, 'ensemble') / wapeOf(fold, 'naive168'))),
  ]);
  const toNaive = folds.map(
    (fold) =>
      wapeOf(fold, 'ensemble') /
      Math.min(...['naive24', 'naive168', 'plain_profile'].map((name) => wapeOf(fold, name))),
  );
  report('worst_vs_naive', '', [Math.max(...toNaive)]);
  report(
    'coverage90',
    '',
    folds.map(({ coverage90 }) => coverage90),
  );
  peakFigures(folds, report);
  report(
    'cpu_s_per_fold',
    's',
    folds.map(({ cpuSeconds }) => cpuSeconds),
  );
  if (peers !== '') peerFigures(folds, peers, report);
}
