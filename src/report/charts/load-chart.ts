import type { Calendar } from '../../forecasting/calendar/calendar.ts';
import { HOUR_MS } from '../../forecasting/series.ts';
import { localTime } from '../format.ts';
import { html, type Markup } from '../html.ts';
import { type Frame, frameOf, picture, verticalAxis } from './frame.ts';
import { extentOf, linearScale, type Scale } from './scale.ts';

/** Consecutive hours of a forecast; kW, NaN where there is none. */
export interface LoadHours {
  /** Epoch ms of the first hour. */
  readonly start: number;
  readonly actual: ArrayLike<number>;
  readonly forecast: ArrayLike<number>;
  readonly lower: ArrayLike<number>;
  readonly upper: ArrayLike<number>;
}

const at = (values: ArrayLike<number>, i: number): number => values[i] ?? Number.NaN;
const point = (x: number, y: number): string => `${x.toFixed(1)} ${y.toFixed(1)}`;

/** A line through what is a number, broken where nothing is. */
function linePath(values: ArrayLike<number>, x: Scale, y: Scale): string {
  let path = '';
  for (let i = 0; i < values.length; i++) {
    const value = at(values, i);
    if (Number.isNaN(value)) continue;
    path += `${Number.isNaN(at(values, i - 1)) ? 'M' : 'L'}${point(x(i + 0.5), y(value))}`;
  }
  return path;
}

/** The band's outline, one for each run of hours that have one. */
function bandPath({ lower, upper }: LoadHours, x: Scale, y: Scale): string {
  let path = '';
  let run: number[] = [];
  const close = (): void => {
    const above = run.map((i) => point(x(i + 0.5), y(at(upper, i))));
    const below = run.toReversed().map((i) => point(x(i + 0.5), y(at(lower, i))));
    if (run.length > 1) path += `M${[...above, ...below].join('L')}Z`;
    run = [];
  };
  for (let i = 0; i < lower.length; i++) {
    if (Number.isNaN(at(lower, i))) close();
    else run.push(i);
  }
  close();
  return path;
}

/** Pixels that a date takes, with room beside it. */
const DATE_WIDTH = 90;

/** How a tick at an hour is labelled, or null where there is none; `few` hours have the clock between the dates. */
function labeller(calendar: Calendar, start: number, dayWidth: number, few: boolean) {
  const days = Math.ceil(DATE_WIDTH / dayWidth);
  const first = calendar.dayOf(start);
  return (hour: number): string | null => {
    const local = calendar.hourOf(hour);
    if (local !== 0) return few && local % 6 === 0 ? localTime(hour, calendar, 'clock') : null;
    return (calendar.dayOf(hour) - first) % days === 0 ? localTime(hour, calendar, 'day') : '';
  };
}

/** Local midnights, dated as often as there is room; where the hours are few, the clock between them. */
function timeAxis({ start, forecast }: LoadHours, calendar: Calendar, x: Scale, frame: Frame): Markup[] {
  const hours = Array.from({ length: forecast.length }, (_, i) => start + i * HOUR_MS);
  const labelOf = labeller(calendar, start, x(24) - x(0), hours.length <= 72);
  return hours.flatMap((hour, i) => {
    const label = labelOf(hour);
    if (label === null) return [];
    const px = x(i).toFixed(1);
    return [
      html`<line class="${calendar.hourOf(hour) === 0 ? 'day' : 'grid'}" x1="${px}" x2="${px}" y1="${frame.top}" y2="${frame.bottom}"/><text class="tick" x="${px}" y="${frame.bottom + 16}">${label}</text>`,
    ];
  });
}

/** Forecast with its 90 % band against the actual load, in the site's local time. */
export function loadChart(
  hours: LoadHours,
  calendar: Calendar,
  about: {
    readonly id: string;
    readonly title: string;
    readonly description: string;
    readonly width: number;
    /** Scrolls sideways, so its axis stands at both ends. */
    readonly wide?: boolean;
  },
): Markup {
  const frame = about.wide === true ? frameOf(about.width, 270, 64, 64) : frameOf(about.width, 270, 64);
  const [low, high] = extentOf(hours.actual, hours.forecast, hours.lower, hours.upper);
  const { y, markup } = verticalAxis(frame, low, high, 'kW', about.wide);
  const x = linearScale(0, hours.forecast.length, frame.left, frame.right);
  return picture(frame, about, [
    ...markup,
    ...timeAxis(hours, calendar, x, frame),
    html`<path class="band" d="${bandPath(hours, x, y)}"/>`,
    html`<path class="actual" d="${linePath(hours.actual, x, y)}"/>`,
    html`<path class="forecast" d="${linePath(hours.forecast, x, y)}"/>`,
  ]);
}

const actualKey: Markup = html`<span class="key k-actual"></span>actual `;

/** What the lines mean; the actual load is named only where some of it is known. */
export const legendOf = (withActual: boolean): Markup =>
  html`<p class="legend">${withActual ? actualKey : ''}<span class="key k-forecast"></span>forecast <span class="key k-band"></span>90 % band</p>`;

export const loadLegend: Markup = legendOf(true);
