import type { FoldResult } from '../measure-fold.ts';
import { mean } from '../statistics.ts';
import { colourOf } from './model-charts.ts';
import { area, element, line, linear, path, picture, text, ticks } from './svg.ts';

const WANTED = { from: 0.86, to: 0.94 };
const DAY_HOURS = 24;

/** Coverage of the 90 % band by series: a dot a fold, a bar for the mean, the wanted range shaded. */
export function coverageStrips(folds: readonly FoldResult[]): string {
  const grouped = [...Map.groupBy(folds, ({ series }) => series)];
  const [left, right, row] = [190, 400, 22];
  const bottom = 16 + grouped.length * row;
  const coverages = grouped.map(([series, own]) => ({
    series,
    values: own
      .map(({ scores }) => scores.get('ensemble')?.band?.coverage90 ?? Number.NaN)
      .filter(Number.isFinite),
  }));
  const lowest = Math.min(0.8, ...coverages.flatMap(({ values }) => values));
  const x = linear({ from: Math.floor(lowest * 20) / 20, to: 1 }, { from: left, to: right });
  const shade = element('rect', {
    x: x(WANTED.from),
    y: 6,
    width: x(WANTED.to) - x(WANTED.from),
    height: bottom - 6,
    class: 'wanted',
  });
  const grid = ticks({ from: Math.floor(lowest * 20) / 20, to: 1 }, 4).flatMap((tick) => [
    line(x(tick), 6, x(tick), bottom, { class: 'grid' }),
    text(x(tick), bottom + 14, `${Math.round(tick * 100)} %`, { 'text-anchor': 'middle' }),
  ]);
  const rows = coverages.flatMap(({ series, values }, i) => {
    const y = 20 + i * row;
    const colour = colourOf('ensemble');
    const dot = (value: number): string =>
      element('circle', { cx: x(value), cy: y, r: 4, fill: colour, 'fill-opacity': '0.45' });
    const centre = x(mean(values));
    return [
      text(left - 12, y + 4, series, { 'text-anchor': 'end' }),
      ...values.map(dot),
      ...(values.length > 0
        ? [line(centre, y - 8, centre, y + 8, { stroke: colour, 'stroke-width': 3 })]
        : []),
    ];
  });
  return picture(420, bottom + 22, 'Coverage of the 90 % band', [shade, ...grid, ...rows]);
}

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

/** The first day of every forecast of a fold beside what was measured. */
export function dayAheadChart(fold: FoldResult): string {
  const [width, height] = [880, 190];
  const { hours, actual, forecast, lower, upper } = fold.dayAhead;
  const values = [...actual, ...forecast, ...lower, ...upper].filter(Number.isFinite);
  const domain = { from: Math.min(...values), to: Math.max(...values) };
  const x = linear({ from: 0, to: hours.length - 1 }, { from: 52, to: width - 8 });
  const y = linear(domain, { from: height - 26, to: 10 });
  const grid = ticks(domain, 4).flatMap((tick) => [
    line(52, y(tick), width - 8, y(tick), { class: 'grid' }),
    text(46, y(tick) + 4, compact.format(tick), { 'text-anchor': 'end' }),
  ]);
  const days = hours.flatMap((hour, i) =>
    i % DAY_HOURS === 0 ? [text(x(i), height - 8, new Date(hour).toISOString().slice(5, 10))] : [],
  );
  return picture(width, height, `Day-ahead forecasts of ${fold.series}`, [
    ...grid,
    area(
      hours.map((_, i) => [x(i), y(lower[i] ?? Number.NaN), y(upper[i] ?? Number.NaN)]),
      { fill: colourOf('ensemble'), 'fill-opacity': '0.18' },
    ),
    path(
      actual.map((value, i) => [x(i), y(value)]),
      { stroke: '#222', 'stroke-width': '1.2' },
    ),
    path(
      forecast.map((value, i) => [x(i), y(value)]),
      { stroke: colourOf('ensemble'), 'stroke-width': '1.6' },
    ),
    ...days,
  ]);
}
