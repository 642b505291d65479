import { describe, expect, it } from 'vitest';
import { createSiteCalendar } from '../calendar/site-calendar.ts';
import { createInputRows } from '../features/input-rows.ts';
import { createLayout } from '../features/layout.ts';
import { HISTORY_HOURS, HORIZON_HOURS, QUANTILE_LEVELS } from '../horizon.ts';
import { numericView } from '../models/member.ts';
import { HOUR_MS } from '../series.ts';
import { numeric, tensorOf } from '../tensor/numeric.ts';
import { outputsOf } from './outputs.ts';
import { standStill } from './standstill.ts';

const layout = createLayout({ temperature: false, eventFlags: [] });
const calendar = createSiteCalendar({ zone: 'America/Sao_Paulo', ibgeCode: null });
const inputs = createInputRows(layout, calendar);
/** Midnight of Friday, 15 May 2026 in São Paulo; the 1st was a holiday. */
const friday = Date.UTC(2026, 4, 15, 3);

/** 500 kW by day and 300 by night, nothing on weekends and holidays. */
function load(hour: number): number {
  const { weekday, holiday } = calendar.localDay(calendar.dayOf(hour));
  if (weekday >= 5 || holiday) return 0;
  return calendar.hourOf(hour) < 6 ? 300 : 500;
}

/** What becomes of a forecast of 40 kW at all hours. */
function forecastAt(issueTime: number, measured = load): number[] {
  const history = Float64Array.from({ length: HISTORY_HOURS }, (_, i) =>
    measured(issueTime + (i - HISTORY_HOURS) * HOUR_MS),
  );
  const row = inputs.row({ issueTime, load: history, temperature: null, temperatureForecast: null });
  const { lags } = numericView(layout, row, 1);
  const forty = tensorOf(new Float32Array(HORIZON_HOURS).fill(40), [1, HORIZON_HOURS]);
  return [...standStill(numeric, lags, forty).data];
}

const DAY_MS = 24 * HOUR_MS;
const still = Array(24).fill(0);
const kept = Array(24).fill(40);

describe('a standstill', () => {
  it('is forecast where nothing ran on the nearest days of that type', () => {
    expect(forecastAt(friday)).toEqual([...kept, ...still]);
    expect(forecastAt(friday + DAY_MS)).toEqual([...still, ...still]);
    expect(forecastAt(friday + 2 * DAY_MS)).toEqual([...still, ...kept]);
  });

  it('is forecast on a holiday in the middle of the week', () => {
    const tiradentes = Date.UTC(2026, 3, 21, 3);
    expect(forecastAt(tiradentes)).toEqual([...still, ...kept]);
  });

  it('is forecast at nights on which nothing ever runs', () => {
    const daysOnly = (hour: number): number => (calendar.hourOf(hour) < 6 ? 0 : load(hour));
    const [night, day] = [Array(6).fill(0), Array(18).fill(40)];
    expect(forecastAt(friday, daysOnly)).toEqual([...night, ...day, ...still]);
  });

  it('is not forecast after three working days without load, nor once a Saturday was worked', () => {
    const stopped = (hour: number): number => (hour >= friday - 3 * DAY_MS ? 0 : load(hour));
    expect(forecastAt(friday, stopped).slice(0, 24)).toEqual(kept);
    const saturday = friday - 6 * DAY_MS;
    const worked = (hour: number): number =>
      hour >= saturday && hour < saturday + DAY_MS ? 500 : load(hour);
    expect(forecastAt(friday, worked)).toEqual([...kept, ...kept]);
  });

  it('has a band as narrow as the load that still counts as none', () => {
    const history = Float64Array.from({ length: HISTORY_HOURS }, (_, i) =>
      load(friday + (i - HISTORY_HOURS) * HOUR_MS),
    );
    const row = inputs.row({
      issueTime: friday,
      load: history,
      temperature: null,
      temperatureForecast: null,
    });
    const view = numericView(layout, row, 1);
    const point = standStill(
      numeric,
      view.lags,
      tensorOf(new Float32Array(HORIZON_HOURS).fill(400), [1, HORIZON_HOURS]),
    );
    const calibration = {
      ...{ usualError: null, leadSpread: new Float32Array(HORIZON_HOURS).fill(0.1) },
      ...{ hourFactor: new Float32Array(24).fill(1), paths: new Float32Array(HORIZON_HOURS), pathCount: 1 },
      quantiles: Float32Array.from(QUANTILE_LEVELS, (level) => 4 * (level - 0.5)),
    };
    const { upper } = outputsOf(numeric, view, point, { calibration, recentError: null, floor: 0 });
    const scale = view.lags.scale.data[0] ?? Number.NaN;
    expect(upper.data[12]).toBeCloseTo(400 + 1.8 * 0.1 * scale, 2);
    expect(upper.data[36]).toBeCloseTo(1.8 * 0.01 * scale, 2);
  });
});
