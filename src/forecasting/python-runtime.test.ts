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
import { createEventFlags } from './features/event-flags.ts';
import { createInputRows } from './features/input-rows.ts';
import { parseLayout } from './features/layout.ts';
import { HOUR_MS } from './series.ts';
import { simulateLoad } from './simulation/simulate-load.ts';
import { trainSite } from './train-site.ts';
import type { SiteTrainingResult } from './training-job.ts';

const PYTHON = process.env['PYTHON'] ?? 'python3';

function hasPython(modules: string): boolean {
  try {
    execFileSync(PYTHON, ['-c', `import ${modules}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const zone = 'America/Sao_Paulo';
const calendar = createSiteCalendar({ zone, ibgeCode: null });
const loadModel = createModelLoader();
const from = Date.UTC(2026, 2, 2, 3);
const HOURS = 38 * 24;
const to = from + HOURS * HOUR_MS;
const POSITION = 36 * 24 + 5;

describe.skipIf(!hasPython('numpy, onnxruntime'))('Python’s runtimes', { timeout: 240_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'lifo4-python-'));
  const readings = simulateLoad({ seed: 7, zone, from, hours: HOURS });
  const measured = cleanReadings(readings, { calendar, from, to }).series;
  const said = { issuedAt: measured.start + 36 * 24 * HOUR_MS, start: measured.start + 30 * 24 * HOUR_MS };
  const values = Float64Array.from({ length: 180 }, (_, i) => i % 37);
  const outlook = { temperature: [{ ...said, values }], price: [{ ...said, values }] };
  const series = { ...measured, outlook };
  const eventFlags = [
    { label: 'kiln', hours: [6, 7], weekdays: [1, 3] },
    { label: 'audit', hours: [9], dates: ['2026-04-07'] },
  ];
  let trained: SiteTrainingResult;

  const python = (script: string): void => {
    execFileSync(PYTHON, ['-c', script, folder], { cwd: join(import.meta.dirname, '../../docs') });
  };
  const answerOf = <Answer>(): Answer => JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8'));

  beforeAll(async () => {
    trained = await trainSite(
      {
        ...{ systemId: 'bess-456', version: '1.0.0', modelType: 'ensemble', members: 'all', seed: 3 },
        ...{ zone, ibgeCode: null, dataSet: encodeDataSet(series), warmupHours: 0, champion: null },
        eventFlags,
      },
      {
        ...{ loadModel, openGraph: createGraphRunner(), onProgress: () => undefined },
        signal: new AbortController().signal,
      },
    );
    for (const { modelType, artifact } of trained.modelArtifacts) {
      writeFileSync(join(folder, `${modelType}.onnx`), artifact);
    }
  }, 240_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  const types = (): readonly string[] => trained.modelArtifacts.map(({ modelType }) => modelType);

  it('build the same row as the device from the documented snippet and run every file to the same values', async () => {
    const issueTime = series.start + POSITION * HOUR_MS;
    const history = bridgeSeries(series, POSITION);
    const own: Record<string, number[]> = {};
    let row: Float32Array = new Float32Array(0);
    const flags = createEventFlags(eventFlags, calendar);
    for (const { modelType, artifact } of trained.modelArtifacts) {
      const session = await loadModel(artifact);
      const layout = parseLayout(session.metadata[METADATA.layout]);
      row = createInputRows(layout, calendar, flags).rows(series, [POSITION]);
      const { forecast, lower, upper, peakProbability } = await session.run(row, 1);
      own[modelType] = [forecast, lower, upper, peakProbability].flatMap((values) => [...values]);
      await session.close();
    }
    const first = Math.floor(issueTime / (24 * HOUR_MS)) - 40;
    const holidays = Array.from({ length: 50 }, (_, i) => calendar.localDay(first + i))
      .filter(({ holiday }) => holiday)
      .map(({ date }) => date);
    const temperature = history.temperature === null ? null : [...history.temperature];
    const now = (issueTime - said.start) / HOUR_MS;
    const given = {
      ...{ load: [...history.load], temperature, holidays, issueTime, eventFlags, types: types() },
      ...{ said: [...values.subarray(0, now)], ahead: [...values.subarray(now)] },
    };
    writeFileSync(join(folder, 'in.json'), JSON.stringify(given));
    python(SNIPPET);
    const answer = answerOf<{ row: (number | null)[]; outputs: Record<string, (number | null)[]> }>();
    expect(answer.row.length).toBe(row.length);
    const apart = answer.row.findIndex(
      (value, i) => Math.abs((value ?? 0) - (Number.isNaN(row[i]) ? 0 : (row[i] ?? 0))) > 1e-4,
    );
    expect(apart).toBe(-1);
    for (const [modelType, values] of Object.entries(own)) {
      const worst = values.reduce((most, value, i) => {
        const theirs = answer.outputs[modelType]?.[i] ?? Number.NaN;
        if (Number.isNaN(value) && Number.isNaN(theirs)) return most;
        return Math.max(most, Math.abs(theirs - value) / Math.max(1, Math.abs(value)));
      }, 0);
      expect(worst, modelType).toBeLessThan(1e-4);
    }
  });

  it.skipIf(!hasPython('onnx'))('find every file well formed', () => {
    writeFileSync(join(folder, 'in.json'), JSON.stringify({ types: types() }));
    python(CHECK);
    expect(answerOf<string[]>()).toEqual(types());
  });
});

const CHECK = `
import json, sys
import onnx
given = json.load(open(sys.argv[1] + "/in.json"))
for name in given["types"]:
    model = onnx.load(sys.argv[1] + "/" + name + ".onnx")
    onnx.checker.check_model(model, full_check=True)
json.dump(given["types"], open(sys.argv[1] + "/out.json", "w"))
`;

const SNIPPET = `
import json, sys
from datetime import datetime, timezone
import numpy as np
import onnxruntime as rt
from prepare_features import prepare_features
given = json.load(open(sys.argv[1] + "/in.json"))
now = datetime.fromtimestamp(given["issueTime"] / 1000, tz=timezone.utc)
outputs = {}
for name in given["types"]:
    session = rt.InferenceSession(sys.argv[1] + "/" + name + ".onnx")
    metadata = session.get_modelmeta().custom_metadata_map
    features = prepare_features(
        given["load"], now, given["holidays"], metadata, temperature=given["temperature"],
        temperature_forecast=given["ahead"],
        price=given["said"], price_forecast=given["ahead"],
    )
    predictions = session.run(None, {"input": features})
    outputs[name] = [None if np.isnan(v) else float(v) for p in predictions[:4] for v in p[0]]
row = [None if np.isnan(v) else float(v) for v in features[0]]
json.dump({"row": row, "outputs": outputs}, open(sys.argv[1] + "/out.json", "w"))
`;
