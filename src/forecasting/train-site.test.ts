import { beforeAll, describe, expect, it } from 'vitest';
import { createGraphRunner } from '../adapters/onnxruntime/graph-runner.ts';
import { createModelLoader } from '../adapters/onnxruntime/model-loader.ts';
import { METADATA } from './artifact.ts';
import { createSiteCalendar } from './calendar/site-calendar.ts';
import { cleanReadings } from './cleaning/clean.ts';
import { bridgeSeries } from './cleaning/history.ts';
import { encodeDataSet } from './data-set.ts';
import { evaluateArtifact } from './evaluate-artifact.ts';
import { parseLayout } from './features/layout.ts';
import { type FitAnswer, type FitModel, fitHere } from './fit-model.ts';
import { forecastAt } from './forecast-at.ts';
import { judge } from './gate.ts';
import { checkGolden, parseGolden } from './golden.ts';
import { HOUR_MS, type HourlySeries } from './series.ts';
import { simulateLoad } from './simulation/simulate-load.ts';
import { trainSite } from './train-site.ts';
import type { SiteTraining, SiteTrainingResult } from './training-job.ts';

const zone = 'America/Sao_Paulo';
const calendar = createSiteCalendar({ zone, ibgeCode: null });
const loadModel = createModelLoader();
const openGraph = createGraphRunner();
const from = Date.UTC(2026, 2, 2, 3);
const DAYS = 38;

function simulated(days: number): HourlySeries {
  const readings = simulateLoad({ seed: 7, zone, from, hours: days * 24 });
  const to = from + days * 24 * HOUR_MS;
  return cleanReadings(readings, { calendar, from, to }).series;
}

const request = (series: HourlySeries, changes: Partial<SiteTraining> = {}): SiteTraining => ({
  systemId: 'bess-456',
  version: '1.0.0',
  modelType: 'ensemble',
  members: 'all',
  seed: 3,
  zone,
  ibgeCode: null,
  dataSet: encodeDataSet(series),
  warmupHours: 0,
  champion: null,
  ...changes,
});

const fitted = new Map<string, Promise<FitAnswer>>();

/** Fits each model once: what a run makes of fitted models is what most tests are about. */
const fitOnce: FitModel = (order, hooks) => {
  const key = `${order.model} ${order.rows.count} ${order.rows.origins.at(-1)}`;
  const answer = fitted.get(key) ?? fitHere(openGraph)(order, hooks);
  fitted.set(key, answer);
  return answer;
};

const options = (signal = new AbortController().signal) => ({
  loadModel,
  openGraph,
  fitModel: fitOnce,
  onProgress: () => {},
  signal,
});

const until = (series: HourlySeries, hours: number): HourlySeries => ({
  start: series.start,
  load: series.load.slice(0, hours),
  temperature: series.temperature?.slice(0, hours) ?? null,
});

