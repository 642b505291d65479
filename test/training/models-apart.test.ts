import pino from 'pino';
import { beforeAll, describe, expect, it } from 'vitest';
import { createModelFitter } from '../../src/adapters/child-process/model-fitter.ts';
import { createGraphRunner } from '../../src/adapters/onnxruntime/graph-runner.ts';
import { createModelLoader } from '../../src/adapters/onnxruntime/model-loader.ts';
import { createSiteCalendar } from '../../src/forecasting/calendar/site-calendar.ts';
import { cleanReadings } from '../../src/forecasting/cleaning/clean.ts';
import { encodeDataSet } from '../../src/forecasting/data-set.ts';
import { fitHere } from '../../src/forecasting/fit-model.ts';
import { HOUR_MS } from '../../src/forecasting/series.ts';
import { simulateLoad } from '../../src/forecasting/simulation/simulate-load.ts';
import { trainSite } from '../../src/forecasting/train-site.ts';
import type { SiteTraining, SiteTrainingProgress } from '../../src/forecasting/training-job.ts';

const zone = 'America/Sao_Paulo';
const calendar = createSiteCalendar({ zone, ibgeCode: null });
const from = Date.UTC(2026, 2, 2, 3);
const to = from + 32 * 24 * HOUR_MS;
const readings = simulateLoad({ seed: 7, zone, from, hours: 32 * 24 });
const { series } = cleanReadings(readings, { calendar, from, to });
const openGraph = createGraphRunner();
const never = new AbortController().signal;

const FITS = 3;
const DIES = 13;
const SPINS = 14;

const request = (seed: number): SiteTraining => ({
  systemId: 'bess-456',
  version: '1.0.0',
  modelType: 'ensemble',
  members: 'all',
  seed,
  zone,
  ibgeCode: null,
  dataSet: encodeDataSet(series),
  warmupHours: 0,
  champion: null,
});

const fitter = (changes: { readonly atOnce?: number; readonly memoryMb?: number } = {}) =>
  createModelFitter({
    systemId: 'bess-456',
    entry: new URL('./stub-model.ts', import.meta.url),
    logger: pino({ level: 'silent' }),
    here: fitHere(openGraph),
    ...changes,
  });

const options = (
  fitModel: ReturnType<typeof fitter> | undefined,
  onProgress: (step: SiteTrainingProgress) => void = () => undefined,
  signal = never,
) => ({ loadModel: createModelLoader(), openGraph, fitModel, onProgress, signal });

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('models in processes of their own', { timeout: 240_000 }, () => {
  let apart: Awaited<ReturnType<typeof trainSite>>;
  const models = new Set<string | null>();

  beforeAll(async () => {
    apart = await trainSite(
      request(FITS),
      options(fitter({ atOnce: 3 }), ({ model }) => models.add(model)),
    );
  }, 240_000);

  it('write the same files to the last byte as one process does', async () => {
    const together = await trainSite(request(FITS), options(undefined));
    expect(apart.modelArtifacts.map(({ modelType }) => modelType)).toEqual(
      together.modelArtifacts.map(({ modelType }) => modelType),
    );
    for (const [i, { artifact }] of together.modelArtifacts.entries()) {
      expect(Buffer.from(apart.modelArtifacts[i]?.artifact ?? []).equals(Buffer.from(artifact))).toBe(true);
    }
    expect(apart.metrics).toEqual(together.metrics);
  });

  it('tell their progress and the time that each of them took', () => {
    expect([...models]).toEqual(
      expect.arrayContaining(['linear', 'lstm', 'xgboost', 'prophet', 'profile', 'arima']),
    );
    const fits = apart.timings.filter(({ stage, model }) => stage === 'fit' && model !== null);
    expect(fits.map(({ model }) => model).sort()).toEqual([
      'arima',
      'linear',
      'lstm',
      'profile',
      'prophet',
      'xgboost',
    ]);
    expect(fits.every(({ cpuSeconds }) => cpuSeconds > 0)).toBe(true);
  });

  it('fail alone: killed, aborted or beyond their memory, they drop out with the reason', async () => {
    const { members, modelArtifacts } = await trainSite(request(DIES), options(fitter({ memoryMb: 300 })));
    const reasons = Object.fromEntries(members.map(({ model, reason }) => [model, reason]));
    expect(reasons['lstm']).toMatch(/fit of lstm .*signal SIGKILL/);
    expect(reasons['xgboost']).toMatch(/signal SIGABRT/);
    expect(reasons['prophet']).toMatch(/more than the 300 MB it may/);
    expect(members.filter(({ outcome }) => outcome === 'trained').map(({ model }) => model)).toEqual([
      'linear',
      'profile',
      'arima',
    ]);
    expect(modelArtifacts.map(({ modelType }) => modelType)).toEqual(['ensemble', 'linear', 'profile']);
  });

  it('are gone when the training is cancelled', async () => {
    const cancelled = new AbortController();
    const pids: number[] = [];
    const training = trainSite(
      request(SPINS),
      options(
        fitter({ atOnce: 2 }),
        ({ model, share }) => {
          if (model === 'linear' || model === 'profile') return;
          pids.push(share);
          if (pids.length === 2) cancelled.abort(new Error('cancelled by a person'));
        },
        cancelled.signal,
      ),
    );
    await expect(training).rejects.toThrow('cancelled by a person');
    expect(pids.map(isAlive)).toEqual([false, false]);
  });
});
