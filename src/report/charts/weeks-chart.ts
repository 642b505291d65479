import { parseDate } from '../../forecasting/calendar/day.ts';
import { html, type Markup } from '../html.ts';
import { type Frame, frameOf, picture, verticalAxis } from './frame.ts';
import { extentOf, linearScale, type Scale } from './scale.ts';

const DAY_MS = 86_400_000;

/** Figures of consecutive weeks; fractions, null where there is none. */
export interface WeekLine {
  /** Class of the line. */
  readonly kind: 'forecast' | 'naive' | 'first';
  readonly values: readonly (number | null)[];
}

export interface WeeksChart {
  /** Mondays, `YYYY-MM-DD`. */
  readonly weeks: readonly string[];
  readonly lines: readonly WeekLine[];
  /** Days (epoch ms) on which a new model began to serve. */
  readonly models: readonly { readonly at: number; readonly version: string }[];
  /** Times in which an alert was open. */
  readonly alerts: readonly { readonly from: number; readonly to: number }[];
}

/** A week is drawn at its middle. */
const middle = (week: string): number => ((parseDate(week) ?? 0) + 3.5) * DAY_MS;

function path(weeks: readonly string[], values: WeekLine['values'], x: Scale, y: Scale): string {
  let drawn = '';
  let isDown = false;
  weeks.forEach((week, i) => {
    const value = values[i] ?? null;
    if (value !== null)
      drawn += `${isDown ? 'L' : 'M'}${x(middle(week)).toFixed(1)} ${y(value * 100).toFixed(1)}`;
    isDown = value !== null;
  });
  return drawn;
}

const MONTH_WIDTH = 46;

/** The first of each month, named as often as there is room. */
function months(from: number, to: number, x: Scale, { top, bottom, right }: Frame): Markup[] {
  const first = new Date(from);
  const count = Math.ceil((to - from) / (28 * DAY_MS)) + 1;
  const starts = Array.from({ length: count }, (_, i) =>
    Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + i, 1),
  ).filter((start) => start >= from && start < to && x(start) < right - 8);
  const wide = x(31 * DAY_MS) - x(0);
  const every = Math.max(1, Math.ceil(MONTH_WIDTH / wide));
  const form = new Intl.DateTimeFormat('en-GB', { month: 'short', year: '2-digit', timeZone: 'UTC' });
  return starts.map((start, i) => {
    const px = x(start).toFixed(1);
    return html`<line class="day" x1="${px}" x2="${px}" y1="${top}" y2="${bottom}"/><text class="tick" x="${px}" y="${bottom + 25}">${i % every === 0 ? form.format(start) : ''}</text>`;
  });
}

/** Error by week of several forecasts, with what happened meanwhile. */
export function weeksChart(
  { weeks, lines, models, alerts }: WeeksChart,
  about: { readonly id: string; readonly title: string; readonly description: string },
): Markup {
  const frame = frameOf(1030, 300);
  const known = lines.flatMap(({ values }) =>
    values.flatMap((value) => (value === null ? [] : [value * 100])),
  );
  const { y, markup } = verticalAxis(frame, 0, extentOf(known)[1], '%');
  const from = (parseDate(weeks[0] ?? '') ?? 0) * DAY_MS;
  const to = ((parseDate(weeks.at(-1) ?? '') ?? 0) + 7) * DAY_MS;
  const x = linearScale(from, to, frame.left, frame.right);
  const within = (at: number): number => x(Math.min(to, Math.max(from, at)));
  return picture(frame, about, [
    ...alerts.map(
      (alert) =>
        html`<rect class="alert" x="${within(alert.from).toFixed(1)}" y="${frame.top}" width="${Math.max(2, within(alert.to) - within(alert.from)).toFixed(1)}" height="${frame.bottom - frame.top}"/>`,
    ),
    ...markup,
    ...months(from, to, x, frame),
    ...lines.map(({ kind, values }) => html`<path class="${kind}" d="${path(weeks, values, x, y)}"/>`),
    ...models.map(
      ({ at, version }) =>
        html`<path class="mark" d="M${within(at).toFixed(1)} ${frame.bottom}l-5 9h10z"><title>${version} begins to serve</title></path>`,
    ),
  ]);
}
