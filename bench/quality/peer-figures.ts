import { modelsOf, type Report, wapeOf } from './figures.ts';
import type { FoldResult } from './measure-fold.ts';
import type { PeerRow } from './peer-file.ts';
import { bySeries, geometricMean, mean, meanRanks, median } from './statistics.ts';

/** Peers that are the same rule as a baseline of ours: they would be ranked twice. */
const TWINS = ['naive24', 'naive168', 'profile'];

/** Whose WAPE is compared with every peer's. */
const COMPARED = ['ensemble', 'documented'];

/** A peer's rows of the folds that were measured. */
export interface Peer {
  readonly name: string;
  readonly byFold: ReadonlyMap<string, PeerRow>;
}

const foldKey = ({ series, fold }: { readonly series: string; readonly fold: number }): string =>
  `${series}/${fold}`;

/** The peers that have a fold in common with ours, by name. */
export function peersOf(folds: readonly FoldResult[], rows: readonly PeerRow[]): Peer[] {
  const measured = new Set(folds.map(foldKey));
  const shared = rows.filter((row) => measured.has(foldKey(row)));
  return [...Map.groupBy(shared, ({ model }) => model)]
    .map(([name, own]) => ({ name, byFold: new Map(own.map((row) => [foldKey(row), row])) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Geometric mean over the common folds of one of our models' WAPE over the peer's. */
export function ratioToPeer(folds: readonly FoldResult[], model: string, { byFold }: Peer): number {
  return geometricMean(
    folds.map((fold) => wapeOf(fold, model) / (byFold.get(foldKey(fold))?.wape ?? Number.NaN)),
  );
}

/** Mean and median over series of a peer's WAPE. */
export function peerWape({ byFold }: Peer): { readonly mean: number; readonly median: number } {
  const series = [...bySeries([...byFold.values()], ({ wape }) => wape).values()];
  return { mean: mean(series), median: median(series) };
}

function rankFigures(folds: readonly FoldResult[], peers: readonly Peer[], report: Report): void {
  const rivals = peers.filter(({ name }) => !TWINS.includes(name));
  const contests = (ours: readonly string[], theirs: readonly Peer[]) =>
    folds
      .filter((fold) => theirs.some(({ byFold }) => byFold.has(foldKey(fold))))
      .map((fold) => {
        const own = ours.map((name) => [name, wapeOf(fold, name)] as const);
        const wape = (peer: Peer): number => peer.byFold.get(foldKey(fold))?.wape ?? Number.NaN;
        return new Map([...own, ...theirs.map((peer) => [`peer_${peer.name}`, wape(peer)] as const)]);
      });
  const ranks = meanRanks(contests(modelsOf(folds), rivals));
  for (const [name, rank] of ranks) report(`rank_with_peers_${name}`, '', [rank]);
  const others = [...ranks].filter(([name]) => name !== 'ensemble').map(([, rank]) => rank);
  report('rank_with_peers_best_other', '', [Math.min(...others)]);
  report('rank_among_peers_ensemble', '', [
    meanRanks(contests(['ensemble'], peers)).get('ensemble') ?? Number.NaN,
  ]);
}

function peerPeakFigures({ name, byFold }: Peer, report: Report): void {
  const rows = [...byFold.values()].filter(({ peak_days: days }) => days !== undefined);
  if (rows.length === 0) return;
  const total = (key: 'peak_days' | 'peak_top2' | 'peak_captured'): number =>
    rows.reduce((sum, row) => sum + (row[key] ?? 0), 0);
  report(`peak_top2_peer_${name}`, '', [total('peak_top2') / total('peak_days')]);
  report(`peak_load_captured_peer_${name}`, '', [total('peak_captured') / total('peak_days')]);
}

/** Figures that name a peer. */
export function reportPeerFigures(
  folds: readonly FoldResult[],
  peers: readonly Peer[],
  report: Report,
): void {
  for (const peer of peers) {
    for (const model of COMPARED) {
      // The baseline's own figure of that name is exact.
      if (model === 'ensemble' && ['naive24', 'naive168'].includes(peer.name)) continue;
      report(`${model}_wape_vs_${peer.name}`, '', [ratioToPeer(folds, model, peer)]);
    }
    peerPeakFigures(peer, report);
  }
  if (peers.length > 0) rankFigures(folds, peers, report);
}
