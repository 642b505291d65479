import { describe, expect, it } from 'vitest';
import { createSiteCalendar } from '../calendar/site-calendar.ts';
import { HOUR_MS } from '../series.ts';
import { type CleanedData, cleanReadings } from './clean.ts';
import { type FindingCode, UnusableData } from './findings.ts';
import type { HourReading } from './readings.ts';

const calendar = createSiteCalendar({ zone: 'America/Sao_Paulo', ibgeCode: null });
const FROM = Date.parse('2026-02-01T03:00:00Z');
const DAYS = 60;
const HOURS = DAYS * 24;
const TO = FROM + HOURS * HOUR_MS;

/** A plant with two shifts on weekdays; hourly, a little irregular, never the same twice. */
function plant(hours = HOURS, from = FROM): HourReading[] {
  return Array.from({ length: hours }, (_, i) => {
    const local = (i % 24) + (Math.floor(i / 24) % 7 > 4 ? 100 : 0);
    const working = local >= 6 && local < 22;
    const loadKw = (working ? 400 : 120) + 30 * Math.sin(i * 1.7) + 7 * Math.sin(i * 0.37) + (i % 13);
    return { hour: from + i * HOUR_MS, loadKw };
  });
}

const clean = (readings: readonly HourReading[], warmupFrom?: number): CleanedData =>
  cleanReadings(readings, {
    calendar,
    from: FROM,
    to: TO,
    ...(warmupFrom === undefined ? {} : { warmupFrom }),
  });

/** The plant with some hours changed; `null` removes the hour. */
function changed(at: (i: number) => number | null | undefined): HourReading[] {
  return plant().flatMap((reading, i) => {
    const value = at(i);
    if (value === null) return [];
    return [value === undefined ? reading : { ...reading, loadKw: value }];
  });
}

const between = (from: number, to: number) => (i: number) => i >= from && i < to;

function codes(data: CleanedData): FindingCode[] {
  return data.report.findings.map(({ code }) => code);
}

function refusal(readings: readonly HourReading[]): UnusableData {
  try {
    clean(readings);
  } catch (error) {
    if (error instanceof UnusableData) return error;
    throw error;
  }
  throw new Error('was accepted');
}