describe('training a site', { timeout: 240_000 }, () => {
  const whole = simulated(DAYS + 7);
  const window = until(whole, DAYS * 24);
  const steps: string[] = [];
  let result: SiteTrainingResult;

  beforeAll(async () => {
    result = await trainSite(request(window), {
      ...options(),
      onProgress: ({ stage, model, share }) =>
        steps.push([stage, model, share === 1 ? 'done' : null].filter(Boolean).join(' ')),
    });
  }, 240_000);

  it('carries golden rows, which its file reproduces and a file that is one percent off does not', async () => {
    for (const { artifact } of result.modelArtifacts) {
      const session = await loadModel(artifact);
      const { width } = parseLayout(session.metadata[METADATA.layout]);
      const golden = parseGolden(session.metadata[METADATA.golden], width);
      if (golden === null) throw new Error('no golden rows');
      const outputs = await session.run(golden.rows, golden.count);
      expect(() => checkGolden(golden, outputs)).not.toThrow();
      const forecast = outputs.forecast.map((kw) => kw * 1.01);
      expect(() => checkGolden(golden, { ...outputs, forecast })).toThrow('the trainer');
      expect(session.metadata[METADATA.golden]?.length).toBeLessThan(15_000);
      await session.close();
    }
  });

  it('gives every model its outcome, weights that sum to 1 and figures better than last week', () => {
    const outcomes = Object.fromEntries(result.members.map(({ model, outcome }) => [model, outcome]));
    expect(outcomes).toEqual({
      linear: 'trained',
      xgboost: 'trained',
      profile: 'trained',
      prophet: 'trained',
      lstm: 'trained',
      arima: 'trained',
    });
    expect(result.members.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 6);
    expect(result.members.find(({ model }) => model === 'arima')).toMatchObject({ weight: 0 });
    expect(result.metrics.mape).toBeLessThan(result.seasonalNaive.mape);
    expect(result.metrics.hours).toBe(6 * 48);
    expect(result.errorProfile.byLead.map(({ hours }) => hours)).toEqual(new Array(48).fill(6));
    expect(result.errorProfile.byLocalHour.map(({ hours }) => hours)).toEqual(new Array(24).fill(12));
    expect(result.gateMetric).toBe('mape');
    expect(result.comparison).toBeNull();
    expect(result.trainedUntil).toBe(new Date(from + DAYS * 24 * HOUR_MS).toISOString());
    expect(steps).toContain('fit linear done');
    expect(steps.at(-1)).toBe('parity done');
  });

  it('gives the same bytes for the same request', async () => {
    const again = await trainSite(request(window), { ...options(), fitModel: undefined });
    expect(again.modelArtifacts.length).toBe(6);
    again.modelArtifacts.forEach(({ artifact }, i) => {
      expect(Buffer.from(artifact).equals(Buffer.from(result.modelArtifacts[i]?.artifact ?? []))).toBe(true);
    });
  });

  it('publishes a file for the ensemble and for each model but ARIMA, each with its own figures and band', async () => {
    const types = result.modelArtifacts.map(({ modelType }) => modelType);
    expect(types).toEqual(['ensemble', 'lstm', 'xgboost', 'prophet', 'linear', 'profile']);
    expect(result.modelArtifacts[0]?.artifact).toBe(result.artifact);
    const bands = new Set<string>();
    for (const { modelType, artifact, metrics } of result.modelArtifacts) {
      const session = await loadModel(artifact);
      expect(session.metadata[METADATA.modelType]).toBe(modelType);
      expect(JSON.parse(session.metadata[METADATA.metrics] ?? '')).toEqual(metrics);
      const position = DAYS * 24 + 24;
      const history = bridgeSeries(whole, position);
      const issueTime = whole.start + position * HOUR_MS;
      const hours = await forecastAt({ session, calendar, history, issueTime });
      expect(hours.reduce((sum, { peakProbability }) => sum + (peakProbability ?? 0), 0)).toBeCloseTo(2, 3);
      bands.add(hours.map(({ loadKw, upperKw }) => (upperKw - loadKw).toFixed(3)).join());
      await session.close();
    }
    // The LSTM may find nothing to add to the linear model, and then is that model.
    expect(bands.size).toBeGreaterThanOrEqual(types.length - 1);
  });

  it('writes a file that says what it is and forecasts 48 hours', async () => {
    const session = await loadModel(result.artifact);
    try {
      expect(session.metadata[METADATA.site]).toBe('bess-456');
      expect(parseLayout(session.metadata[METADATA.layout]).version).toBe(result.layoutVersion);
      const position = DAYS * 24 + 31;
      const issueTime = whole.start + position * HOUR_MS;
      const hours = await forecastAt({
        session,
        calendar,
        history: bridgeSeries(whole, position),
        issueTime,
      });
      expect(hours).toHaveLength(48);
      expect(hours[0]?.hour).toBe(issueTime);
      expect(hours.at(-1)?.peakProbability).toBeNull();
      expect(hours.every(({ loadKw, lowerKw, upperKw }) => lowerKw <= loadKw && loadKw <= upperKw)).toBe(
        true,
      );
    } finally {
      await session.close();
    }
  });

  it('is evaluated over a period it has not seen and told which hours it has', async () => {
    const session = await loadModel(result.artifact);
    const signal = new AbortController().signal;
    const task = { session, calendar, series: whole, signal };
    try {
      const unseen = await evaluateArtifact({ ...task, startDate: '2026-04-09', endDate: '2026-04-13' });
      expect(unseen).toMatchObject({ origins: 5, inSampleHours: 0, skippedOrigins: 0 });
      expect(unseen.metrics.mape).toBeLessThan(0.08);
      expect(unseen.accuracy24h).toBeGreaterThan(0.8);
      expect(unseen.worstHours).toHaveLength(3);
      const seen = await evaluateArtifact({ ...task, startDate: '2026-04-01', endDate: '2026-04-02' });
      expect(seen.inSampleHours).toBe(96);
      const early = evaluateArtifact({ ...task, startDate: '2026-03-02', endDate: '2026-03-03' });
      await expect(early).rejects.toThrow(/evaluate a later period/);
    } finally {
      await session.close();
    }
  });

  it('scores the champion on the days that it has not seen, by its own file', async () => {
    const earlier = until(whole, (DAYS - 5) * 24);
    const before = await trainSite(request(earlier, { modelType: 'profile' }), options());
    const champion = {
      version: '0.9.0',
      deploymentId: 'd-1',
      artifact: before.artifact,
      trainedUntil: before.trainedUntil,
    };
    const trained = await trainSite(request(window, { champion, modelType: 'linear' }), options());
    expect(trained.comparison?.unseenDays).toBe(4);
    expect(trained.comparison?.championMape).toBeGreaterThan(0);
    expect(trained.members.find(({ model }) => model === 'linear')?.weight).toBe(1);
    expect(trained.modelArtifacts.find(({ modelType }) => modelType === 'linear')?.metrics).toEqual(
      trained.metrics,
    );
    const session = await loadModel(trained.artifact);
    expect(session.metadata[METADATA.modelType]).toBe('linear');
    await session.close();
  });

  it('counts no day that the champion was trained on, whatever the request says of it', async () => {
    const champion = {
      version: '0.9.0',
      deploymentId: 'd-1',
      artifact: result.artifact,
      trainedUntil: new Date(from).toISOString(),
    };
    const trained = await trainSite(request(window, { champion, modelType: 'linear' }), options());
    expect(trained.comparison).toMatchObject({ unseenDays: 0, championMape: null, gain: null });
    const { metrics, seasonalNaive, comparison, gateMetric: metric } = trained;
    const gate = { metric, target: 1, challenger: metrics, seasonalNaive, comparison };
    expect(judge({ ...gate, forceRedeploy: false }).reason).toBe('not-enough-unseen-days');
  });

  it('trains on although the champion cannot be run, and says so', async () => {
    const champion = {
      version: '0.9.0',
      deploymentId: 'd-1',
      artifact: new Uint8Array(100),
      trainedUntil: new Date(from).toISOString(),
    };
    const trained = await trainSite(request(window, { champion, modelType: 'profile' }), options());
    expect(trained.comparison).toMatchObject({ unseenDays: 0, championMape: null });
    const told = trained.members.find(({ model }) => model === 'champion');
    expect(told?.reason).toMatch(/Version 0.9.0 could not be run/);
  });

  it('refuses what it cannot train, and stops when told to', async () => {
    const code = (changes: Partial<SiteTraining>) =>
      expect(trainSite(request(window, changes), options())).rejects;
    await code({ modelType: 'arima' }).toMatchObject({ code: 'model-not-deployable' });
    const short = encodeDataSet(until(whole, 24 * 24));
    await code({ dataSet: short }).toMatchObject({ code: 'window-too-short' });
    const stop = AbortSignal.abort(new Error('stop'));
    await expect(trainSite(request(window), options(stop))).rejects.toThrow('stop');
  });
});
