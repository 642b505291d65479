import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createWorld, type E2eWorld, type NewDevice } from './world.ts';

const run = promisify(execFile);
const PYTHON = process.env['PYTHON'] ?? 'python3';
const PATIENCE = { timeout: 60_000, interval: 100 } as const;
/** A training shares the machine with the other tests. */
const TRAINING_MS = 300_000;

let world: E2eWorld;
let device: NewDevice;

beforeAll(async () => {
  world = await createWorld();
  await world.addSite('bess-456');
  device = await world.addDevice('bess-456');
  await world.startDevice('bess-456', device);
});

afterAll(() => world.close());

/** The owner's first call, as it is printed in the documents: no content type, so curl sends a form. */
const curl = async (...parameters: readonly string[]): Promise<Record<string, unknown>> => {
  const { stdout } = await run('curl', ['--silent', '--show-error', ...parameters]);
  return JSON.parse(stdout);
};

describe('a site’s load becomes a model that its device runs', () => {
  let jobId = '';

  it('answers the documented calls as printed', async () => {
    const body = `{
    "systemId": "bess-456",
    "modelType": "ensemble",
    "trainingWindowDays": 90,
    "forceRedeploy": false
  }`;
    const asked = await curl(
      ...['-X', 'POST', `${world.cloud.url}/api/v1/ml/retrain`],
      ...['-H', `Authorization: Bearer ${world.token}`, '-d', body],
    );
    jobId = String(asked['jobId']);
    const view = await curl(`${world.cloud.url}/api/v1/ml/training-jobs/${jobId}`);
    expect(view).toMatchObject({ jobId, status: expect.any(String) });
    expect(view).not.toHaveProperty('metrics');
  });

  it('goes from pending to acked through every state', { timeout: TRAINING_MS }, async () => {
    const job = await world.jobReaches(jobId, 'acked');
    expect(await world.statesOf(jobId)).toEqual([
      'JobRequested',
      'DataCollected',
      'ModelEvaluated',
      'JobDeployed',
      'JobAcked',
    ]);
    expect(job).toMatchObject({ systemId: 'bess-456', metrics: { mape: expect.any(Number) } });
    const members = job['members'] as readonly { readonly model: string; readonly outcome: string }[];
    expect(
      members
        .filter(({ outcome }) => outcome === 'trained')
        .map(({ model }) => model)
        .sort(),
    ).toEqual(['arima', 'linear', 'lstm', 'profile', 'prophet', 'xgboost']);
  });

  it('shows the device’s forecast by that model', async () => {
    await vi.waitFor(async () => {
      const forecast = await world.call('GET', '/ml/systems/bess-456/forecast');
      expect(forecast).toMatchObject({ version: '1.0.0', modelType: 'ensemble' });
      expect(forecast['hours']).toHaveLength(48);
    }, PATIENCE);
  });

  it('lists the model as the one in service', async () => {
    await vi.waitFor(async () => {
      const { items } = await world.call('GET', '/ml/systems/bess-456/models');
      expect(items).toMatchObject([{ version: '1.0.0', status: 'active' }]);
    }, PATIENCE);
  });

  it('evaluates it over past days', async () => {
    const answer = await world.call('POST', '/ml/evaluate', {
      systemId: 'bess-456',
      startDate: '2026-10-01',
      endDate: '2026-10-10',
      modelVersion: '1.0.0',
    });
    expect(answer).toMatchObject({
      mape: expect.any(Number),
      worstHours: expect.any(Array),
      bestHours: expect.any(Array),
    });
    expect(answer['inSampleHours']).toBeGreaterThan(0);
  });

  it('keeps a challenger that comes too soon, with its numbers, and the next retrain is free to start', {
    timeout: TRAINING_MS,
  }, async () => {
    const second = await world.retrain('bess-456');
    const job = await world.jobReaches(second, 'kept');
    expect(job).toMatchObject({
      reason: 'not-enough-unseen-days',
      decision: { comparison: { championVersion: '1.0.0', unseenDays: 0 } },
    });
    const { items } = await world.call('GET', '/ml/deployments?systemId=bess-456');
    expect(items).toHaveLength(1);
  });

  it('deploys by force, and the version before becomes legacy', { timeout: TRAINING_MS }, async () => {
    const third = await world.retrain('bess-456', { forceRedeploy: true });
    await world.jobReaches(third, 'acked');
    await vi.waitFor(async () => {
      const { items } = await world.call('GET', '/ml/systems/bess-456/models');
      expect(items).toMatchObject([
        { version: '1.2.0', status: 'active' },
        { version: '1.1.0', status: 'legacy' },
        { version: '1.0.0', status: 'legacy' },
      ]);
    }, PATIENCE);
  });

  it('runs by the owner’s Python snippet', async ({ skip }) => {
    const python = await run(PYTHON, ['-c', 'import onnxruntime, numpy']).then(
      () => true,
      () => false,
    );
    skip(!python, 'Python’s onnxruntime is not here');
    const file = join(world.folder, 'devices', device.deviceId, 'data', 'models', 'forecast.onnx');
    const script = join(world.folder, 'snippet.py');
    const prepare = await readFile(new URL('../../docs/prepare_features.py', import.meta.url), 'utf8');
    await writeFile(
      script,
      [
        prepare,
        'import numpy as np, onnxruntime as rt, datetime',
        `session = rt.InferenceSession(${JSON.stringify(file)})`,
        'metadata = session.get_modelmeta().custom_metadata_map',
        'history = 500 + 100 * np.sin(np.arange(720) / 24 * 2 * np.pi)',
        'now = datetime.datetime(2026, 10, 15, 12, tzinfo=datetime.timezone.utc)',
        'features = prepare_features(history, now, [], metadata)',
        'predictions = session.run(None, {"input": features})[0]',
        'assert predictions.shape == (1, 48) and np.isfinite(predictions).all()',
        'print("ok")',
      ].join('\n'),
    );
    const { stdout } = await run(PYTHON, [script]);
    expect(stdout.trim()).toBe('ok');
  });
});
