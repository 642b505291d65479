import pino from 'pino';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { CALLER, type CloudOnMemory, cloudOnMemory, SITE } from '../../../test/cloud/cloud-on-memory.ts';
import { tinyModel } from '../../../test/edge/tiny-model.ts';
import { createProcessEvaluator } from '../../adapters/child-process/evaluator.ts';
import type { Evaluator } from '../../ports/evaluator.ts';
import type { Reading } from '../../ports/telemetry.ts';

const HOUR_MS = 3_600_000;
/** The site clock of these tests stands in January 2026. */
const LAST_YEAR = { startDate: '2025-09-01', endDate: '2025-11-29' };
const logger = pino({ level: 'silent' });
const evaluator = createProcessEvaluator({
  entry: new URL('../../main/evaluation-process.ts', import.meta.url),
  logger,
});
afterAll(() => evaluator.close());

/** The same load every week, measured from August 2025 on; the tiny model forecasts just that. */
const MEASURED_FROM = Date.parse('2025-07-01T00:00:00Z');
const weekly = (at: number): number => 300 + 100 * Math.sin((at / HOUR_MS) % 24) + ((at / HOUR_MS) % 168);

async function read(_systemId: string, from: Date, to: Date): Promise<Reading[]> {
  const readings: Reading[] = [];
  for (let at = Math.max(from.getTime(), MEASURED_FROM); at < to.getTime(); at += HOUR_MS)
    readings.push({ hour: new Date(at).toISOString(), loadKw: weekly(at) });
  return readings;
}

const absent = async (): Promise<never> => {
  throw new Error('not part of this test');
};
const telemetry = { read, write: absent, extent: absent };

let world: CloudOnMemory;

async function worldWith(evaluate: Evaluator): Promise<void> {
  world = await cloudOnMemory({ telemetry, evaluator: evaluate });
  await world.site();
  const artifact = await world.cloud.artifacts.put(tinyModel({ version: '1.0.0' }));
  await world.evaluatedJob('job-1', '1.0.0', null, false, artifact);
}

const ask = (days: object = {}) =>
  world.control.requestEvaluation(CALLER, { systemId: SITE, modelVersion: '1.0.0', ...LAST_YEAR, ...days });
const view = (id: string) => world.control.readEvaluation(CALLER, id);
const stateOf = async (id: string) => (await view(id)).stage.state;

describe('an evaluation that is fetched later', () => {
  beforeEach(() => worldWith(evaluator));

  it('covers a long period, of a version that never ran', async () => {
    const id = await ask();
    expect(await stateOf(id)).toBe('requested');
    await world.runUntil(async () => expect(await stateOf(id)).toBe('completed'));
    const { result } = (await view(id)).stage.context;
    expect(result).toMatchObject({
      mape: expect.closeTo(0, 6),
      origins: 90,
      accuracy24h: 1,
      missingHours: 0,
    });
  }, 20_000);

  it('says why there is no result', async () => {
    const empty = await ask({ startDate: '2024-01-01', endDate: '2024-02-29' });
    await world.runUntil(async () => expect(await stateOf(empty)).toBe('failed'));
    expect((await view(empty)).stage.context.failure?.reason).not.toBe('');
    const lost = await ask();
    await world.cloud.artifacts.remove((await view(lost)).request.artifact.checksum);
    await world.runUntil(async () => expect(await stateOf(lost)).toBe('failed'));
    expect((await view(lost)).stage.context.failure).toMatchObject({ code: 'artifact-gone' });
    await expect(ask()).rejects.toMatchObject({ code: 'artifact-gone' });
  }, 20_000);

  it('is nobody else’s to see or to stop', async () => {
    const id = await ask();
    const stranger = { ...CALLER, tenant: 'other' };
    await expect(world.control.readEvaluation(stranger, id)).rejects.toThrow(/no evaluation/);
    await expect(world.control.cancelEvaluation(stranger, id, 'x')).rejects.toThrow(/no evaluation/);
  });
});

describe('an evaluation under way', () => {
  it('tells how far it is, and stops when it is cancelled', async () => {
    const stopped = Promise.withResolvers<void>();
    await worldWith({
      evaluate: async (_request, signal, onProgress) => {
        onProgress?.({ daysDone: 8, days: 90 });
        const { promise, reject } = Promise.withResolvers<never>();
        signal.addEventListener('abort', () => {
          stopped.resolve();
          reject(signal.reason);
        });
        return promise;
      },
      close: async () => undefined,
    });
    const id = await ask();
    await world.runUntil(async () => {
      const [work] = (await view(id)).effects;
      expect(work).toMatchObject({ type: 'evaluate-version', state: 'running' });
      await world.control.cancelEvaluation(CALLER, id, 'asked by mistake');
    });
    await world.runUntil(async () => expect((await view(id)).effects).toEqual([]));
    await stopped.promise;
    expect(await stateOf(id)).toBe('cancelled');
    await expect(world.control.cancelEvaluation(CALLER, id, 'again')).rejects.toThrow(/not possible/);
  });
});
