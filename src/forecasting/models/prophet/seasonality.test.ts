import { describe, expect, it } from 'vitest';
import { createSiteCalendar } from '../../calendar/site-calendar.ts';
import { createInputRows } from '../../features/input-rows.ts';
import { createLayout } from '../../features/layout.ts';
import { HISTORY_HOURS, HORIZON_HOURS } from '../../horizon.ts';
import { HOUR_MS } from '../../series.ts';
import { numeric } from '../../tensor/numeric.ts';
import { numericView } from '../member.ts';
import { SEASONAL_COLUMNS, seasonalAhead, seasonalBehind, seasonalRow } from './seasonality.ts';

const calendar = createSiteCalendar({ zone: 'America/Sao_Paulo', ibgeCode: null });
const layout = createLayout({ temperature: false, eventFlags: [] });
const inputs = createInputRows(layout, calendar);
const beta = Float64Array.from({ length: SEASONAL_COLUMNS }, (_, i) => Math.sin(7 * i + 1) / 5);

/** β · regressors of each hour, straight from the calendar. */
function expected(from: number, count: number): number[] {
  const hours = calendar.hours(from, count);
  return Array.from({ length: count }, (_, i) => {
    const [hour = 0, weekday = 0] = [hours.hour[i], hours.weekday[i]];
    const holiday = hours.holiday[i] === 1;
    const dayType = holiday || weekday === 6 ? 2 : Number(weekday === 5);
    const row = seasonalRow({ hour, weekday, holiday, dayType });
    return row.reduce((sum, x, k) => sum + x * (beta[k] ?? 0), 0);
  });
}

describe('the seasonal part of Prophet', () => {
  const reach = 336;
  // Around the first of May, a Friday, and at hours that leave partial days at both ends.
  const issues = [0, 5, 24, 29, 71, 100].map((h) => Date.UTC(2026, 3, 30, 3) + h * HOUR_MS);
  const load = new Array<number>(HISTORY_HOURS).fill(100);
  const rows = issues.map((issueTime) =>
    inputs.row({ issueTime, load, temperature: null, temperatureForecast: null }),
  );
  const flat = Float32Array.from(rows.flatMap((row) => [...row]));
  const view = numericView(layout, flat, issues.length);

  it('is the same from an input row as from the calendar, ahead and behind, holidays included', () => {
    const ahead = seasonalAhead(numeric, view, beta);
    const behind = seasonalBehind(numeric, view, beta, reach);
    issues.forEach((issue, r) => {
      const future = [...ahead.data.subarray(r * HORIZON_HOURS, (r + 1) * HORIZON_HOURS)];
      const past = [...behind.data.subarray(r * reach, (r + 1) * reach)];
      const wanted = [...expected(issue - reach * HOUR_MS, reach), ...expected(issue, HORIZON_HOURS)];
      for (const [i, value] of [...past, ...future].entries()) expect(value).toBeCloseTo(wanted[i] ?? 0, 4);
    });
  });
});