describe('cleaning', () => {
  it('leaves a good set as it is', () => {
    const data = clean(plant());
    expect(Array.from(data.series.load)).toEqual(plant().map(({ loadKw }) => loadKw));
    expect(data).toMatchObject({ warmupHours: 0, series: { start: FROM, temperature: null } });
    expect(data.report).toMatchObject({ hours: HOURS, filledHours: 0, missingHours: 0, findings: [] });
  });

  it('adds what battery and solar did from their first reading on', () => {
    const readings = plant().map((reading, i) => {
      if (i < 200) return reading;
      const hidden = i % 24 === 20 ? 90 : -10;
      return { ...reading, loadKw: (reading.loadKw ?? 0) - hidden - 5, batteryKw: hidden, pvKw: 5 };
    });
    const { series } = clean(readings);
    for (const [i, { loadKw }] of plant().entries()) expect(series.load[i]).toBeCloseTo(loadKw ?? 0, 9);
  });

  it('takes an hour as missing whose battery was not read', () => {
    const readings = plant().map((reading, i) => ({ ...reading, batteryKw: i === 500 ? undefined : 1 }));
    const data = clean(readings);
    expect(codes(data)).toEqual(['component-missing', 'gaps-filled']);
  });

  it('counts gaps of up to six hours as fillable and longer ones as missing, and invents no value', () => {
    const data = clean(changed((i) => (between(500, 506)(i) || between(700, 707)(i) ? null : undefined)));
    expect(data.report).toMatchObject({ filledHours: 6, missingHours: 7 });
    expect(codes(data)).toEqual(['gaps-filled', 'gaps-left']);
    expect(data.series.load.subarray(500, 506).every(Number.isNaN)).toBe(true);
    expect(data.series.load.subarray(700, 707).every(Number.isNaN)).toBe(true);
  });

  it('names the place of a gap in local time and UTC', () => {
    const data = clean(changed((i) => (between(46, 56)(i) ? null : undefined)));
    expect(data.report.findings[0]?.message).toBe(
      'Longer gaps, left missing: 2026-02-02 22:00 local (2026-02-03T01:00Z) to 2026-02-03 07:00 local (10:00Z), 10 h.',
    );
  });

  it.each<[string, FindingCode, (i: number) => number | undefined]>([
    ['a spike', 'spikes', (i) => (i === 600 ? 4100 : undefined)],
    ['a spike that sticks for nine hours', 'spikes', (i) => (between(600, 607)(i) ? 9843 : undefined)],
    ['a negative spike', 'spikes', (i) => (i === 600 ? -5000 : undefined)],
    ['a meter that stands still', 'flat-lines', (i) => (between(600, 630)(i) ? 333.3 : undefined)],
    ['zeros', 'zero-runs', (i) => (between(600, 623)(i) ? 0 : undefined)],
    ['a drop-out', 'drop-outs', (i) => (i === 600 ? 0.4 : undefined)],
    ['NaN', 'non-finite', (i) => (i === 600 ? Number.NaN : undefined)],
    ['1e30', 'non-finite', (i) => (i === 600 ? 1e30 : undefined)],
    ['infinity', 'non-finite', (i) => (i === 600 ? -Infinity : undefined)],
  ])('takes %s out and says so', (_, code, at) => {
    const data = clean(changed(at));
    expect(codes(data)).toContain(code);
    for (let i = 0; i < HOURS; i++) {
      if (at(i) !== undefined) expect(data.series.load[i]).toBeNaN();
    }
    expect(data.series.load.every((value) => Number.isNaN(value) || (value > 50 && value < 500))).toBe(true);
  });

  it('keeps zeros, standstill and peaks that recur every week', () => {
    const weekend = (i: number): boolean => Math.floor(i / 24) % 7 > 4;
    expect(clean(changed((i) => (weekend(i) ? 0 : undefined))).report).toMatchObject({
      missingHours: 0,
      findings: [],
    });
    expect(clean(changed((i) => (weekend(i) ? 40 : undefined))).report.findings).toEqual([]);
    const furnace = clean(changed((i) => (i % 168 === 34 ? 3000 : undefined)));
    expect(codes(furnace)).toEqual(['peaks-kept']);
    expect(furnace.series.load[34 + 168]).toBe(3000);
  });

  it('keeps battery, solar and the prices of each market day as they came', () => {
    const readings = plant().map((reading, i) => ({
      ...reading,
      batteryKw: -1,
      pvKw: 2,
      priceBrlMwh: 60 + i,
    }));
    const { series } = clean(readings);
    expect(series.battery?.every((value) => value === -1)).toBe(true);
    expect(series.pv?.length).toBe(HOURS);
    const [first, second] = series.outlook?.price ?? [];
    expect(first).toMatchObject({ start: FROM, issuedAt: FROM - 3 * 3_600_000 });
    expect([...(second?.values.subarray(0, 3) ?? [])]).toEqual([84, 85, 86]);
  });

  it('tells when the clock changed, and when only the hour that it skipped is missing', () => {
    const start = Date.UTC(2018, 9, 1, 3);
    const calendar = createSiteCalendar({ zone: 'America/Sao_Paulo', ibgeCode: null });
    const to = start + HOURS * 3_600_000;
    const moved = plant().map((reading, i) => ({ ...reading, hour: start + i * 3_600_000 }));
    const tell = (readings: typeof moved) =>
      cleanReadings(readings, { calendar, from: start, to }).report.findings.map(({ message }) => message);
    expect(tell(moved)).toEqual([
      "The site's clock changed at 2018-11-04 01:00 local (03:00Z): that day has 23 or 25 local hours, which is allowed for.",
    ]);
    // The clock skipped from 00:00 to 01:00.
    const local = moved.filter(({ hour }) => hour !== Date.UTC(2018, 10, 4, 0));
    expect(tell(local)[1]).toMatch(/^Only 2018-11-04T00:00Z is missing .* the times look local/);
  });

  it('believes a stop that the site flagged, and a holiday without load', () => {
    const stopped = changed((i) => (between(604, 606)(i) || between(96, 120)(i) ? 0 : undefined));
    const day = (i: number): string =>
      new Date(FROM + i * 3_600_000 - 3 * 3_600_000).toISOString().slice(0, 10);
    const hour = (i: number): number => new Date(FROM + i * 3_600_000 - 3 * 3_600_000).getUTCHours();
    const eventFlags = [{ label: 'kiln off', hours: [hour(604), hour(605)], dates: [day(604)] }];
    const imported = [{ date: day(100), name: 'Aniversário da cidade', kind: 'municipal' as const }];
    const calendar = createSiteCalendar({ zone: 'America/Sao_Paulo', ibgeCode: null, imported });
    const window = { from: FROM, to: FROM + HOURS * 3_600_000 };
    const { series, report } = cleanReadings(stopped, { ...window, calendar, eventFlags });
    expect(report.findings).toEqual([]);
    expect([...series.load.subarray(603, 607)].map((load) => load === 0)).toEqual([false, true, true, false]);
    expect(codes(clean(stopped))).toContain('zero-runs');
  });

  it('reports a level shift and leaves it in', () => {
    const base = plant();
    const data = clean(changed((i) => (i >= 720 ? (base[i]?.loadKw ?? 0) * 1.8 : undefined)));
    expect(codes(data)).toEqual(['level-shift']);
    expect(data.report.findings[0]?.message).toContain('2026-03-03 00:00 local (03:00Z)');
    expect(data.series.load[800]).toBeCloseTo((base[800]?.loadKw ?? 0) * 1.8, 9);
  });

  it('counts hours below zero', () => {
    const base = plant();
    const solar = changed((i) => (between(9, 14)(i % 24) ? (base[i]?.loadKw ?? 0) - 450 : undefined));
    const data = clean(solar);
    expect(codes(data)).toEqual(['negative-load']);
    expect(data.report.negativeHours).toBeGreaterThan(200);
  });

  it('merges duplicates, the last value counting', () => {
    const twice = [...plant(), { hour: FROM, loadKw: 222 }, ...plant().slice(5, 9)];
    const data = clean(twice);
    expect(data.report.findings[0]?.message).toMatch(
      /^Hours that came more than once: 5, with another value: 1/,
    );
    expect(data.series.load[0]).toBe(222);
  });

  it('uses what lies before the window as warm-up', () => {
    const early = FROM - 20 * 24 * HOUR_MS;
    const data = clean([...plant(480, early), ...plant()], FROM - 30 * 24 * HOUR_MS);
    expect(data).toMatchObject({ warmupHours: 480, series: { start: early } });
    expect(data.series.load).toHaveLength(480 + HOURS);
    expect(data.report).toMatchObject({ from: FROM, to: TO, hours: HOURS });
  });

  it('drops warm-up hours in another unit', () => {
    const early = FROM - 20 * 24 * HOUR_MS;
    const watts = plant(480, early).map(({ hour, loadKw }) => ({ hour, loadKw: (loadKw ?? 0) * 1000 }));
    const data = clean([...watts, ...plant()], early);
    expect(data).toMatchObject({ warmupHours: 0, series: { start: FROM } });
    expect(codes(data)).toEqual(['unit-jump']);
  });

  it('shortens the window to what is there', () => {
    const data = clean(plant().slice(24 * 15));
    expect(data.report).toMatchObject({ from: FROM + 15 * 24 * HOUR_MS, to: TO, hours: 45 * 24 });
    expect(codes(data)).toEqual(['window-shortened']);
  });

  it('keeps a temperature with small gaps and drops one that is hardly there', () => {
    const withSensor = (share: (i: number) => boolean): HourReading[] =>
      plant().map((reading, i) =>
        share(i) ? { ...reading, temperatureC: 20 + 5 * Math.sin(i / 4) } : reading,
      );
    const some = clean(withSensor((i) => i % 50 !== 3));
    expect(some.series.temperature?.filter(Number.isNaN).length).toBe(Math.ceil((HOURS - 3) / 50));
    expect(codes(some)).toEqual(['temperature-gaps']);
    const few = clean(withSensor((i) => i % 3 === 0));
    expect(few.series.temperature).toBeNull();
    expect(codes(few)).toEqual(['temperature-dropped']);
  });
});

