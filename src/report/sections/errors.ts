import type { Calendar } from '../../forecasting/calendar/calendar.ts';
import { weekdayOf } from '../../forecasting/calendar/day.ts';
import type { ErrorGrid, ForecastDays } from '../../forecasting/details.ts';
import { HORIZON_HOURS } from '../../forecasting/horizon.ts';
import { HOUR_MS } from '../../forecasting/series.ts';
import { heatMap } from '../charts/heat-map.ts';
import { binsOf, errorsOverTime, histogram } from '../charts/residuals.ts';
import { hourOfDay, kw, localTime, percent } from '../format.ts';
import { html, type Markup } from '../html.ts';
import { asTable, beside, section, table } from '../page.ts';

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
/** Leads that share a column of the map. */
const LEADS = 3;

function heatTable(title: string, columns: readonly string[], values: ArrayLike<number>): Markup {
  const rows = HOURS.map((hour) => ({
    cells: [hourOfDay(hour), ...columns.map((_, c) => percent(values[hour * columns.length + c], 1))],
  }));
  return asTable(table(`WAPE in percent by local hour and ${title}`, ['Hour', ...columns], rows));
}

/** Error by local hour of the forecast hour and by how far ahead it was forecast. */
export function leadSection({ absolute, actual }: ErrorGrid): Markup {
  const groups = Array.from({ length: HORIZON_HOURS / LEADS }, (_, i) => i * LEADS);
  const values = HOURS.flatMap((hour) =>
    groups.map((first) => {
      const at = hour * HORIZON_HOURS + first;
      const sum = (cells: Float64Array): number => cells.subarray(at, at + LEADS).reduce((a, b) => a + b, 0);
      const total = sum(actual);
      return total > 0 ? sum(absolute) / total : Number.NaN;
    }),
  );
  const columns = groups.map((first) => `${first + 1}–${first + LEADS}`);
  const map = heatMap(
    { rows: HOURS.map(hourOfDay), columns, values, rowTitle: 'hour', columnTitle: 'hours ahead' },
    {
      id: 'heat',
      title: 'Error by hour of day and lead time',
      description: 'WAPE in percent for each local hour and how many hours ahead it was forecast.',
    },
  );
  return section(
    'Error by hour of day and lead time',
    'WAPE in percent over forecasts issued at every hour of the test days. Rows are the local hour that was forecast, columns how many hours ahead.',
    [html`<div class="wide heat">${map}</div>`, heatTable('hours ahead', columns, values)],
  );
}

interface Residual {
  readonly hour: number;
  /** Actual minus forecast, and actual; kW. */
  readonly error: number;
  readonly load: number;
}

/** Actual minus forecast of the measured hours of every forecast's first `leads` hours. */
function residualsOf(days: ForecastDays, leads: number): Residual[] {
  return days.origins.flatMap((origin, i) =>
    Array.from({ length: leads }, (_, lead) => {
      const at = i * HORIZON_HOURS + lead;
      const load = days.actual[at] ?? Number.NaN;
      return { hour: origin + lead * HOUR_MS, error: load - (days.forecast[at] ?? Number.NaN), load };
    }).filter(({ error }) => !Number.isNaN(error)),
  );
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** Error by local hour and weekday of the forecast hour. */
export function weekdaySection(days: ForecastDays, calendar: Calendar): Markup {
  const absolute = new Float64Array(24 * 7);
  const actual = new Float64Array(24 * 7);
  for (const { hour, error, load } of residualsOf(days, HORIZON_HOURS)) {
    const cell = calendar.hourOf(hour) * 7 + weekdayOf(calendar.dayOf(hour));
    absolute[cell] = (absolute[cell] ?? 0) + Math.abs(error);
    actual[cell] = (actual[cell] ?? 0) + Math.abs(load);
  }
  const values = absolute.map((sum, cell) => sum / (actual[cell] ?? Number.NaN));
  const map = heatMap(
    { rows: HOURS.map(hourOfDay), columns: WEEKDAYS, values, rowTitle: 'hour', columnTitle: 'weekday' },
    {
      id: 'heat',
      title: 'Error by hour of day and weekday',
      description: 'WAPE in percent for each local hour and weekday.',
    },
  );
  return section(
    'Error by hour of day and weekday',
    'WAPE in percent over both days of every forecast; rows and columns are the local hour and weekday that was forecast.',
    [html`<div class="wide heat narrow">${map}</div>`, heatTable('weekday', WEEKDAYS, values)],
  );
}

/** The errors of each local day: their mean, and how far the load went below and above the forecast. */
function dayErrorTable(residuals: readonly Residual[], calendar: Calendar): Markup {
  const days = Map.groupBy(residuals, ({ hour }) => calendar.dayOf(hour));
  const rows = [...days.values()].map((ofDay) => {
    const errors = ofDay.map(({ error }) => error);
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    const day = localTime(ofDay[0]?.hour ?? 0, calendar, 'day');
    return { cells: [day, kw(mean), kw(Math.min(...errors)), kw(Math.max(...errors))] };
  });
  return asTable(table('Actual minus forecast in kW by day', ['Day', 'Mean', 'Lowest', 'Highest'], rows));
}

/** What is left over: how large, how often, and when. */
export function residualSections(days: ForecastDays, calendar: Calendar): Markup {
  const errors = residualsOf(days, HORIZON_HOURS).map(({ error }) => error);
  const firstDays = residualsOf(days, 24);
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  const { bounds, counts } = binsOf(errors);
  const rows = counts.map((n, i) => ({ cells: [`${kw(bounds[i])} to ${kw(bounds[i + 1])}`, String(n)] }));
  const side = mean > 0 ? 'above' : 'below';
  return beside([
    section(
      'How large the errors are',
      `Actual minus forecast in kW. On average the load was ${kw(Math.abs(mean))} kW ${side} the forecast.`,
      [
        html`<div class="wide">${histogram(errors, { id: 'histogram', title: 'Errors by size', description: `Histogram of actual minus forecast in kW; the mean is ${kw(mean)} kW.` })}</div>`,
        asTable(table('Hours by error in kW', ['Error', 'Hours'], rows)),
      ],
    ),
    section(
      'When they happen',
      'Actual minus forecast in kW, hour by hour, on the first day of each forecast.',
      [
        html`<div class="wide">${errorsOverTime(firstDays, calendar, { id: 'errors', title: 'Errors over time', description: 'Actual minus forecast in kW for each hour; the table below has them by day, the tables of the days by hour.' })}</div>`,
        dayErrorTable(firstDays, calendar),
      ],
    ),
  ]);
}
