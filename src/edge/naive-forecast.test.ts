import { describe, expect, it } from 'vitest';
import { createSiteCalendar } from '../forecasting/calendar/site-calendar.ts';
import { naiveForecast } from './naive-forecast.ts';

const HOUR = 3_600_000;
const calendar = createSiteCalendar({ zone: 'America/Sao_Paulo', ibgeCode: null });
const issueTime = Date.parse('2026-03-02T12:00:00Z');
const loadAt = (hour: number) => (new Date(hour - 3 * HOUR).getUTCHours() === 15 ? 200 : 100);
const series = (hours: number) =>
  Float64Array.from({ length: hours }, (_, i) => loadAt(issueTime - (hours - i) * HOUR));

describe('naive forecast', () => {
  it('repeats the week before, with a band and the peak where it always was', () => {
    const hours = naiveForecast(series(1440), issueTime, calendar) ?? [];
    expect(hours).toHaveLength(48);
    expect(hours.map(({ hour, loadKw }) => loadKw - loadAt(hour))).toEqual(new Array(48).fill(0));
    expect(hours.every(({ loadKw, lowerKw, upperKw }) => lowerKw <= loadKw && loadKw <= upperKw)).toBe(true);
    const tomorrow = hours.filter(({ hour }) => calendar.dayOf(hour) === calendar.dayOf(issueTime) + 1);
    expect(tomorrow.reduce((sum, { peakProbability }) => sum + (peakProbability ?? 0), 0)).toBeCloseTo(1);
    expect(tomorrow.find(({ peakProbability }) => peakProbability === 1)?.loadKw).toBe(200);
    expect(hours.at(-1)?.peakProbability).toBeNull();
  });

  it('makes do with two days, holes included', () => {
    const load = series(48);
    load[30] = Number.NaN;
    const hours = naiveForecast(load, issueTime, calendar) ?? [];
    expect(hours.every((hour) => Number.isFinite(hour.loadKw) && Number.isFinite(hour.upperKw))).toBe(true);
  });

  it('says nothing from less than a day', () => {
    expect(naiveForecast(series(20), issueTime, calendar)).toBeNull();
  });
});
