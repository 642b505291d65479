import type { Calendar } from '../forecasting/calendar/calendar.ts';
import type { ForecastHour } from '../forecasting/forecast-at.ts';
import { legendOf, loadChart } from './charts/load-chart.ts';
import { kw, localTime, percent } from './format.ts';
import { html } from './html.ts';
import { page, section, table } from './page.ts';

/** All that a report says of one forecast. */
export interface ForecastReport {
  /** For people: site, type and version of the model. */
  readonly model: string;
  readonly calendar: Calendar;
  readonly hours: readonly ForecastHour[];
  /** What was measured in these hours, where it is known already; NaN elsewhere. kW. */
  readonly actual: ArrayLike<number>;
}

/** The report of a forecast as one HTML file that opens offline. */
export function forecastReport({ model, calendar, hours, actual }: ForecastReport): string {
  const start = hours[0]?.hour ?? 0;
  const measured = hours.some((_, i) => Number.isFinite(actual[i]));
  const peak = hours.reduce((best, hour) => (hour.loadKw > best.loadKw ? hour : best));
  const columns = {
    start,
    actual,
    forecast: hours.map(({ loadKw }) => loadKw),
    lower: hours.map(({ lowerKw }) => lowerKw),
    upper: hours.map(({ upperKw }) => upperKw),
  };
  const about = {
    id: 'forecast',
    width: 860,
    title: 'Forecast of 48 hours',
    description: 'Hourly load with its 90 % band; the table below has every hour.',
  };
  const rows = hours.map(({ hour, loadKw, lowerKw, upperKw, peakProbability }, i) => ({
    cells: [
      localTime(hour, calendar, 'hour'),
      kw(loadKw),
      kw(lowerKw),
      kw(upperKw),
      percent(peakProbability, 1),
      ...(measured ? [kw(actual[i])] : []),
    ],
  }));
  const header = ['Hour', 'Forecast', 'Lower', 'Upper', 'Peak %', ...(measured ? ['Actual'] : [])];
  return page({
    title: `Forecast of ${model}`,
    lead: `Issued at ${localTime(start, calendar, 'hour')}, ${calendar.zone}.`,
    cards: [
      { value: kw(peak.loadKw), label: 'highest hour, kW' },
      { value: localTime(peak.hour, calendar, 'clock'), label: localTime(peak.hour, calendar, 'day') },
      { value: `${kw(peak.lowerKw)}–${kw(peak.upperKw)}`, label: 'its 90 % band, kW' },
    ],
    content: [
      section('The next 48 hours', '', [
        legendOf(measured),
        html`<div class="wide">${loadChart(columns, calendar, about)}</div>`,
      ]),
      section(
        'Hour by hour',
        'The chance of being the local day’s highest hour is given for whole days and the day in progress.',
        [table('kW, local time', header, rows)],
      ),
    ],
    footer: `All times are local to ${calendar.zone}. This file holds everything it shows and loads nothing.`,
  });
}
