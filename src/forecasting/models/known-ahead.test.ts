import { describe, expect, it } from 'vitest';
import { createSiteCalendar } from '../calendar/site-calendar.ts';
import { createEventFlags, type EventFlag, labelsOf } from '../features/event-flags.ts';
import { createInputRows } from '../features/input-rows.ts';
import { createLayout } from '../features/layout.ts';
import { HOUR_MS, type HourlySeries, type IssuedValues, noOutlook } from '../series.ts';
import { simulateLoad } from '../simulation/simulate-load.ts';
import { numeric } from '../tensor/numeric.ts';
import { trainingRowsOf } from '../train-members.ts';
import { linear } from './linear.ts';
import { type FittedModel, type Member, numericView, subsetOf } from './member.ts';
import { profile } from './profile.ts';
import { prophet } from './prophet-member.ts';
import { createRandom } from './xgboost/random.ts';

const zone = 'America/Sao_Paulo';
const calendar = createSiteCalendar({ zone, ibgeCode: null });
const DAYS = 52;
const start = Date.UTC(2026, 4, 4, 3);
const readings = simulateLoad({ seed: 5, zone, from: start, hours: (DAYS + 10) * 24 });
const plain = Float64Array.from(readings, ({ loadKw }) => loadKw ?? Number.NaN);
const at = (i: number): number => start + i * HOUR_MS;
const options = {
  seed: 1,
  onProgress: () => undefined,
  signal: new AbortController().signal,
  base: null,
  earlier: null,
  openGraph: () => Promise.reject(new Error('not needed')),
};

interface Site {
  readonly series: HourlySeries;
  readonly eventFlags?: readonly EventFlag[];
}

function rowsOf({ series, eventFlags = [] }: Site) {
  const layout = createLayout({
    temperature: series.temperature !== null,
    price: (series.outlook?.price.length ?? 0) > 0,
    eventFlags: labelsOf(eventFlags),
  });
  return createInputRows(layout, calendar, createEventFlags(eventFlags, calendar));
}

async function learnt<State>(member: Member<State>, site: Site): Promise<FittedModel> {
  const all = trainingRowsOf(site.series, rowsOf(site), 0, DAYS * 24);
  // Every fifth origin: all hours of the day, and quicker.
  const rows = subsetOf(
    all,
    all.origins.flatMap((_, r) => (r % 5 === 0 ? [r] : [])),
  );
  return member.restore(await member.fit(rows, options));
}

/** kW of the 48 hours from the midnight of a day. */
function forecast(model: FittedModel, site: Site, day = DAYS): Float32Array {
  const inputs = rowsOf(site);
  const view = numericView(inputs.layout, inputs.rows(site.series, [day * 24]), 1);
  return model.forecast(numeric, view).data;
}

/** Mean |error| in kW at leads 1 to 24 over the days from the end of the training on. */
function meanError(model: FittedModel, site: Site): number {
  const days = Array.from({ length: 8 }, (_, i) => DAYS + i);
  const errors = days.flatMap((day) =>
    Array.from(forecast(model, site, day).subarray(0, 24), (value, i) =>
      Math.abs(value - (site.series.load[day * 24 + i] ?? Number.NaN)),
    ),
  );
  return errors.reduce((sum, value) => sum + value, 0) / errors.length;
}

describe('a shutdown of two hours that the site flagged', () => {
  const dates = [16, 18, 23, 31, 37, 43, 47, DAYS].map((day) =>
    new Date(at(day * 24)).toISOString().slice(0, 10),
  );
  const flag: EventFlag = { label: 'kiln off', hours: [14, 15], dates };
  const holds = createEventFlags([flag], calendar);
  const load = plain.map((value, i) => (holds('kiln off', at(i)) ? value * 0.4 : value));
  const site = { series: { start, load, temperature: null }, eventFlags: [flag] };
  const share = (values: Float32Array, day: number, hour: number): number =>
    (values[hour] ?? 0) / (plain[day * 24 + hour] ?? 0);

  it.each([
    ['linear', () => learnt(linear, site)],
    ['prophet', () => learnt(prophet, site)],
    ['profile', () => learnt(profile, site)],
  ])('is learnt by the %s member, and only for its hours', async (_, fitted) => {
    const model = await fitted();
    const told = forecast(model, site);
    const untold = forecast(model, { ...site, eventFlags: [{ ...flag, dates: dates.slice(0, -1) }] });
    for (const hour of [14, 15]) {
      expect(share(told, DAYS, hour)).toBeLessThan(0.65);
      expect(share(told, DAYS, hour)).toBeGreaterThan(0.3);
      expect(share(untold, DAYS, hour)).toBeGreaterThan(0.8);
    }
    expect(told.filter((value, i) => Math.abs(value - (untold[i] ?? 0)) > 1).length).toBe(2);
  });

  it('does not come back a week later', async () => {
    const model = await learnt(linear, site);
    const blind = await learnt(linear, { series: site.series });
    const later = DAYS + 7;
    expect(share(forecast(blind, { series: site.series }, later), later, 14)).toBeLessThan(0.92);
    expect(share(forecast(model, site, later), later, 14)).toBeGreaterThan(0.95);
  });
});

/** Daily values that jump about, the same at every hour of a day. */
const random = createRandom(4);
const jumps = Float64Array.from({ length: DAYS + 10 }, () => 16 * random() - 8);
const dayOfHour = (i: number): number => jumps[Math.floor(i / 24)] ?? 0;

/** Said at noon of the day before, for a whole day. */
const saidADayAhead = (value: (i: number) => number): IssuedValues[] =>
  Array.from({ length: DAYS + 10 }, (_, day) => ({
    issuedAt: at(day * 24 - 12),
    start: at(day * 24),
    values: Float64Array.from({ length: 24 }, (_, hour) => value(day * 24 + hour)),
  }));

describe('a temperature forecast', () => {
  const temperature = plain.map((_, i) => 22 + 5 * Math.sin((i % 24) / 4) + dayOfHour(i));
  const load = plain.map((value, i) => value + 6 * dayOfHour(i));
  const without: Site = { series: { start, load, temperature } };
  const forecasts = saidADayAhead((i) => temperature[i] ?? Number.NaN);
  const supplied = { series: { ...without.series, outlook: { ...noOutlook, temperature: forecasts } } };

  it('is used where it was supplied', async () => {
    const blind = meanError(await learnt(linear, without), without);
    const told = meanError(await learnt(linear, supplied), supplied);
    expect(told).toBeLessThan(0.85 * blind);
  });

  it('changes nothing where it came too late for every origin', async () => {
    const late = forecasts.map((entry) => ({ ...entry, issuedAt: at(1e6) }));
    const site = { series: { ...without.series, outlook: { ...noOutlook, temperature: late } } };
    const expected = forecast(await learnt(linear, without), without);
    expect(forecast(await learnt(linear, site), site)).toEqual(expected);
  });
});

describe('the energy price', () => {
  const price = plain.map((_, i) => 300 + 25 * dayOfHour(i) * Number(i % 24 >= 18));
  const load = plain.map((value, i) => value - 0.5 * ((price[i] ?? 0) - 300));
  const without: Site = { series: { start, load, temperature: null } };

  it('is used as far as it was published', async () => {
    const outlook = { ...noOutlook, price: saidADayAhead((i) => price[i] ?? Number.NaN) };
    const site = { series: { ...without.series, outlook } };
    const told = meanError(await learnt(linear, site), site);
    const blind = meanError(await learnt(linear, without), without);
    expect(told).toBeLessThan(0.85 * blind);
  });
});
