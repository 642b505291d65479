import type { Calendar } from '../../forecasting/calendar/calendar.ts';
import type { ForecastDays } from '../../forecasting/details.ts';
import { HORIZON_HOURS } from '../../forecasting/horizon.ts';
import { HOUR_MS } from '../../forecasting/series.ts';
import { type LoadHours, loadChart, loadLegend } from '../charts/load-chart.ts';
import { kw, localTime, percent } from '../format.ts';
import { html, type Markup } from '../html.ts';
import { asTable, section, table } from '../page.ts';

const DAY = 24;

/** The hours of the forecast from origin `i`. */
function hoursFrom(days: ForecastDays, i: number): LoadHours {
  const cut = (values: Float64Array): Float64Array =>
    values.subarray(i * HORIZON_HOURS, (i + 1) * HORIZON_HOURS);
  return {
    start: days.origins[i] ?? 0,
    actual: cut(days.actual),
    forecast: cut(days.forecast),
    lower: cut(days.lower),
    upper: cut(days.upper),
  };
}

/** The first day of every forecast, one after the other; the last in full. Days in between may be missing. */
function firstDays(days: ForecastDays): LoadHours {
  const start = days.origins[0] ?? 0;
  const length = ((days.origins.at(-1) ?? start) - start) / HOUR_MS + HORIZON_HOURS;
  const lay = (values: Float64Array): Float64Array => {
    const laid = new Float64Array(length).fill(Number.NaN);
    days.origins.forEach((origin, i) => {
      laid.set(values.subarray(i * HORIZON_HOURS, (i + 1) * HORIZON_HOURS), (origin - start) / HOUR_MS);
    });
    return laid;
  };
  return {
    start,
    actual: lay(days.actual),
    forecast: lay(days.forecast),
    lower: lay(days.lower),
    upper: lay(days.upper),
  };
}

/** Mean |error| over mean |actual| of some hours of a forecast. */
function wapeOf({ actual, forecast }: LoadHours, from: number, to: number): number {
  let error = 0;
  let total = 0;
  for (let i = from; i < to; i++) {
    const measured = actual[i] ?? Number.NaN;
    if (Number.isNaN(measured)) continue;
    error += Math.abs(measured - (forecast[i] ?? Number.NaN));
    total += Math.abs(measured);
  }
  return error / total;
}

/** Position of the highest of the first 24 values, or null when none is known. */
function peakOf(values: ArrayLike<number>): number | null {
  let peak: number | null = null;
  for (let i = 0; i < DAY; i++) {
    if ((values[i] ?? Number.NaN) > (peak === null ? Number.NEGATIVE_INFINITY : (values[peak] ?? 0)))
      peak = i;
  }
  return peak;
}

function hourTable(hours: LoadHours, calendar: Calendar): Markup {
  const rows = Array.from({ length: hours.forecast.length }, (_, i) => ({
    cells: [
      localTime(hours.start + i * HOUR_MS, calendar, 'hour'),
      kw(hours.actual[i]),
      kw(hours.forecast[i]),
      kw(hours.lower[i]),
      kw(hours.upper[i]),
    ],
  }));
  return table('kW, local time', ['Hour', 'Actual', 'Forecast', 'Lower', 'Upper'], rows);
}

function dayFigure(days: ForecastDays, i: number, calendar: Calendar): Markup {
  const hours = hoursFrom(days, i);
  const day = localTime(hours.start, calendar, 'day');
  const about = {
    id: `day-${i}`,
    width: 860,
    title: `Forecast from ${day}`,
    description: `48 hours of forecast and actual load. Error of the first day ${percent(wapeOf(hours, 0, DAY))} %, of the second ${percent(wapeOf(hours, DAY, HORIZON_HOURS))} %.`,
  };
  return html`<figure data-day="${day}"><figcaption>From ${day}: WAPE ${percent(wapeOf(hours, 0, DAY))} % on the first day, ${percent(wapeOf(hours, DAY, HORIZON_HOURS))} % on the second</figcaption><div class="wide">${loadChart(hours, calendar, about)}</div>${asTable(hourTable(hours, calendar))}</figure>`;
}

function dayRows(days: ForecastDays, calendar: Calendar) {
  return days.origins.map((origin, i) => {
    const hours = hoursFrom(days, i);
    const [seen, told] = [peakOf(hours.actual), peakOf(hours.forecast)];
    const clock = (at: number | null): string =>
      at === null ? '–' : localTime(origin + at * HOUR_MS, calendar, 'clock');
    return {
      cells: [
        localTime(origin, calendar, 'day'),
        percent(wapeOf(hours, 0, DAY)),
        percent(wapeOf(hours, DAY, HORIZON_HOURS)),
        clock(told),
        clock(seen),
        kw(told === null ? null : hours.forecast[told]),
        kw(seen === null ? null : hours.actual[seen]),
      ],
    };
  });
}

const DAY_HEADER = [
  'Day',
  'WAPE, 1st day %',
  '2nd day %',
  'Peak forecast',
  'Peak seen',
  'Forecast kW',
  'Seen kW',
];

/** Forecast with its band against what was measured: all days in one picture, and each by itself. */
export function daysSections(days: ForecastDays, calendar: Calendar, note: string): Markup[] {
  const all = firstDays(days);
  const from = localTime(all.start, calendar, 'day');
  const width = 128 + all.forecast.length * 2.7;
  const overview = loadChart(all, calendar, {
    id: 'overview',
    width: Math.max(1030, Math.round(width)),
    wide: true,
    title: 'Forecast and actual load',
    description: `Hourly load from ${from}, the first day of each forecast, with its 90 % band. The table below has each day's error and peak.`,
  });
  return [
    section('Forecast against actual', note, [
      loadLegend,
      html`<div class="wide pan" tabindex="0" role="region" aria-label="Forecast and actual load, scrolls sideways">${overview}</div>`,
      asTable(
        table(
          'The peak is the highest hour of the first day, local time.',
          DAY_HEADER,
          dayRows(days, calendar),
        ),
      ),
    ]),
    html`<section class="days"><h2>Day by day</h2><p class="note">The whole forecast of 48 hours from one midnight.</p>${days.origins.map((_, i) => dayFigure(days, i, calendar))}</section>`,
  ];
}
