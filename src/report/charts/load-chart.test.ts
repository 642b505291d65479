import { expect, it } from 'vitest';
import { createSiteCalendar } from '../../forecasting/calendar/site-calendar.ts';
import { loadChart } from './load-chart.ts';

const calendar = createSiteCalendar({ zone: 'America/Sao_Paulo', ibgeCode: null, imported: [] });
const start = Date.UTC(2026, 0, 5, 3);

function datesOf(hours: number, width: number): number[] {
  const values = new Float64Array(hours).fill(300);
  const about = { id: 'c', title: 't', description: 'd', width };
  const load = { start, actual: values, forecast: values, lower: values, upper: values };
  const chart = loadChart(load, calendar, about).markup;
  return [...chart.matchAll(/<text class="tick" x="([\d.]+)" y="[\d.]+">\w{3},? \d/g)].map(([, x]) =>
    Number(x),
  );
}

it.each([
  [48, 860, 1],
  [15 * 24, 1100, 2],
  [31 * 24, 1030, 3],
])('dates of %i hours on %i pixels stand clear of each other', (hours, width, every) => {
  const dates = datesOf(hours, width);
  expect(dates).toHaveLength(Math.ceil(hours / 24 / every));
  for (let i = 1; i < dates.length; i++)
    expect((dates[i] ?? 0) - (dates[i - 1] ?? 0)).toBeGreaterThanOrEqual(90);
});
