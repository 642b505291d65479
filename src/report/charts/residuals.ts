import type { Calendar } from '../../forecasting/calendar/calendar.ts';
import { HOUR_MS } from '../../forecasting/series.ts';
import { localTime } from '../format.ts';
import { html, type Markup } from '../html.ts';
import { frameOf, picture, verticalAxis } from './frame.ts';
import { extentOf, linearScale, ticksOf, tickText } from './scale.ts';

type About = { readonly id: string; readonly title: string; readonly description: string };

const BINS = 20;

/** Counts of errors in equal bins over round bounds. */
export function binsOf(errors: readonly number[]): {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
} {
  const [low, high] = extentOf(errors);
  const bounds = ticksOf(low, high, BINS);
  const step = (bounds[1] ?? 1) - (bounds[0] ?? 0);
  const counts = new Array<number>(Math.max(1, bounds.length - 1)).fill(0);
  for (const error of errors) {
    const bin = Math.min(counts.length - 1, Math.max(0, Math.floor((error - (bounds[0] ?? 0)) / step)));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { bounds, counts };
}

/** How often which error occurs; kW. */
export function histogram(errors: readonly number[], about: About): Markup {
  const { bounds, counts } = binsOf(errors);
  const frame = frameOf(520, 240);
  const { y, markup } = verticalAxis(frame, 0, Math.max(...counts), 'hours');
  const x = linearScale(0, counts.length, frame.left, frame.right);
  const zero = linearScale(bounds[0] ?? 0, bounds.at(-1) ?? 1, frame.left, frame.right)(0);
  const every = Math.ceil(bounds.length / 7);
  return picture(frame, about, [
    ...markup,
    ...counts.map(
      (n, i) =>
        html`<rect class="bar" x="${(x(i) + 1).toFixed(1)}" y="${y(n).toFixed(1)}" width="${Math.max(1, x(1) - x(0) - 2).toFixed(1)}" height="${(frame.bottom - y(n)).toFixed(1)}"/>`,
    ),
    html`<line class="zero" x1="${zero.toFixed(1)}" x2="${zero.toFixed(1)}" y1="${frame.top}" y2="${frame.bottom}"/>`,
    ...bounds.flatMap((bound, i) =>
      i % every === 0
        ? [
            html`<text class="tick" x="${x(i).toFixed(1)}" y="${frame.bottom + 16}" text-anchor="middle">${tickText(bound)}</text>`,
          ]
        : [],
    ),
  ]);
}

/** Errors hour by hour, up where the load was higher than forecast; kW. */
export function errorsOverTime(
  hours: readonly { readonly hour: number; readonly error: number }[],
  calendar: Calendar,
  about: About,
): Markup {
  const frame = frameOf(520, 240, 64);
  const [low, high] = extentOf(hours.map(({ error }) => error));
  const { y, markup } = verticalAxis(frame, Math.min(low, 0), Math.max(high, 0), 'kW');
  const first = hours[0]?.hour ?? 0;
  const last = (hours.at(-1)?.hour ?? first) + HOUR_MS;
  const x = linearScale(first, last, frame.left, frame.right);
  const midnights = calendar.midnights(first, last);
  const every = Math.ceil(midnights.length / 5);
  return picture(frame, about, [
    ...markup,
    ...midnights.flatMap((hour, i) =>
      i % every === 0 && x(hour) < frame.right - 40
        ? [
            html`<line class="day" x1="${x(hour).toFixed(1)}" x2="${x(hour).toFixed(1)}" y1="${frame.top}" y2="${frame.bottom}"/><text class="tick" x="${x(hour).toFixed(1)}" y="${frame.bottom + 16}">${localTime(hour, calendar, 'day')}</text>`,
          ]
        : [],
    ),
    ...hours.map(({ hour, error }) => {
      const [top, bottom] = error > 0 ? [y(error), y(0)] : [y(0), y(error)];
      return html`<rect class="${error > 0 ? 'above' : 'below'}" x="${x(hour).toFixed(1)}" y="${top.toFixed(1)}" width="${Math.max(0.7, x(HOUR_MS) - x(0) - 0.2).toFixed(2)}" height="${Math.max(0.3, bottom - top).toFixed(1)}"/>`;
    }),
  ]);
}