describe('an unusable set', () => {
  it.each<[string, UnusableData['code'], () => HourReading[]]>([
    ['nothing', 'no-data', () => []],
    ['another period', 'no-data', () => plant(900, TO + HOUR_MS)],
    ['29 days', 'too-short', () => plant().slice(0, 29 * 24)],
    ['every third hour', 'wrong-cadence', () => plant().filter((_, i) => i % 3 === 0)],
    ['half hours', 'wrong-cadence', () => plant().map((r) => ({ ...r, hour: r.hour + HOUR_MS / 2 }))],
    ['a constant', 'constant-load', () => changed(() => 5)],
    ['all zero', 'constant-load', () => changed(() => 0)],
    [
      'watts from the middle on',
      'unit-jump',
      () => plant().map((r, i) => (i < 700 ? r : { ...r, loadKw: (r.loadKw ?? 0) * 1000 })),
    ],
    [
      'a quarter missing',
      'too-many-gaps',
      () => changed((i) => (between(100, 100 + HOURS / 4)(i) ? null : undefined)),
    ],
    [
      'the test days missing',
      'test-days-missing',
      () => changed((i) => (between(HOURS - 240, HOURS - 20)(i) ? null : undefined)),
    ],
  ])('of %s is refused', (_, code, readings) => {
    expect(refusal(readings()).code).toBe(code);
  });

  it('says what and where in the plant’s own time', () => {
    const gaps = changed((i) => (between(100, 500)(i) || between(800, 810)(i) ? null : undefined));
    expect(refusal(gaps).message).toBe(
      "28 % of the window's 1440 hours have no usable load, at most 20 % may: 2 places, 410 h in all, the longest " +
        '2026-02-05 04:00 local (07:00Z) to 2026-02-21 19:00 local (22:00Z), 400 h. ' +
        'Import the missing readings, or choose a window without them.',
    );
    const watts = plant().map((r, i) => (i < 731 ? r : { ...r, loadKw: (r.loadKw ?? 0) * 1000 }));
    expect(refusal(watts).message).toMatch(/From 2026-03-03 11:00 local \(14:00Z\).*W, kW or MW/);
    expect(refusal(plant().slice(0, 29 * 24)).message).toMatch(/29.0 days .*at least 30/);
  });
});
