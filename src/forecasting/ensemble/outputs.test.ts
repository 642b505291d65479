import { describe, expect, it } from 'vitest';
import { createSiteCalendar } from '../calendar/site-calendar.ts';
import { hindcastInput } from '../features/hindcast.ts';
import { createInputRows } from '../features/input-rows.ts';
import { createLayout } from '../features/layout.ts';
import { HISTORY_HOURS, HORIZON_HOURS, QUANTILE_LEVELS } from '../horizon.ts';
import { numericView, viewOf } from '../models/member.ts';
import { naive24, naive168 } from '../models/naive.ts';
import { HOUR_MS } from '../series.ts';
import { numeric, tensorOf } from '../tensor/numeric.ts';
import { type Calibration, calibrate } from './calibration.ts';
import { guard } from './guard.ts';
import { outputsOf } from './outputs.ts';

const layout = createLayout({ temperature: false, eventFlags: [] });
const calendar = createSiteCalendar({ zone: 'America/Sao_Paulo', ibgeCode: null });
const inputs = createInputRows(layout, calendar);
/** Midnight of a Monday in São Paulo. */
const midnight = Date.UTC(2026, 4, 11, 3);

const daily = (i: number): number => 500 + 200 * Math.sin((2 * Math.PI * (i % 24)) / 24);

function viewAt(issueTime: number, load: (hour: number) => number) {
  const first = issueTime - HISTORY_HOURS * HOUR_MS;
  const history = Float64Array.from({ length: HISTORY_HOURS }, (_, i) =>
    load((first - midnight) / HOUR_MS + i),
  );
  const row = inputs.row({ issueTime, load: history, temperature: null, temperatureForecast: null });
  return numericView(layout, row, 1);
}

/** Twenty days of errors that follow the hour of the day and differ from day to day. */
function calibrationOf(): Calibration {
  const count = 20;
  const relative = Float32Array.from({ length: count * HORIZON_HOURS }, (_, i) => {
    const day = Math.floor(i / HORIZON_HOURS);
    return 0.03 * Math.sin(1 + day * 7.3 + (i % HORIZON_HOURS) * 0.9);
  });
  const localHour = Uint8Array.from(relative, (_, i) => i % 24);
  const recentError = new Float32Array(count).fill(0.02);
  return calibrate(
    {
      count,
      relative,
      localHour,
      still: null,
      midnights: Array.from({ length: count }, (_, i) => i),
      recentError,
    },
    count,
    null,
  );
}

const sum = (values: Float32Array): number => values.reduce((a, b) => a + b, 0);

