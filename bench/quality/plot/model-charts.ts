import { modelsOf, peaksOfModel, wapeOf } from '../figures.ts';
import type { FoldResult } from '../measure-fold.ts';
import type { Peer } from '../peer-figures.ts';
import { bySeries, mean } from '../statistics.ts';
import { element, line, linear, logarithmic, path, picture, type Range, text, ticks } from './svg.ts';

const COLOURS: Readonly<Record<string, string>> = {
  ensemble: '#0b6e4f',
  documented: '#3a7ca5',
  naive24: '#b0b0b0',
  naive168: '#7d7d7d',
  linear: '#d08c2e',
  lstm: '#8a5fbf',
  xgboost: '#c8553d',
};

const PEER = '#6b7280';

export const colourOf = (model: string): string => COLOURS[model] ?? '#9aa5b1';

interface Strip {
  readonly name: string;
  readonly colour: string;
  readonly values: readonly number[];
}

function stripsOf(folds: readonly FoldResult[], peers: readonly Peer[]): Strip[] {
  const own = modelsOf(folds).map((name) => ({
    name,
    colour: colourOf(name),
    values: [...bySeries(folds, (fold) => wapeOf(fold, name)).values()],
  }));
  const theirs = peers.map(({ name, byFold }) => ({
    name: `${name} (peer)`,
    colour: PEER,
    values: [...bySeries([...byFold.values()], ({ wape }) => wape).values()],
  }));
  return [...own, ...theirs].sort((a, b) => mean(a.values) - mean(b.values));
}

const LOG_TICKS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500];

/** WAPE of every model: a dot a series, a bar for the mean; logarithmic. */
export function wapeStrips(folds: readonly FoldResult[], peers: readonly Peer[]): string {
  const strips = stripsOf(folds, peers);
  const all = strips.flatMap(({ values }) => values).filter((value) => value > 0 && Number.isFinite(value));
  const domain = { from: 0.9 * Math.min(...all), to: 1.1 * Math.max(...all) };
  const [left, right, row] = [190, 820, 22];
  const bottom = 16 + strips.length * row;
  const x = logarithmic(domain, { from: left, to: right });
  const grid = LOG_TICKS.filter((tick) => tick >= domain.from && tick <= domain.to).flatMap((tick) => [
    line(x(tick), 6, x(tick), bottom, { class: 'grid' }),
    text(x(tick), bottom + 14, `${tick} %`, { 'text-anchor': 'middle' }),
  ]);
  const rows = strips.flatMap(({ name, colour, values }, i) => {
    const y = 20 + i * row;
    const dots = values
      .filter((value) => value > 0)
      .map((value) => element('circle', { cx: x(value), cy: y, r: 4, fill: colour, 'fill-opacity': '0.45' }));
    const centre = x(mean(values));
    const bold = name === 'ensemble' ? { 'font-weight': 'bold' } : {};
    return [
      text(left - 12, y + 4, name, { 'text-anchor': 'end', ...bold }),
      ...dots,
      line(centre, y - 8, centre, y + 8, { stroke: colour, 'stroke-width': 3 }),
      text(right + 12, y + 4, mean(values).toFixed(2), bold),
    ];
  });
  return picture(880, bottom + 22, 'WAPE by model', [...grid, ...rows]);
}

const DRAWN = ['naive24', 'naive168', 'xgboost', 'lstm', 'linear', 'documented', 'ensemble'];

function axes(x: Range, y: Range, width: number, height: number, units: readonly [string, string]) {
  const across = linear(x, { from: 46, to: width - 110 });
  const up = linear(y, { from: height - 34, to: 12 });
  const grid = [
    ...ticks(y, 5).flatMap((tick) => [
      line(46, up(tick), width - 110, up(tick), { class: 'grid' }),
      text(40, up(tick) + 4, `${tick}${units[1]}`, { 'text-anchor': 'end' }),
    ]),
    ...ticks(x, 6).map((tick) =>
      text(across(tick), height - 18, `${tick}${units[0]}`, { 'text-anchor': 'middle' }),
    ),
  ];
  return { across, up, grid };
}

/** Moves labels apart that would lie over each other. */
function apart(places: readonly number[], gap: number): number[] {
  const order = [...places.keys()].sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0));
  const moved = [...places];
  order.forEach((index, i) => {
    const before = moved[order[i - 1] ?? -1] ?? Number.NEGATIVE_INFINITY;
    moved[index] = Math.max(places[index] ?? 0, before + gap);
  });
  return moved;
}

/** WAPE by lead time, mean over series. */
export function wapeByLead(folds: readonly FoldResult[]): string {
  const [width, height] = [880, 320];
  const curves = DRAWN.filter((name) => folds.some(({ scores }) => scores.has(name))).map((name) => ({
    name,
    values: Array.from({ length: 48 }, (_, lead) =>
      mean([...bySeries(folds, ({ scores }) => scores.get(name)?.wapeByLead[lead] ?? Number.NaN).values()]),
    ),
  }));
  const highest = Math.max(...curves.flatMap(({ values }) => values.filter(Number.isFinite)));
  const { across, up, grid } = axes({ from: 1, to: 48 }, { from: 0, to: 1.05 * highest }, width, height, [
    '',
    ' %',
  ]);
  const labels = apart(
    curves.map(({ values }) => up(values.at(-1) ?? 0) + 4),
    14,
  );
  const lines = curves.flatMap(({ name, values }, i) => [
    path(
      values.map((value, lead) => [across(lead + 1), up(value)]),
      { stroke: colourOf(name), 'stroke-width': name === 'ensemble' ? '2.6' : '1.4' },
    ),
    text(width - 102, labels[i] ?? 0, name, { fill: colourOf(name) }),
  ]);
  const caption = text(46, height - 2, 'lead time in hours, forecasts issued at local midnight');
  return picture(width, height, 'WAPE by lead time', [...grid, ...lines, caption]);
}

/** Share of hours that were the day's peak against the chance given. */
export function reliability(folds: readonly FoldResult[]): string {
  const [width, height] = [460, 320];
  const { bins } = peaksOfModel(folds, 'ensemble');
  const whole = { from: 0, to: 1 };
  const { across, up, grid } = axes(whole, whole, width + 60, height, ['', '']);
  const filled = bins.filter(({ hours }) => hours > 0);
  const dots = filled.map(({ hours, given, happened }) =>
    element('circle', {
      cx: across(given / hours),
      cy: up(happened / hours),
      r: 2.5 + 2 * Math.log10(hours),
      fill: colourOf('ensemble'),
      'fill-opacity': '0.75',
    }),
  );
  const counts = filled.map(({ hours, given, happened }) =>
    text(across(given / hours) + 12, up(happened / hours) + 4, String(hours), { class: 'small' }),
  );
  const ideal = line(across(0), up(0), across(1), up(1), { stroke: '#999', 'stroke-dasharray': '4 4' });
  const caption = text(46, height - 2, 'chance given; beside each dot its hours');
  return picture(width, height, 'Reliability of the peak probability', [
    ...grid,
    ideal,
    ...dots,
    ...counts,
    caption,
  ]);
}
