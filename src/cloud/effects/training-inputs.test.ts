import { describe, expect, it, vi } from 'vitest';
import { CALLER, cloudOnMemory, SITE, SITE_NOW } from '../../../test/cloud/cloud-on-memory.ts';
import { sampleSettings } from '../../../test/sample-facts.ts';
import { createEffectRunner } from '../../actors/effect-runner.ts';
import { decodeDataSet } from '../../forecasting/data-set.ts';
import { HOUR_MS } from '../../forecasting/series.ts';
import { simulateLoad } from '../../forecasting/simulation/simulate-load.ts';
import { TrainingRefused, type TrainingRequest } from '../../ports/trainer.ts';
import { createEffectHandlers } from '../effect-handlers.ts';

const HOURS = 60 * 24;

/** A cloud whose site has measured two months, and whose trainer only takes note of what it is asked. */
async function trainingCloud(integrated = true) {
  const world = await cloudOnMemory();
  const files = new Map<string, Uint8Array>();
  const asked: TrainingRequest[] = [];
  const readings = simulateLoad({ seed: 1, zone: 'UTC', from: SITE_NOW - HOURS * HOUR_MS, hours: HOURS });
  const price = {
    issuedAt: SITE_NOW - 30 * HOUR_MS,
    start: SITE_NOW - 24 * HOUR_MS,
    values: Float64Array.of(61.07),
  };
  const handlers = createEffectHandlers({
    ...world.cloud,
    telemetry: {
      ...world.cloud.telemetry,
      read: async () =>
        readings.map(({ hour, loadKw = 0 }, i) => ({
          ...{ hour: new Date(hour).toISOString(), loadKw },
          priceBrlMwh: 100 + i,
        })),
    },
    artifacts: {
      ...world.cloud.artifacts,
      put: async (bytes) => {
        const checksum = `sha256:${String(files.size).padStart(64, '0')}`;
        files.set(checksum, bytes);
        return { checksum, size: bytes.length };
      },
      get: async (checksum) => files.get(checksum) ?? new Uint8Array(0),
    },
    trainer: {
      train: async (request) => {
        asked.push(request);
        throw new TrainingRefused('enough', 'the request was all that is wanted');
      },
      close: async () => undefined,
    },
    ...(integrated ? { outlook: { read: async () => ({ temperature: [], price: [price] }) } } : {}),
  });
  async function runUntil(condition: () => void): Promise<void> {
    const { log, queue, cloud } = world;
    const runner = createEffectRunner({
      ...{ log, queue, clocks: cloud.clocks, logger: cloud.logger, worker: 'w1', random: () => 0 },
      ...{ handlers, concurrency: { quick: 2, slow: 1 }, observe: () => undefined, pollMs: 10 },
    });
    runner.start();
    try {
      await vi.waitFor(condition, { timeout: 10_000, interval: 20 });
    } finally {
      await runner.close();
    }
  }
  return { ...world, asked, runUntil, price };
}

describe('a training', () => {
  it('is given the days and hours that the site’s people named, and the prices as they were published', async () => {
    const { control, asked, runUntil, price } = await trainingCloud();
    const specialDays = [{ date: '2026-01-02', name: 'Emenda', kind: 'bridge' as const }];
    const eventFlags = [{ label: 'kiln', hours: [14, 15], weekdays: [1] }];
    await control.putSite(CALLER, SITE, { ...sampleSettings, specialDays, eventFlags });
    await control.requestRetrain(CALLER, {
      ...{ systemId: SITE, modelType: 'ensemble', members: 'all' },
      ...{ trainingWindowDays: 60, forceRedeploy: false },
    });
    await runUntil(() => expect(asked).toHaveLength(1));
    const [request] = asked;
    expect(request).toMatchObject({ imported: specialDays, eventFlags, zone: 'America/Sao_Paulo' });
    const { load, outlook } = decodeDataSet(request?.dataSet ?? new Uint8Array(0));
    expect(load.length).toBe(HOURS);
    expect(outlook?.price).toEqual([price]);
  });

  it('is given the prices stored with the readings where no source tells any, each known a day ahead', async () => {
    const { control, asked, runUntil } = await trainingCloud(false);
    await control.putSite(CALLER, SITE, sampleSettings);
    await control.requestRetrain(CALLER, {
      ...{ systemId: SITE, modelType: 'ensemble', members: 'all' },
      ...{ trainingWindowDays: 60, forceRedeploy: false },
    });
    await runUntil(() => expect(asked).toHaveLength(1));
    const { outlook } = decodeDataSet(asked[0]?.dataSet ?? new Uint8Array(0));
    const prices = outlook?.price ?? [];
    expect(prices.length).toBeGreaterThan(50);
    for (const { issuedAt, start, values } of prices) {
      expect(start - issuedAt).toBe(3 * HOUR_MS);
      const known = [...values].flatMap((value, i) => (Number.isNaN(value) ? [] : [start + i * HOUR_MS]));
      for (const hour of known) expect(hour).toBeGreaterThan(issuedAt);
    }
  });
});
