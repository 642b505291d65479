import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createSite,
  HOUR,
  NOW,
  readingsUntil,
  type SiteUnderTest,
  soon,
  thisHour,
} from '../../test/edge/site-under-test.ts';
import type { Sample } from '../ports/device-store.ts';

const MINUTE = 60_000;
let site: SiteUnderTest;
beforeEach(async () => {
  site = await createSite();
  await site.start();
  await vi.waitFor(() => expect(site.device.status().report.historyHours).toBe(720), soon);
});
afterEach(() => site.close());

const text = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;
/** Quarters of the hour that is running at the start, in order. */
const quarters = (loads: readonly number[], from = 0): Sample[] =>
  loads.map((loadKw, i) => ({ at: text(thisHour + 15 * MINUTE * (from + i)), minutes: 15, loadKw }));
const reported = () => site.sent('telemetry').flatMap(({ readings }) => readings as { hour: string }[]);
const forecastOf = (hour: number) =>
  vi.waitFor(() => expect(site.device.status().forecast?.issuedAt).toBe(text(hour)), soon);

describe('readings of 5 or 15 minutes', () => {
  it('make the hour once its last one is there: mean, highest quarter, forecast and report', async () => {
    site.now = thisHour + 46 * MINUTE;
    expect(site.device.recordReadings(quarters([100, 200, 400]))).toEqual({
      ...{ changed: 3, unchanged: 0, refused: [], hours: 0 },
    });
    site.now = thisHour + HOUR + 5_000;
    expect(site.device.recordReadings(quarters([300], 3))).toMatchObject({ changed: 1, hours: 1 });
    await forecastOf(thisHour + HOUR);
    await vi.waitFor(
      () => expect(reported()).toEqual([{ hour: text(thisHour), loadKw: 250, max15Kw: 400 }]),
      soon,
    );
  });

  it('may come again, and be corrected for as long as readings are kept', async () => {
    site.now = thisHour + HOUR + 5_000;
    site.device.recordReadings(quarters([100, 200, 400, 300]));
    await vi.waitFor(() => expect(reported()).toHaveLength(1), soon);
    expect(site.device.recordReadings(quarters([100, 200, 400, 300]))).toEqual({
      ...{ changed: 0, unchanged: 4, refused: [], hours: 0 },
    });
    site.now += 20 * 24 * HOUR;
    expect(site.device.recordReadings(quarters([240], 1))).toMatchObject({ changed: 1, hours: 1 });
    await vi.waitFor(
      () => expect(reported().at(-1)).toEqual({ hour: text(thisHour), loadKw: 260, max15Kw: 400 }),
      soon,
    );
  });

  it('make an hour of 45 minutes when the last do not come, without its highest quarter', async () => {
    site.now = thisHour + HOUR + 10_000;
    expect(site.device.recordReadings(quarters([100, 200, 300]))).toMatchObject({ changed: 3, hours: 0 });
    expect(reported()).toEqual([]);
    site.now = thisHour + HOUR + 5 * MINUTE;
    await vi.waitFor(() => expect(reported()).toEqual([{ hour: text(thisHour), loadKw: 200 }]), soon);
    await forecastOf(thisHour + HOUR);
    // The late one completes it.
    expect(site.device.recordReadings(quarters([600], 3))).toMatchObject({ changed: 1, hours: 1 });
    await vi.waitFor(
      () => expect(reported().at(-1)).toEqual({ hour: text(thisHour), loadKw: 300, max15Kw: 600 }),
      soon,
    );
  });

  it('make no hour of half of it, also over a restart: it is bridged', async () => {
    site.now = thisHour + HOUR + 10_000;
    site.device.recordReadings(quarters([100, 200]));
    site.now = thisHour + 2 * HOUR + 5 * MINUTE;
    await site.start();
    await forecastOf(thisHour + 2 * HOUR);
    expect(reported()).toEqual([]);
    expect(site.device.recordReadings(quarters([300], 2))).toMatchObject({ hours: 1 });
  });

  it('leave an hour alone that was given whole, until one of them is given again', () => {
    site.now = thisHour + HOUR + 10_000;
    site.device.recordReadings(quarters([100, 200, 300]));
    const [whole] = readingsUntil(thisHour + HOUR, 1);
    site.device.recordReadings([{ ...whole, hour: text(thisHour), loadKw: 321 }]);
    site.now = thisHour + HOUR + 10 * MINUTE;
    expect(site.device.recordReadings(quarters([300], 2))).toMatchObject({ changed: 0, hours: 1 });
  });

  it('are taken a minute before their end, and not before', () => {
    const five = { at: text(thisHour), minutes: 5 as const, loadKw: 100 };
    site.now = thisHour + 3.9 * MINUTE;
    expect(site.device.recordReadings([five]).refused).toMatchObject([{ code: 'not-over' }]);
    site.now = thisHour + 4 * MINUTE;
    expect(site.device.recordReadings([five])).toMatchObject({ changed: 1, refused: [] });
  });

  it('are refused one by one, with what is wrong', () => {
    const good = quarters([100], -1);
    const refusals = site.device.recordReadings([
      ...good,
      ...quarters([100], 1),
      ...quarters([100], -4 * 24 * 61),
      ...quarters([300_000], -2),
      ...quarters([0.3], -3),
    ]).refused;
    expect(refusals.map(({ code }) => code)).toEqual([
      ...['not-over', 'too-old', 'implausible', 'implausible'],
    ]);
    expect(refusals[0]).toMatchObject({
      hour: '2026-03-02T12:15:00Z',
      detail: expect.stringContaining('these 15 minutes are not over'),
    });
    expect(refusals[3]?.detail).toContain('send kW, not MW');
  });

  it.each([
    ['of 10 minutes', { at: text(NOW - HOUR), minutes: 10, loadKw: 1 }],
    ['beside their quarter', { at: '2026-03-02T11:05:00Z', minutes: 15, loadKw: 1 }],
    ['without their minutes', { at: '2026-03-02T11:00:00Z', loadKw: 1 }],
  ])('are no readings when they are %s', (_, sample) => {
    expect(() => site.device.recordReadings([sample as unknown as Sample])).toThrow(/malformed samples/);
  });
});
