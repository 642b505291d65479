import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSiteCalendar } from '../calendar/site-calendar.ts';
import { cleanReadings } from '../cleaning/clean.ts';
import { fillGaps } from '../cleaning/gaps.ts';
import type { HourReading } from '../cleaning/readings.ts';
import { HOUR_MS, type HourlySeries, type IssuedValues, noOutlook } from '../series.ts';
import { simulateLoad } from '../simulation/simulate-load.ts';
import { createEventFlags } from './event-flags.ts';
import { createInputRows } from './input-rows.ts';
import { createLayout } from './layout.ts';

/** From the readings of a site to the features of a forecast: nothing that came after the issue time may show. */

const zone = 'America/Sao_Paulo';
const calendar = createSiteCalendar({ zone, ibgeCode: '3550308' });
const flags = createEventFlags([{ label: 'kiln', hours: [14, 15], weekdays: [2] }], calendar);
const layout = createLayout({ temperature: true, price: true, eventFlags: ['kiln'] });
const rows = createInputRows(layout, calendar, flags);
const HOURS = 60 * 24;
const start = Date.UTC(2026, 1, 2, 3);
const to = start + HOURS * HOUR_MS;

/** What a site measured and was told; gaps of some hours here and there. */
interface Site {
  readonly readings: readonly HourReading[];
  readonly forecasts: readonly IssuedValues[];
}

const site: Site = {
  readings: simulateLoad({ seed: 11, zone, from: start, hours: HOURS })
    .map((reading, i) => ({
      ...reading,
      batteryKw: 30 * Math.sin(i / 5),
      pvKw: Math.max(0, 40 * Math.sin(((i % 24) - 6) / 4)),
      priceBrlMwh: 200 + (i % 24) * 5 + (i % 7),
    }))
    .filter((_, i) => i % 97 > 3 && i % 401 > 20),
  forecasts: Array.from({ length: HOURS / 6 }, (_, k) => ({
    issuedAt: start + 6 * k * HOUR_MS,
    start: start + 6 * k * HOUR_MS,
    values: Float64Array.from({ length: 48 }, (_, i) => 20 + 5 * Math.sin((6 * k + i) / 4)),
  })),
};

/** When a price is known: on the market's day before its own, so surely not 27 hours before it. */
const PRICE_AHEAD_HOURS = 27;

type Change = (value: number | undefined) => number | undefined;

/** The same site with another future from the issue time on. */
function otherFuture({ readings, forecasts }: Site, issueTime: number, share: number): Site {
  const by: Change = (value) => (value === undefined ? undefined : value * (1 + share));
  return {
    readings: readings.map((reading) => {
      const { hour, loadKw, batteryKw, pvKw, temperatureC, priceBrlMwh } = reading;
      const unknownPrice = hour >= issueTime + PRICE_AHEAD_HOURS * HOUR_MS;
      const price = unknownPrice ? by(priceBrlMwh) : priceBrlMwh;
      if (hour < issueTime) return { ...reading, priceBrlMwh: price };
      const measured = { loadKw: by(loadKw), batteryKw: by(batteryKw), pvKw: by(pvKw) };
      return { ...reading, ...measured, temperatureC: by(temperatureC), priceBrlMwh: price };
    }),
    forecasts: forecasts.map((entry) =>
      entry.issuedAt > issueTime
        ? { ...entry, values: entry.values.map((value) => value + 9 * share) }
        : entry,
    ),
  };
}

function seriesOf({ readings, forecasts }: Site): HourlySeries {
  const { series } = cleanReadings(readings, { calendar, from: start, to });
  return { ...series, outlook: { price: series.outlook?.price ?? [], temperature: forecasts } };
}

type Build = (site: Site, origin: number) => Float32Array;

const honest: Build = (known, origin) => rows.rows(seriesOf(known), [origin]);

/** Features that move when the future does. */
function moved(build: Build, origin: number, share: number): number {
  const before = build(site, origin);
  const after = build(otherFuture(site, start + origin * HOUR_MS, share), origin);
  return before.filter((value, i) => !Object.is(value, after[i])).length;
}

const leaky: Readonly<Record<string, Build>> = {
  'sees the hour that is to be forecast': (known, origin) => rows.rows(seriesOf(known), [origin + 1]),
  'fills gaps from what came after them': (known, origin) => {
    const series = seriesOf(known);
    const load = series.load.slice();
    fillGaps(load);
    return rows.rows({ ...series, load }, [origin]);
  },
  'takes a temperature forecast that was issued later': (known, origin) => {
    const series = seriesOf(known);
    const temperature = known.forecasts.map((entry) => ({
      ...entry,
      issuedAt: entry.issuedAt - 24 * HOUR_MS,
    }));
    return rows.rows({ ...series, outlook: { ...(series.outlook ?? noOutlook), temperature } }, [origin]);
  },
  'takes prices that were not published yet': (known, origin) => {
    const series = seriesOf(known);
    const price = (series.outlook?.price ?? []).map((day) => ({
      ...day,
      issuedAt: day.start - 48 * HOUR_MS,
    }));
    return rows.rows({ ...series, outlook: { temperature: known.forecasts, price } }, [origin]);
  },
};

describe('features of a forecast', () => {
  it('do not move when what was measured, published or forecast after the issue time does', () => {
    const future = fc.tuple(
      fc.integer({ min: 400, max: HOURS - 49 }),
      fc.double({ min: -0.25, max: 0.25, noNaN: true }).filter((share) => Math.abs(share) > 0.01),
    );
    fc.assert(
      fc.property(future, ([origin, share]) => moved(honest, origin, share) === 0),
      { numRuns: 25 },
    );
  });

  it.each(Object.entries(leaky))('are caught by the same property when a builder %s', (_, build) => {
    // An hour after a gap began, so that filling it from both sides shows.
    const origin = 97 * 9 + 2;
    expect(moved(build, origin, 0.2)).toBeGreaterThan(0);
    expect(moved(honest, origin, 0.2)).toBe(0);
  });
});
