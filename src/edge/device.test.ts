import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  checksumOf,
  createSite,
  goodModel,
  HOUR,
  NOW,
  readingsUntil,
  type SiteUnderTest,
  soon,
  thisHour,
} from '../../test/edge/site-under-test.ts';
import { tinyModel } from '../../test/edge/tiny-model.ts';
import type { DeviceStore } from '../ports/device-store.ts';

let site: SiteUnderTest;

beforeEach(async () => {
  site = await createSite();
});
afterEach(() => site.close());

const lastReport = () => site.sent('state').at(-1);

describe('device', () => {
  it('given an offered model, when it is proven, then it serves, is answered for and forecasts', async () => {
    await site.startWithFirst();
    const ack = await site.answered(1, 'active');
    expect(ack).toMatchObject({
      deviceId: 'dev-1',
      deploymentId: 'dep-1',
      version: '1.1.0',
      runningVersion: '1.1.0',
      inferenceMs: expect.any(Number),
      at: new Date(NOW).toISOString(),
    });
    expect(site.active()).toBe(checksumOf(goodModel(1)));
    await vi.waitFor(() => {
      expect(site.sent('forecast').at(-1)).toMatchObject({
        version: '1.1.0',
        issuedAt: '2026-03-02T12:00:00Z',
      });
      expect(lastReport()).toMatchObject({
        state: 'watching',
        running: { version: '1.1.0', deploymentId: 'dep-1' },
        attempted: { status: 'active' },
      });
    }, soon);
    expect(site.sent('forecast').at(-1)?.['hours']).toHaveLength(48);
    expect(site.sent('progress').map((message) => message['phase'])).toEqual(
      expect.arrayContaining(['downloading', 'verifying', 'activating', 'probation']),
    );
  });

  it('given a contract, when it forecasts, then each hour in force says the chance to pass it and of what', async () => {
    // Ends at midnight in São Paulo, 15 hours after the issue hour.
    const contract = {
      ...{ peakKw: null, offPeakKw: 200, peakHours: [], tolerance: 0.05 },
      ...{ validFrom: null, validTo: '2026-03-03T03:00:00Z' },
    };
    const config = { zone: 'America/Sao_Paulo', contract, holidays: [], flags: [], revision: 1 };
    await site.start({
      wrapStore: (store) => {
        store.saveSetting('site-config', JSON.stringify(config));
        return store;
      },
    });
    await site.offer(1, goodModel(1));
    await vi.waitFor(
      () =>
        expect(site.sent('forecast').at(-1)).toMatchObject({
          version: '1.1.0',
          exceedanceBasis: 'hourly-mean',
        }),
      soon,
    );
    const hours = site.sent('forecast').at(-1)?.['hours'] as { exceedanceProbability?: number }[];
    // Busy until 18:00, quiet after; nothing is said of hours without a contract.
    expect(hours[0]?.exceedanceProbability).toBe(1);
    expect(hours[10]?.exceedanceProbability).toBe(0);
    expect(hours[14]).toHaveProperty('exceedanceProbability');
    expect(hours[15]).not.toHaveProperty('exceedanceProbability');
  });

  it('given a second model, when it takes over, then the first is kept beside it', async () => {
    await site.startWithFirst();
    await site.offer(2, goodModel(2));
    await site.answered(2, 'active');
    expect(site.active()).toBe(checksumOf(goodModel(2)));
    expect(site.previous()).toBe(checksumOf(goodModel(1)));
  });

  it('given a model that answers NaN, when it is proven, then the old one serves again and the cloud knows why', async () => {
    await site.startWithFirst();
    await site.offer(2, tinyModel({ version: '1.2.0', factor: Number.NaN }));
    const ack = await site.answered(2, 'rolledback');
    expect(ack).toMatchObject({ runningVersion: '1.1.0', reason: expect.stringContaining('no number') });
    expect(site.active()).toBe(checksumOf(goodModel(1)));
    await vi.waitFor(
      () =>
        expect(lastReport()).toMatchObject({
          state: 'rolledback',
          running: { version: '1.1.0' },
          attempted: { version: '1.2.0', status: 'rolledback' },
        }),
      soon,
    );
  });

  it('given a model taken back, when the cloud wants what runs again, then nothing is installed or refused', async () => {
    await site.startWithFirst();
    await site.offer(2, tinyModel({ version: '1.2.0', factor: Number.NaN }));
    await site.answered(2, 'rolledback');
    const before = site.cloud.requests.length;
    await site.offer(1, goodModel(1), { expires: new Date(NOW - HOUR).toISOString() });
    await vi.waitFor(
      () => expect(site.acks().at(-1)).toMatchObject({ assignment: 1, status: 'active' }),
      soon,
    );
    await site.offer(3, goodModel(1), { version: '1.1.0', deploymentId: 'dep-1' });
    await vi.waitFor(() => expect(lastReport()).toMatchObject({ floor: 3, refused: null }), soon);
    expect(site.device.status().report).toMatchObject({ state: 'rolledback', running: { version: '1.1.0' } });
    expect(site.cloud.requests).toHaveLength(before);
  });

  it('given a model far beyond the site’s own range, then it is taken back', async () => {
    await site.startWithFirst();
    await site.offer(2, tinyModel({ version: '1.2.0', factor: 1000 }));
    expect(await site.answered(2, 'rolledback')).toMatchObject({
      reason: expect.stringContaining('beyond what the site has ever shown'),
    });
  });

  it('given a model that took the process down three times, when it starts again, then the one before serves', async () => {
    await site.startWithFirst();
    await site.offer(2, goodModel(2));
    await site.answered(2, 'active');
    const crashed = (store: DeviceStore): DeviceStore => {
      store.saveSetting('model-in-use', '2 3');
      return store;
    };
    await site.start({ wrapStore: crashed });
    expect(await site.answered(2, 'rolledback')).toMatchObject({
      runningVersion: '1.1.0',
      reason: expect.stringContaining('the process ended 3 times in a row'),
    });
    expect(site.active()).toBe(checksumOf(goodModel(1)));
  });

  it('given a first model that answers NaN, then nothing serves and the forecast says that it is naive', async () => {
    await site.start();
    await site.offer(1, tinyModel({ version: '1.1.0', factor: Number.NaN }));
    expect(await site.answered(1, 'rolledback')).toMatchObject({ runningVersion: null });
    await vi.waitFor(
      () =>
        expect(site.sent('forecast').at(-1)).toMatchObject({
          version: null,
          modelType: 'seasonal-naive',
          fallback: 'no model is installed',
        }),
      soon,
    );
  });

  it('given an assignment that was answered, when it is repeated, then the same answer is sent again', async () => {
    await site.startWithFirst();
    const before = site.acks().length;
    await site.offer(1, goodModel(1));
    await vi.waitFor(() => expect(site.acks().length).toBeGreaterThan(before), soon);
    expect(new Set(site.acks().map((ack) => ack['messageId'])).size).toBe(1);
    expect(site.cloud.requests.filter((request) => request.includes('.onnx'))).toHaveLength(1);
  });

  it('given a broker that acknowledges nothing, when it comes back, then the ack arrives under its first id', async () => {
    site.broker.acknowledges = false;
    await site.start();
    await site.offer(1, goodModel(1));
    await vi.waitFor(() => expect(site.device.status().report.state).toBe('watching'), soon);
    expect(site.acks()).toEqual([]);
    await site.start();
    site.broker.acknowledges = true;
    const { messageId } = await site.answered(1, 'active');
    await site.start();
    await vi.waitFor(() => expect(site.acks().length).toBeGreaterThan(1), soon);
    expect(new Set(site.acks().map((ack) => ack['messageId']))).toEqual(new Set([messageId]));
  });

  it('given a slow download, when a newer assignment comes, then that one is installed instead', async () => {
    await site.start();
    site.cloud.answer = (_, response) => {
      response.writeHead(200, { 'content-length': goodModel(1).length });
      response.write(goodModel(1).subarray(0, 100));
    };
    await site.offer(1, goodModel(1));
    await vi.waitFor(() => expect(site.device.status().report.state).toBe('downloading'), soon);
    await vi.waitFor(() => expect(site.cloud.requests.some((r) => r.includes('v1.1.0'))).toBe(true), soon);
    site.cloud.answer = null;
    await site.offer(2, goodModel(2));
    await site.answered(2, 'active');
    expect(site.acks().map((ack) => ack['assignment'])).toEqual([2]);
  });

  it('given a download under way, when the desired state is cleared, then it is given up', async () => {
    await site.startWithFirst();
    site.cloud.answer = (_, response) => {
      response.writeHead(200, { 'content-length': goodModel(2).length });
      response.write(goodModel(2).subarray(0, 100));
    };
    await site.offer(2, goodModel(2));
    await vi.waitFor(() => expect(site.device.status().report.state).toBe('downloading'), soon);
    site.broker.publishDesired(null);
    await vi.waitFor(() => expect(lastReport()).toMatchObject({ state: 'idle', attempted: null }), soon);
    expect(site.device.status().report.running?.version).toBe('1.1.0');
  });

  it('given the running file under another deployment, then that one is answered without a download', async () => {
    await site.startWithFirst();
    await site.offer(2, goodModel(1), { version: '1.1.0' });
    await site.answered(2, 'active');
    expect(site.cloud.requests.filter((request) => request.includes('.onnx'))).toHaveLength(1);
  });

  it('given a watched model, when the watch ends, then it is active for good', async () => {
    await site.startWithFirst();
    site.now += 24 * HOUR;
    await vi.waitFor(() => expect(lastReport()).toMatchObject({ state: 'active' }), soon);
  });

  it('given a running model whose file is damaged, when it is loaded again, then it is taken back', async () => {
    await site.startWithFirst();
    await site.offer(2, goodModel(2));
    await site.answered(2, 'active');
    writeFileSync(join(site.models, 'forecast.onnx'), goodModel(2).slice(0, 100));
    await site.start();
    expect(await site.answered(2, 'rolledback')).toMatchObject({ runningVersion: '1.1.0' });
    expect(site.active()).toBe(checksumOf(goodModel(1)));
  });

  it('given an outage, when the connection returns, then readings and forecasts are reported that were made meanwhile', async () => {
    await site.start();
    await vi.waitFor(() => expect(site.sent('forecast')).toHaveLength(1), soon);
    site.broker.acknowledges = false;
    for (let hour = 0; hour < 3; hour += 1) {
      site.now += HOUR;
      site.device.recordReadings(readingsUntil(thisHour + (hour + 1) * HOUR, 1));
      await vi.waitFor(
        () =>
          expect(site.device.status().forecast?.issuedAt).toBe(
            `${new Date(thisHour + (hour + 1) * HOUR).toISOString().slice(0, 19)}Z`,
          ),
        soon,
      );
    }
    expect(site.sent('telemetry')).toEqual([]);
    site.broker.acknowledges = true;
    await vi.waitFor(() => {
      expect(site.sent('telemetry').flatMap((message) => message['readings'])).toHaveLength(3);
      expect(site.sent('forecast')).toHaveLength(4);
    }, soon);
  });
});
