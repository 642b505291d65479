import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createSite,
  goodModel,
  HOUR,
  NOW,
  readingsUntil,
  type SiteUnderTest,
  soon,
  thisHour,
} from '../../test/edge/site-under-test.ts';

let site: SiteUnderTest;
beforeEach(async () => {
  site = await createSite();
});
afterEach(() => site.close());

const waits = (reason: RegExp) =>
  vi.waitFor(() => {
    const attempted = { status: 'trying', waitsFor: expect.stringMatching(reason) };
    expect(site.device.status().report).toMatchObject({ attempted });
    expect(site.sent('state').at(-1)).toMatchObject({ attempted });
  }, soon);
const fetched = () => site.cloud.requests.filter((request) => request.includes('.onnx'));

describe('download hours', () => {
  it('given hours at night, when a model is offered by day, then it waits, says so, and comes at night', async () => {
    await site.start();
    // It is nine o'clock there.
    await site.configure(1, [2, 3]);
    await site.offer(1, goodModel(1));
    await waits(/^download hours: 2, 3 o'clock in America\/Sao_Paulo$/);
    expect(site.sent('progress').at(-1)).toMatchObject({
      phase: 'downloading',
      waitsFor: expect.any(String),
    });
    expect(fetched()).toEqual([]);
    site.now = NOW + 17 * HOUR;
    site.device.recordReadings(readingsUntil(thisHour + 17 * HOUR, 17));
    await site.answered(1, 'active');
    expect(fetched()).toHaveLength(1);
  });

  it('given a person on site who lifts them, then it comes at once', async () => {
    await site.start();
    await site.configure(1, [2, 3]);
    await site.offer(1, goodModel(1));
    await waits(/^download hours/);
    site.device.allowData(1);
    await site.answered(1, 'active');
    expect(site.device.status().data.overriddenUntil).toMatch(/^2026-03-02T13:10:0/);
  });

  it('given an offer that ends while it waits, then the cloud is told why nothing came of it', async () => {
    await site.start();
    await site.configure(1, [2]);
    await site.offer(1, goodModel(1), { expires: new Date(NOW + HOUR).toISOString() });
    await waits(/^download hours/);
    site.now = NOW + 2 * HOUR;
    const { reason } = await site.answered(1, 'rejected');
    expect(reason).toMatch(/^expired: .*it waited for download hours/);
    expect(fetched()).toEqual([]);
  });
});

describe('data budget', () => {
  it('counts answers that do not say their length, too', async () => {
    await site.start();
    await vi.waitFor(() => expect(site.device.status().report.historyHours).toBe(720), soon);
    const { bytes } = site.device.status().data;
    expect(bytes['history']).toBeGreaterThan(JSON.stringify(site.cloud.readings).length);
  });

  it('given no room for a model, then it waits for the next month; forecasts wait, answers go', async () => {
    const used = { month: '2026-03', bytes: { models: 60_000 } };
    await site.start({
      monthlyBytes: 60_000,
      wrapStore(store) {
        store.saveSetting('data-use', JSON.stringify(used));
        return store;
      },
    });
    await site.offer(1, goodModel(1));
    await waits(/^data budget: 0\.\d MB of 0\.1 MB are used in 2026-03/);
    expect(site.device.status().data.level).toBe('spent');
    const data = { month: '2026-03', limit: 60_000, level: 'spent', used: expect.any(Number) };
    expect(site.sent('state').at(-1)).toMatchObject({ data });
    await vi.waitFor(() => expect(site.device.status().outbox.forecasts).toBe(1), soon);
    // What is not meant for this device is refused, and what can be answered is.
    await site.offer(2, goodModel(2), { expires: new Date(NOW - HOUR).toISOString() });
    await site.answered(2, 'rejected');
    expect(site.device.status().outbox).toMatchObject({ acks: 0, forecasts: 1 });
    const march = site.sent('forecast').length;
    site.now = Date.parse('2026-04-01T00:30:00Z');
    await vi.waitFor(() => expect(site.sent('forecast').length).toBeGreaterThan(march), soon);
  });
});
