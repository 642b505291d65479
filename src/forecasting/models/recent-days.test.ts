import { describe, expect, it } from 'vitest';
import { createSiteCalendar } from '../calendar/site-calendar.ts';
import { createInputRows } from '../features/input-rows.ts';
import { createLayout } from '../features/layout.ts';
import { HISTORY_HOURS, HORIZON_HOURS } from '../horizon.ts';
import { HOUR_MS } from '../series.ts';
import { numeric } from '../tensor/numeric.ts';
import type { DayShape } from './day-shape.ts';
import { numericView } from './member.ts';
import { recentDaysDesign } from './recent-days.ts';

const calendar = createSiteCalendar({ zone: 'America/Sao_Paulo', ibgeCode: null });
const layout = createLayout({ temperature: false, eventFlags: [] });
const inputs = createInputRows(layout, calendar);

/** Load by type of day and local hour. */
const usual = (type: number, hour: number): number => ([300, 200, 100][type] as number) + 5 * hour;

function loads(from: number, count: number): number[] {
  const hours = calendar.hours(from, count);
  return Array.from({ length: count }, (_, i) => {
    const rest = hours.holiday[i] === 1 || hours.weekday[i] === 6;
    return usual(rest ? 2 : Number(hours.weekday[i] === 5), hours.hour[i] ?? 0);
  });
}

describe('the usual days of a row', () => {
  // The first forecast hours are the night before the first of May, a Friday; the others end on a Saturday.
  const issues = [0, 7, 29].map((h) => Date.UTC(2026, 3, 30, 3) + h * HOUR_MS);
  const rows = issues.map((issueTime) =>
    inputs.row({
      issueTime,
      load: loads(issueTime - HISTORY_HOURS * HOUR_MS, HISTORY_HOURS),
      temperature: null,
      temperatureForecast: null,
    }),
  );
  const view = numericView(layout, Float32Array.from(rows.flatMap((row) => [...row])), issues.length);

  it('are those of the last 30 days, holidays like Sundays, at any hour of issue', () => {
    const scale = [...view.lags.scale.data];
    issues.forEach((issue, r) => {
      // What was learnt agrees with the history here, so it changes nothing.
      const shape = [0, 1, 2].map((type) =>
        Float32Array.from({ length: 24 }, (_, hour) => usual(type, hour) / (scale[r] ?? 1)),
      ) as unknown as DayShape;
      const design = recentDaysDesign(shape);
      const base = design.base(numeric, view).data.subarray(r * HORIZON_HOURS, (r + 1) * HORIZON_HOURS);
      for (const [i, load] of loads(issue, HORIZON_HOURS).entries()) expect(base[i]).toBeCloseTo(load, 2);
      const features = design.features(numeric, view);
      const width = (features.shape[2] ?? 1) * HORIZON_HOURS;
      for (const x of features.data.subarray(r * width, (r + 1) * width)) expect(x).toBeCloseTo(0, 5);
    });
  });
});
