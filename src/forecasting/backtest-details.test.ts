import { describe, expect, it } from 'vitest';
import { backtestDetails } from './backtest-details.ts';
import { createSiteCalendar } from './calendar/site-calendar.ts';
import { cleanReadings } from './cleaning/clean.ts';
import { usualErrorsOf } from './ensemble/usual-errors.ts';
import { fitMember, restoreModels } from './models/members.ts';
import { HOUR_MS } from './series.ts';
import { simulateLoad } from './simulation/simulate-load.ts';
import { backtest, prepareFit, type SiteFit } from './site-fit.ts';
import { type TrainedMembers, trainingRowsOf } from './train-members.ts';

const zone = 'America/Sao_Paulo';
const calendar = createSiteCalendar({ zone, ibgeCode: null });
const from = Date.UTC(2026, 2, 2, 3);
const hours = 60 * 24;
const { signal } = new AbortController();
const openGraph = () => Promise.reject(new Error('no model here learns by gradients'));

/** The two models that fit in no time, on the window without its test days. */
async function quickFit(): Promise<{ fit: SiteFit; trained: TrainedMembers }> {
  const readings = simulateLoad({ seed: 7, zone, from, hours });
  const { series } = cleanReadings(readings, { calendar, from, to: from + hours * HOUR_MS });
  const task = { series, calendar, warmupHours: 0, seed: 3, signal, openGraph, onProgress: () => {} };
  const fit = prepareFit({ ...task, choice: { modelType: 'ensemble', members: 'all' } });
  const rows = trainingRowsOf(series, fit.inputs, 0, fit.plan.testStart);
  const options = { seed: 3, signal, openGraph, onProgress: () => {}, base: null, earlier: null };
  const states = {
    linear: await fitMember('linear', rows, options),
    profile: await fitMember('profile', rows, options),
  };
  const models = restoreModels(states);
  return {
    fit,
    trained: { rows, states, models, usualErrors: usualErrorsOf(models, rows), failures: [], fitTimes: {} },
  };
}

describe('details of a backtest', async () => {
  const { fit, trained } = await quickFit();
  const evaluation = backtest(fit, trained);
  const { days, models, grid } = backtestDetails(fit, trained.models, evaluation);

  it('hold a forecast of 48 hours beside the actual from each scored midnight, with a band once it can be learnt', () => {
    expect(days.origins).toHaveLength(13);
    expect(days.origins.every((origin) => new Date(origin).getUTCHours() === 3)).toBe(true);
    expect(days.actual).toHaveLength(13 * 48);
    const origin = (days.origins[2] as number) - from;
    expect(days.actual[2 * 48]).toBeCloseTo(fit.series.load[origin / HOUR_MS] ?? 0, 3);
    expect(days.lower[0]).toBeNaN();
    expect(days.lower.at(-1)).toBeLessThan(days.forecast.at(-1) as number);
  });

  it('score what is chosen as the evaluation does, each model and both naive forecasts, by day', () => {
    const names = models.map(({ model, role }) => `${role} ${model}`);
    expect(names).toEqual([
      'chosen ensemble',
      'member linear',
      'member profile',
      'baseline naive24',
      'baseline naive168',
    ]);
    const [chosen, member, , , naive] = models;
    expect(chosen?.scores.both).toEqual({ ...evaluation.metrics, coverage90: null });
    expect(member?.scores.both?.mape).toBeCloseTo(evaluation.byModel.linear?.mape ?? 0, 10);
    expect(naive?.scores.both?.mape).toBeCloseTo(evaluation.seasonalNaive.mape, 10);
    const { first, second, both } = chosen?.scores ?? {};
    expect((first?.hours ?? 0) + (second?.hours ?? 0)).toBe(both?.hours);
    expect(first?.mape).toBeCloseTo(both?.mape24h ?? 0, 10);
    expect(second?.mape).toBeCloseTo(both?.mape48h ?? 0, 10);
  });

  it('sum errors over origins at every hour, by local hour and lead', () => {
    const total =
      grid.absolute.reduce((sum, kwh) => sum + kwh, 0) / grid.actual.reduce((s, kwh) => s + kwh, 0);
    expect(total).toBeGreaterThan(0);
    expect(total).toBeLessThan(2 * evaluation.metrics.wape);
    expect(grid.actual.every((kwh) => kwh > 0)).toBe(true);
  });
});
