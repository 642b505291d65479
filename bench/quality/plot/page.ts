import { BASELINES, modelsOf, wapeOf } from '../figures.ts';
import type { FoldResult } from '../measure-fold.ts';
import type { Peer } from '../peer-figures.ts';
import { mean } from '../statistics.ts';
import { reliability, wapeByLead, wapeStrips } from './model-charts.ts';
import { coverageStrips, dayAheadChart } from './series-charts.ts';
import { escapeText } from './svg.ts';

const STYLE = `
  body { font: 14px/1.5 system-ui, sans-serif; color: #1d2327; margin: 2rem auto; max-width: 900px; padding: 0 1rem }
  h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.1rem; margin: 2.2rem 0 .4rem } h3 { font-size: .95rem; margin: 1.2rem 0 0 }
  p { margin: .2rem 0 .8rem; color: #50575e } svg { max-width: 100%; height: auto; display: block }
  svg text { font: 12px system-ui, sans-serif } svg .small { font-size: 10px }
  .grid { stroke: #e3e6e8 } .wanted { fill: #0b6e4f; fill-opacity: .1 } .pair { display: flex; flex-wrap: wrap; gap: 1rem }
  .wide { overflow-x: auto } table { border-collapse: collapse; font-size: 12px; font-variant-numeric: tabular-nums }
  th, td { padding: .25rem .5rem; text-align: right; white-space: nowrap } th:first-child { text-align: left } th { font-weight: 600 }`;

/** Green below 1, red above, stronger the further away. */
function shadeOf(ratio: number): string {
  if (!Number.isFinite(ratio)) return 'transparent';
  const strength = Math.min(0.75, Math.abs(Math.log2(ratio)) * 0.6);
  return ratio < 1
    ? `rgba(11, 110, 79, ${strength.toFixed(2)})`
    : `rgba(200, 85, 61, ${strength.toFixed(2)})`;
}

function heatTable(folds: readonly FoldResult[]): string {
  // The ensemble comes last of a fold and belongs first in a wide table.
  const models = modelsOf(folds).toReversed();
  const rows = [...Map.groupBy(folds, ({ series }) => series)].map(([series, own]) => {
    const wape = (model: string): number => mean(own.map((fold) => wapeOf(fold, model)));
    const bar = Math.min(...BASELINES.map(wape));
    const cells = models.map(
      (model) => `<td style="background:${shadeOf(wape(model) / bar)}">${wape(model).toFixed(2)}</td>`,
    );
    return `<tr><th>${escapeText(series)}</th>${cells.join('')}</tr>`;
  });
  const head = models.map((model) => `<th>${escapeText(model)}</th>`).join('');
  return `<div class="wide"><table><tr><th>series</th>${head}</tr>${rows.join('')}</table></div>`;
}

function dayAheadSection(folds: readonly FoldResult[]): string {
  const newest = [...Map.groupBy(folds, ({ series }) => series)].flatMap(([, own]) => own[0] ?? []);
  return newest
    .map((fold) => {
      const score = fold.scores.get('ensemble');
      const told = `WAPE ${score?.all.wape.toFixed(2)} %, fold ${fold.fold}`;
      return `<h3>${escapeText(fold.series)}</h3><p>${told}</p>${dayAheadChart(fold)}`;
    })
    .join('');
}

/** All plots of a run as one page that needs nothing else. */
export function plotPage(folds: readonly FoldResult[], peers: readonly Peer[]): string {
  const days = folds[0]?.windowDays ?? 0;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Forecast quality</title><style>${STYLE}</style></head><body>
<h1>Forecast quality</h1>
<p>${folds.length} folds of ${new Set(folds.map(({ series }) => series)).size} series, trained on ${days} days, tested on the 14 after.</p>
<h2>Error by model</h2><p>WAPE over leads 1–48; a dot is a series, the bar and the number are the mean.</p>
${wapeStrips(folds, peers)}
<h2>Error by series</h2><p>WAPE in percent; green is below the best of the three baselines, red above.</p>
${heatTable(folds)}
<h2>Error by lead time</h2>
${wapeByLead(folds)}
<div class="pair"><div><h2>Coverage of the 90 % band</h2><p>A dot is a fold; shaded: 86–94 %.</p>${coverageStrips(folds)}</div>
<div><h2>Peak probability</h2><p>How often an hour was its day's peak.</p>${reliability(folds)}</div></div>
<h2>A day ahead</h2><p>The first day of every forecast of the newest fold: green with its 90 % band, black as measured; kW, days in UTC.</p>
${dayAheadSection(folds)}
</body></html>
`;
}