describe('outputs around a forecast', () => {
  const calibration = calibrationOf();
  const around = { calibration, recentError: null, floor: 0 };
  const at = (issueTime: number, load = daily) => {
    const view = viewAt(issueTime, load);
    return outputsOf(numeric, view, naive24.forecast(numeric, view), around);
  };

  it('have ascending quantiles whose ends are the band around the forecast', () => {
    const { forecast, lower, upper, quantiles } = at(midnight);
    const levels = QUANTILE_LEVELS.length;
    for (let i = 0; i < HORIZON_HOURS; i++) {
      const row = quantiles.data.subarray(i * levels, (i + 1) * levels);
      expect([...row]).toEqual([...row].sort((a, b) => a - b));
      expect(row[0]).toBe(lower.data[i]);
      expect(row[levels - 1]).toBe(upper.data[i]);
      expect(lower.data[i]).toBeLessThanOrEqual(forecast.data[i] ?? 0);
      expect(upper.data[i]).toBeGreaterThanOrEqual(forecast.data[i] ?? 0);
    }
  });

  it('share out one peak a whole local day when issued at midnight', () => {
    const { peakProbability } = at(midnight);
    expect(sum(peakProbability.data.subarray(0, 24))).toBeCloseTo(1, 5);
    expect(sum(peakProbability.data.subarray(24))).toBeCloseTo(1, 5);
    // The load is highest at 6 in the morning.
    expect(peakProbability.data[6]).toBeGreaterThan(0.1);
    expect(peakProbability.data[18]).toBe(0);
  });

  it('condition the day in progress on what was observed, and leave the trailing day out', () => {
    const later = midnight + 10 * HOUR_MS;
    const { peakProbability } = at(later);
    // The morning's peak is over.
    expect(sum(peakProbability.data.subarray(0, 14))).toBeLessThan(0.05);
    expect(sum(peakProbability.data.subarray(14, 38))).toBeCloseTo(1, 5);
    expect([...peakProbability.data.subarray(38)].every(Number.isNaN)).toBe(true);
    const early = at(midnight + 3 * HOUR_MS);
    const chance = sum(early.peakProbability.data.subarray(0, 21));
    expect(chance).toBeGreaterThan(0.9);
    expect(chance).toBeLessThanOrEqual(1 + 1e-5);
  });

  it('widen and narrow with the recent error, within bounds', () => {
    const view = viewAt(midnight, daily);
    const widthAt = (recent: number | null): number => {
      const recentError = recent === null ? null : tensorOf(Float32Array.of(recent), [1, 1]);
      const point = naive24.forecast(numeric, view);
      const { lower, upper } = outputsOf(numeric, view, point, { ...around, recentError });
      return (upper.data[10] ?? 0) - (lower.data[10] ?? 0);
    };
    const usual = widthAt(null);
    expect(widthAt(0.02)).toBeCloseTo(usual, 2);
    expect(widthAt(0.03) / usual).toBeCloseTo(1.375, 2);
    expect(widthAt(0.01) / usual).toBeCloseTo(0.625, 2);
    expect(widthAt(10) / usual).toBeCloseTo(2, 2);
    expect(widthAt(0) / usual).toBeCloseTo(0.5, 2);
  });

  it('lean towards the hour that was highest on recent days of the same type', () => {
    // Like yesterday's the peak is expected at 6; on the working days before it was at 7.
    const moved = (i: number): number => daily(i) + (i < -24 && (i + 2400) % 24 === 7 ? 100 : 0);
    const still = at(midnight).peakProbability.data;
    const leaning = at(midnight, moved).peakProbability.data;
    expect(leaning[7] ?? 0).toBeGreaterThan((still[7] ?? 0) + 0.1);
    expect(sum(leaning.subarray(0, 24))).toBeCloseTo(1, 5);
  });

  it('share a flat day equally and never go below the floor', () => {
    const flat: Calibration = { ...calibration, paths: new Float32Array(HORIZON_HOURS), pathCount: 1 };
    const view = viewAt(midnight, () => 1);
    const outputs = outputsOf(numeric, view, naive24.forecast(numeric, view), {
      ...around,
      calibration: flat,
    });
    expect(outputs.peakProbability.data[5]).toBeCloseTo(1 / 24, 5);
    const low = outputsOf(numeric, view, tensorOf(new Float32Array(48).fill(-5), [1, 48]), around);
    expect(Math.min(...low.forecast.data, ...low.lower.data)).toBe(0);
  });
});

describe('the guard', () => {
  const guarded = (load: (i: number) => number) => {
    const view = viewAt(midnight, load);
    const past = viewOf(numeric, layout, hindcastInput(numeric, layout, view.input));
    const usual = tensorOf(Float32Array.of(0.03), [1]);
    const forecast = naive168.forecast(numeric, view);
    const hindcast = naive168.forecast(numeric, past);
    return guard(numeric, { view, past, forecast, hindcast, usual }).data;
  };
  /** The level fell to a fifth so many hours before the issue hour, and stays there. */
  const errorAfterCollapse = (hours: number): number => {
    const collapsed = (i: number): number => (i >= -hours ? 0.2 * daily(i) : daily(i));
    const forecast = guarded(collapsed);
    const expected = Array.from({ length: HORIZON_HOURS }, (_, i) => collapsed(i));
    const error = expected.reduce((total, value, i) => total + Math.abs(value - (forecast[i] ?? 0)), 0);
    return error / expected.reduce((a, b) => a + b, 0);
  };

  it('leaves a forecast alone whose models do as usual', () => {
    const view = viewAt(midnight, daily);
    expect(guarded(daily)).toEqual(naive168.forecast(numeric, view).data);
  });

  it.each([24, 36, 48, 96])('follows a level that collapsed %i hours ago', (hours) => {
    expect(errorAfterCollapse(hours)).toBeLessThan(0.05);
  });

  it('does not take a day off for a new level', () => {
    // Yesterday stood still at the base load; two weeks ago and the week before it worked.
    const dayOff = (i: number): number => (i >= -24 ? 320 : daily(i));
    const forecast = guarded(dayOff);
    const view = viewAt(midnight, dayOff);
    expect(forecast).toEqual(naive168.forecast(numeric, view).data);
  });
});
