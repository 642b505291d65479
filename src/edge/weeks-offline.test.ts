import { afterEach, beforeEach, expect, it, vi } from 'vitest';
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

const DAYS = 15;

let site: SiteUnderTest;
beforeEach(async () => {
  site = await createSite();
});
afterEach(() => site.close());

const instant = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** Two hours at a time: the meter is read, and a forecast is made of it. */
async function liveThrough(from: number, until: number): Promise<void> {
  for (let hour = from + 2 * HOUR; hour <= until; hour += 2 * HOUR) {
    site.now = hour + 10 * 60_000;
    site.device.recordReadings(readingsUntil(hour, 2));
    await vi.waitFor(() => expect(site.device.status().forecast?.issuedAt).toBe(instant(hour)), {
      ...soon,
      interval: 2,
    });
  }
}

it('given weeks without the cloud, then the device goes on alone, and comes back in one reconcile', async () => {
  await site.startWithFirst();
  await vi.waitFor(() => expect(site.sent('forecast').at(-1)).toMatchObject({ version: '1.1.0' }), soon);
  const before = site.broker.sent.length;

  site.broker.goAway();
  await liveThrough(thisHour, thisHour + DAYS * 24 * HOUR);
  // The cloud changed its mind three times meanwhile; only the last word is retained.
  const expires = new Date(NOW + 90 * 24 * HOUR).toISOString();
  for (const assignment of [2, 3, 4]) await site.offer(assignment, goodModel(assignment), { expires });
  const alone = site.device.status();
  expect(alone).toMatchObject({ connected: false, outbox: { readings: DAYS * 24, forecasts: 168 } });
  expect(alone.forecast).toMatchObject({ version: '1.1.0' });
  expect(site.broker.sent).toHaveLength(before);
  const dropped = DAYS * 12 - 168;
  expect(alone.report.dropped).toEqual({ forecasts: dropped, readings: 0 });

  site.broker.comeBack();
  await site.answered(4, 'active');
  await vi.waitFor(() => {
    expect(site.device.status().outbox).toEqual({ acks: 0, forecasts: 0, readings: 0 });
    expect(site.sent('forecast').at(-1)).toMatchObject({ version: '1.4.0' });
  }, soon);

  // One reconcile: the versions between were never fetched or answered.
  expect(site.cloud.requests.filter((request) => request.includes('.onnx'))).toEqual([
    ...['/bess-456/v1.1.0.onnx', '/bess-456/v1.4.0.onnx'],
  ]);
  expect(site.acks().map((ack) => ack['assignment'])).toEqual([1, 4]);
  // Every reading of the weeks once, in order.
  const hours = site
    .sent('telemetry')
    .flatMap(({ readings }) => (readings as { hour: string }[]).map(({ hour }) => hour));
  const first = thisHour;
  expect(hours).toEqual(Array.from({ length: DAYS * 24 }, (_, i) => instant(first + i * HOUR)));
  // The last week of forecasts once each and in order, then the one of the new model.
  const ids = site.broker.sent.map(({ message }) => message['messageId']);
  expect(new Set(ids).size).toBe(ids.length);
  const issued = site
    .sent('forecast')
    .slice(-169)
    .map(({ issuedAt }) => String(issuedAt));
  expect(issued).toEqual([...issued].sort());
  // What the device did while it was away is copied from where the copy stood.
  expect(site.device.status().journal.refused).toBeNull();
}, 180_000);

it('given a clock that lost its time, then nothing is believed to be earlier, and the meter sets it right', async () => {
  await site.startWithFirst();
  await liveThrough(thisHour, thisHour + 2 * HOUR);
  site.now = Date.parse('1970-01-01T00:10:00Z');
  await site.start();
  expect(site.device.status().time).toMatchObject({
    isLost: true,
    floor: instant(thisHour + 2 * HOUR).replace('Z', '.000Z'),
  });
  // An offer that ran out does not become valid again.
  await site.offer(2, goodModel(2), { expires: new Date(thisHour).toISOString() });
  expect(await site.answered(2, 'rejected')).toMatchObject({ reason: expect.stringContaining('expired') });
  // Two days without power: only the meter knows.
  const now = thisHour + 50 * HOUR;
  expect(site.device.recordReadings(readingsUntil(now, 3))).toMatchObject({ changed: 3, refused: [] });
  await vi.waitFor(() => expect(site.device.status().forecast?.issuedAt).toBe(instant(now)), soon);
});

it('given a clock that leaps by decades, then no reading is forgotten for it', async () => {
  await site.start();
  await vi.waitFor(() => expect(site.device.status().report.historyHours).toBe(720), soon);
  site.now = Date.parse('2099-01-01T00:10:00Z');
  expect(site.device.recordReadings(readingsUntil(thisHour + HOUR, 1))).toMatchObject({ changed: 1 });
  site.now = NOW + HOUR;
  expect(site.device.status().report.historyHours).toBe(720);
  expect(site.device.status().time).toMatchObject({ isLost: false });
});
