import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGraphRunner } from '../adapters/onnxruntime/graph-runner.ts';
import { createModelLoader } from '../adapters/onnxruntime/model-loader.ts';
import { METADATA } from './artifact.ts';
import { createSiteCalendar } from './calendar/site-calendar.ts';
import { cleanReadings } from './cleaning/clean.ts';
import { bridgeSeries } from './cleaning/history.ts';
import { encodeDataSet } from './data-set.ts';
import { evaluateArtifact } from './evaluate-artifact.ts';
import { createEventFlags } from './features/event-flags.ts';
import { createInputRows } from './features/input-rows.ts';
import { parseLayout } from './features/layout.ts';
import { forecastAt } from './forecast-at.ts';
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

const options = (signal = new AbortController().signal) => ({
  loadModel,
  openGraph,
  onProgress: () => {},
  signal,
});

const until = (series: HourlySeries, hours: number): HourlySeries => ({
  start: series.start,
  load: series.load.slice(0, hours),
  temperature: series.temperature?.slice(0, hours) ?? null,
});

describe('training a site', () => {
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
    expect(result.gateMetric).toBe('mape');
    expect(result.comparison).toBeNull();
    expect(result.trainedUntil).toBe(new Date(from + DAYS * 24 * HOUR_MS).toISOString());
    expect(steps).toContain('fit linear done');
    expect(steps.at(-1)).toBe('parity done');
  });

  it('gives the same bytes for the same request', async () => {
    const again = await trainSite(request(window), options());
    expect(Buffer.from(again.artifact).equals(Buffer.from(result.artifact))).toBe(true);
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
    const champion = {
      version: '0.9.0',
      deploymentId: 'd-1',
      artifact: result.artifact,
      trainedUntil: new Date(from + (DAYS - 5) * 24 * HOUR_MS).toISOString(),
    };
    const trained = await trainSite(request(window, { champion, modelType: 'linear' }), options());
    expect(trained.comparison?.unseenDays).toBe(4);
    expect(trained.comparison?.championMape).toBeGreaterThan(0);
    expect(trained.members.find(({ model }) => model === 'linear')?.weight).toBe(1);
    const session = await loadModel(trained.artifact);
    expect(session.metadata[METADATA.modelType]).toBe('linear');
    await session.close();
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

const PYTHON = process.env['PYTHON'] ?? 'python3';

function hasPython(): boolean {
  try {
    execFileSync(PYTHON, ['-c', 'import numpy, onnxruntime'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!hasPython())('the documented Python snippet', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lifo4-python-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('builds the same row as the device and runs the file', async () => {
    const measured = simulated(38);
    const said = { issuedAt: measured.start + 36 * 24 * HOUR_MS, start: measured.start + 30 * 24 * HOUR_MS };
    const values = Float64Array.from({ length: 180 }, (_, i) => i % 37);
    const outlook = { temperature: [{ ...said, values }], price: [{ ...said, values }] };
    const series = { ...measured, outlook };
    const eventFlags = [
      { label: 'kiln', hours: [6, 7], weekdays: [1, 3] },
      { label: 'audit', hours: [9], dates: ['2026-04-07'] },
    ];
    const { artifact } = await trainSite(request(series, { modelType: 'linear', eventFlags }), options());
    const session = await loadModel(artifact);
    const position = 36 * 24 + 5;
    const issueTime = series.start + position * HOUR_MS;
    const history = bridgeSeries(series, position);
    const flags = createEventFlags(eventFlags, calendar);
    const layout = parseLayout(session.metadata[METADATA.layout]);
    const row = createInputRows(layout, calendar, flags).rows(series, [position]);
    const situation = { session, calendar, history, issueTime, outlook, eventFlags: flags };
    const forecast = (await forecastAt(situation)).map(({ loadKw }) => loadKw);
    await session.close();
    const first = Math.floor(issueTime / (24 * HOUR_MS)) - 40;
    const holidays = Array.from({ length: 50 }, (_, i) => calendar.localDay(first + i))
      .filter(({ holiday }) => holiday)
      .map(({ date }) => date);
    writeFileSync(join(folder, 'forecast.onnx'), artifact);
    const temperature = history.temperature === null ? null : [...history.temperature];
    writeFileSync(
      join(folder, 'in.json'),
      JSON.stringify({
        ...{ load: [...history.load], temperature, holidays, issueTime, eventFlags },
        said: [...values.subarray(0, (issueTime - said.start) / HOUR_MS)],
        ahead: [...values.subarray((issueTime - said.start) / HOUR_MS)],
      }),
    );
    execFileSync(PYTHON, ['-c', SNIPPET, folder], { cwd: join(import.meta.dirname, '../../docs') });
    const answer = JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8')) as {
      row: (number | null)[];
      forecast: number[];
    };
    expect(answer.row.length).toBe(row.length);
    const apart = answer.row.findIndex(
      (value, i) => Math.abs((value ?? 0) - (Number.isNaN(row[i]) ? 0 : (row[i] ?? 0))) > 1e-4,
    );
    expect(apart).toBe(-1);
    answer.forecast.forEach((value, i) => {
      expect(value).toBeCloseTo(forecast[i] ?? 0, 1);
    });
  });
});

const SNIPPET = `
import json, sys
from datetime import datetime, timezone
import numpy as np
import onnxruntime as rt
from prepare_features import prepare_features
given = json.load(open(sys.argv[1] + "/in.json"))
session = rt.InferenceSession(sys.argv[1] + "/forecast.onnx")
metadata = session.get_modelmeta().custom_metadata_map
now = datetime.fromtimestamp(given["issueTime"] / 1000, tz=timezone.utc)
features = prepare_features(
    given["load"], now, given["holidays"], metadata, temperature=given["temperature"],
    temperature_forecast=given["ahead"], event_flags=given["eventFlags"],
    price=given["said"], price_forecast=given["ahead"],
)
predictions = session.run(None, {"input": features})[0]
row = [None if np.isnan(v) else float(v) for v in features[0]]
json.dump({"row": row, "forecast": [float(v) for v in predictions[0]]}, open(sys.argv[1] + "/out.json", "w"))
`;
