import { describe, expect, it } from 'vitest';
import { createSiteCalendar } from './calendar/site-calendar.ts';
import { cleanReadings } from './cleaning/clean.ts';
import { featureImportance } from './feature-importance.ts';
import { blockOf, createLayout } from './features/layout.ts';
import type { ModelSession } from './inference.ts';
import { HOUR_MS } from './series.ts';
import { simulateLoad } from './simulation/simulate-load.ts';

const zone = 'America/Sao_Paulo';
const calendar = createSiteCalendar({ zone, ibgeCode: null });
const from = Date.UTC(2026, 2, 2, 3);
const { signal } = new AbortController();

const seriesOf = (days: number) => {
  const readings = simulateLoad({ seed: 7, zone, from, hours: days * 24 });
  return cleanReadings(readings, { calendar, from, to: from + days * 24 * HOUR_MS }).series;
};
const layout = createLayout({ temperature: true, eventFlags: ['maintenance'] });
const history = blockOf(layout, 'history')?.offset ?? 0;

/** A model that answers last week's value and looks at nothing else. */
const lastWeek: ModelSession = {
  metadata: {},
  run: (inputs, rows) => {
    const forecast = new Float32Array(rows * 48);
    for (let r = 0; r < rows; r++) {
      const first = r * layout.width + history + 720 - 168;
      forecast.set(inputs.subarray(first, first + 48), r * 48);
    }
    const none = new Float32Array(0);
    return Promise.resolve({ forecast, lower: none, upper: none, peakProbability: none, quantiles: none });
  },
  close: () => Promise.resolve(),
};

describe('feature importance', () => {
  it('finds what a model looks at and that it looks at nothing else', async () => {
    const given = { session: lastWeek, layout, calendar, series: seriesOf(40), seed: 1, signal };
    const [first, ...others] = await featureImportance(given);
    expect(first?.group).toBe('Load of 1 to 7 days before');
    expect(first?.increase).toBeGreaterThan(0.05);
    expect(others).toHaveLength(7);
    expect(others.every(({ increase }) => increase === 0)).toBe(true);
    expect(await featureImportance(given)).toEqual([first, ...others]);
  });

  it('can be cancelled', async () => {
    const stopped = AbortSignal.abort(new Error('enough'));
    const given = { session: lastWeek, layout, calendar, series: seriesOf(40), seed: 1, signal: stopped };
    await expect(featureImportance(given)).rejects.toThrow('enough');
  });
});
