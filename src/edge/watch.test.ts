import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  checksumOf,
  createSite,
  goodModel,
  HOUR,
  type SiteUnderTest,
  soon,
} from '../../test/edge/site-under-test.ts';
import { createModelLoader } from '../adapters/onnxruntime/model-loader.ts';
import type { LoadModel } from '../forecasting/inference.ts';

const load = createModelLoader();
let site: SiteUnderTest;
/** Runs of the second model that fail from now on. */
let failures: number;
let tried: number;

/** Models of which the second can break down while it serves, whatever it was in its proof. */
const loadFragile: LoadModel = async (bytes) => {
  const session = await load(bytes);
  const isSecond = checksumOf(bytes) === checksumOf(goodModel(2));
  return {
    ...session,
    run(inputs, rows) {
      if (isSecond && failures > 0) {
        failures -= 1;
        tried += 1;
        return Promise.reject(new Error('an operator failed'));
      }
      return session.run(inputs, rows);
    },
  };
};

beforeEach(async () => {
  failures = 0;
  tried = 0;
  site = await createSite();
  await site.startWithFirst({ loadModel: loadFragile });
  await site.offer(2, goodModel(2));
  await site.answered(2, 'active');
  await forecastBy('1.2.0');
});
afterEach(() => site.close());

const forecasts = () => site.sent('forecast');
const forecastBy = (version: string) =>
  vi.waitFor(() => expect(forecasts().at(-1)).toMatchObject({ version }), soon);
const stateReached = (state: string) =>
  vi.waitFor(() => expect(site.device.status().report.state).toBe(state), soon);

describe('a model that serves', () => {
  it('given its watch, when one inference fails, then the one before forecasts that very hour', async () => {
    failures = 1;
    site.now += HOUR;
    expect(await site.answered(2, 'rolledback')).toMatchObject({
      runningVersion: '1.1.0',
      reason: expect.stringContaining('an operator failed'),
    });
    expect(tried).toBe(1);
    expect(site.active()).toBe(checksumOf(goodModel(1)));
    await forecastBy('1.1.0');
  });

  it('given that its watch has passed, when inferences fail less than three times, then it stays', async () => {
    site.now += 24 * HOUR;
    await stateReached('active');
    const before = forecasts().length;
    failures = 2;
    site.now += HOUR;
    await vi.waitFor(() => expect(tried).toBe(2), soon);
    await vi.waitFor(() => expect(forecasts().length).toBeGreaterThan(before), soon);
    await forecastBy('1.2.0');
    expect(site.device.status().report).toMatchObject({ state: 'active', running: { version: '1.2.0' } });
  });

  it('given that its watch has passed, when inferences fail again and again, then it is taken back', async () => {
    site.now += 30 * HOUR;
    await stateReached('active');
    await forecastBy('1.2.0');
    failures = Number.POSITIVE_INFINITY;
    site.now += HOUR;
    expect(await site.answered(2, 'rolledback')).toMatchObject({ runningVersion: '1.1.0' });
    expect(tried).toBe(3);
    expect(site.active()).toBe(checksumOf(goodModel(1)));
    await forecastBy('1.1.0');
  });

  it('given 30 days, when its watch has passed, then the one before is removed and cannot be gone back to', async () => {
    const previous = join(site.models, 'forecast_previous.onnx');
    site.now += 29 * 24 * HOUR;
    await stateReached('active');
    expect(existsSync(previous)).toBe(true);
    site.now += 24 * HOUR;
    await vi.waitFor(() => expect(existsSync(previous)).toBe(false), soon);
    expect(site.device.history(1)).toMatchObject([{ fact: { type: 'PreviousForgotten' } }]);
    expect(() => site.device.takeBack('')).toThrow('no model from before 1.2.0 is kept');
    expect(site.active()).toBe(checksumOf(goodModel(2)));
  });
});
