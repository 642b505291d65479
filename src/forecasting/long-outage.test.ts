import { describe, expect, it } from 'vitest';
import { createSiteCalendar } from './calendar/site-calendar.ts';
import { createInputRows, withHistory } from './features/input-rows.ts';
import { createLayout } from './features/layout.ts';
import { testRowsOf } from './gate-fit.ts';
import { HORIZON_HOURS } from './horizon.ts';
import { trainingRowsOf } from './train-members.ts';
import { planTraining } from './training-plan.ts';

const START = Date.parse('2026-01-05T03:00:00Z');
const HOURS = 90 * 24;
const calendar = createSiteCalendar({ zone: 'America/Sao_Paulo', ibgeCode: null, imported: [] });
const inputs = createInputRows(createLayout({ temperature: false, price: false, eventFlags: [] }), calendar);

/** A meter that was silent from one hour to another. */
function seriesWith(silent: { readonly from: number; readonly to: number }) {
  const load = Float64Array.from({ length: HOURS }, (_, i) => 100 + (i % 24) + (i % 168) / 10);
  load.fill(Number.NaN, silent.from, silent.to);
  return { start: START, load, temperature: null };
}

describe('a window with an outage of more than a week', () => {
  const silent = { from: 70 * 24, to: 82 * 24 };
  const series = seriesWith(silent);
  const plan = planTraining(series, 0, calendar);
  const bare = (origin: number): boolean => origin > silent.from + 167 && origin <= silent.to;

  it('is learnt from but for the hours that a device would not forecast from', () => {
    const rows = trainingRowsOf(series, inputs, 0, HOURS);
    expect(rows.origins.some(bare)).toBe(false);
    expect(rows.origins.some((origin) => origin > silent.to)).toBe(true);
    expect(rows.targets.length).toBe(rows.count * HORIZON_HOURS);
  });

  it('is judged by the others alone', () => {
    const { origins, targets } = testRowsOf(series, inputs, plan);
    const judged = origins.filter((_, r) =>
      targets.subarray(r * HORIZON_HOURS, (r + 1) * HORIZON_HOURS).some(Number.isFinite),
    );
    expect(origins.length).toBe(14 * 24);
    expect(judged.some(bare)).toBe(false);
    expect(judged).toContain(silent.to + 1);
  });

  it('is refused where nothing is left to judge by, or to learn from', () => {
    const long = seriesWith({ from: 40 * 24, to: 89 * 24 });
    expect(withHistory(long, [HOURS])).toEqual([]);
    expect(() => testRowsOf(long, inputs, plan)).toThrow(
      expect.objectContaining({ code: 'test-days-missing' }),
    );
    expect(() => trainingRowsOf(long, inputs, 60 * 24, HOURS)).toThrow(
      expect.objectContaining({ code: 'too-many-gaps' }),
    );
  });
});
