import { modelsOf, peaksOfModel, wapeOf } from './figures.ts';
import type { FoldResult } from './measure-fold.ts';
import { type Peer, peerWape, ratioToPeer } from './peer-figures.ts';
import { bySeries, geometricMean, mean, median } from './statistics.ts';

type Say = (line: string) => void;

const number = (value: number, digits = 2): string => (Number.isFinite(value) ? value.toFixed(digits) : '–');
const percent = (share: number): string => (Number.isFinite(share) ? `${(100 * share).toFixed(0)} %` : '–');

function lines(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

function modelTable(folds: readonly FoldResult[]): string[][] {
  const rows = modelsOf(folds).map((model) => {
    const wapes = [...bySeries(folds, (fold) => wapeOf(fold, model)).values()];
    const { days, top2, captured } = peaksOfModel(folds, model);
    const bands = folds.map(({ scores }) => scores.get(model)?.band?.coverage90 ?? Number.NaN);
    const cpu = folds.map(({ scores }) => scores.get(model)?.cpuSeconds ?? Number.NaN);
    const toNaive = geometricMean(folds.map((fold) => wapeOf(fold, model) / wapeOf(fold, 'naive168')));
    return {
      wape: mean(wapes),
      cells: [
        model,
        number(mean(wapes)),
        number(median(wapes)),
        number(toNaive),
        percent(mean(bands)),
        percent(top2 / days),
        percent(captured / days),
        number(mean(cpu)),
      ],
    };
  });
  const head = ['model', 'WAPE %', 'median', '/naive168', 'coverage', 'peak top 2', 'captured', 'CPU s'];
  return [head, ...rows.sort((a, b) => a.wape - b.wape).map(({ cells }) => cells)];
}

function seriesTable(folds: readonly FoldResult[]): string[][] {
  const grouped = [...Map.groupBy(folds, ({ series }) => series)];
  const rows = grouped.map(([series, own]) => {
    const wape = (model: string): number => mean(own.map((fold) => wapeOf(fold, model)));
    const ensembles = own.map(({ scores }) => scores.get('ensemble'));
    const { days, top2, captured } = peaksOfModel(own, 'ensemble');
    return [
      series,
      String(own.length),
      number(wape('ensemble')),
      number(wape('documented')),
      number(wape('naive168')),
      number(wape('plain_profile')),
      number(mean(ensembles.map((score) => score?.all.mape ?? Number.NaN))),
      percent(mean(ensembles.map((score) => score?.band?.coverage90 ?? Number.NaN))),
      `${number(mean(ensembles.map((score) => score?.band?.widthPct ?? Number.NaN)), 0)} %`,
      percent(top2 / days),
      percent(captured / days),
    ];
  });
  const head = [
    'series',
    'folds',
    'WAPE %',
    'documented',
    'naive168',
    'profile',
    'MAPE %',
    'coverage',
    'width',
  ];
  return [[...head, 'peak top 2', 'captured'], ...rows];
}

function peerTable(folds: readonly FoldResult[], peers: readonly Peer[]): string[][] {
  const rows = peers.map((peer) => {
    const wape = peerWape(peer);
    const ratios = ['ensemble', 'documented'].map((model) => number(ratioToPeer(folds, model, peer), 3));
    return [peer.name, String(peer.byFold.size), number(wape.mean), number(wape.median), ...ratios];
  });
  return [['peer', 'folds', 'WAPE %', 'median', 'ensemble/peer', 'documented/peer'], ...rows];
}

/** Says what was measured, by model, by series and beside the peers. */
export function sayTables(folds: readonly FoldResult[], peers: readonly Peer[], say: Say): void {
  const tables = [
    modelTable(folds),
    seriesTable(folds),
    ...(peers.length > 0 ? [peerTable(folds, peers)] : []),
  ];
  for (const table of tables) ['', ...lines(table)].forEach(say);
}
