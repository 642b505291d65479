import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  eventually,
  registerSite,
  type ServerUnderTest,
  startServer,
} from '../../../test/http/server-under-test.ts';
import { appendDeployed, appendKept, appendModel } from '../../../test/http/stories.ts';

let server: ServerUnderTest;
let token: string;

const get = (path: string) => server.call('GET', `/api/v1${path}`, { token });

describe('models, deployments and sites over HTTP', () => {
  beforeAll(async () => {
    server = await startServer();
    token = await server.token();
    await registerSite(server, 'bess-1', {
      ibgeCode: '3550308',
      contract: { offPeakKw: 1200 },
      target: { mape: 9.5, reason: 'new machine', expires: '2027-01-01T00:00:00Z' },
      specialDays: [{ date: '2026-12-28', name: 'Férias coletivas', kind: 'shutdown' }],
      eventFlags: [{ label: 'kiln', hours: [14, 15], weekdays: [1] }],
    });
    const { log } = server.postgres;
    const first = { jobId: 'job-1', systemId: 'bess-1', version: '1.0.0' };
    const second = { jobId: 'job-2', systemId: 'bess-1', version: '1.1.0' };
    await appendModel(log, first);
    await appendDeployed(log, first, 'dep-1');
    await appendModel(log, second);
    await appendKept(log, second);
    const shows = (path: string, text: string) =>
      eventually(
        () => get(path),
        (answer) => answer.text.includes(text),
      );
    await shows('/ml/systems/bess-1/models', '"verdict":"kept"');
    await shows('/ml/deployments', '"status":"active"');
    await shows('/systems', '"runningVersion":"1.0.0"');
  });
  afterAll(() => server.close());

  it('shows shares in percent, and weights as they are', async () => {
    const { body } = await get('/ml/training-jobs/job-1');
    expect(body).toMatchObject({
      status: 'acked',
      version: '1.0.0',
      metrics: { mape: 3.8, wape: 3.6, rmse: 45.8, mase: 0.61, coverage90: 90 },
      members: [{ model: 'linear', weight: 1, metrics: { mape: 3.8 } }],
      decision: { target: 8, minimumGain: 5, challenger: 3.8, seasonalNaive: 6 },
      artifact: { url: '/models/bess-1/v1.0.0.onnx' },
      deployment: { deploymentId: 'dep-1', status: 'active', inferenceMs: 3.2 },
      dataSet: { hours: 2160, filledHours: 3 },
    });
    expect((await get('/ml/training-jobs/job-2')).body).toMatchObject({
      status: 'kept',
      reason: 'not-better-than-champion',
      deployment: null,
    });
  });

  it('shows facts in percent', async () => {
    const { body } = await get('/ml/training-jobs/job-1/events');
    const { items } = body as { items: { type: string; data: unknown }[] };
    const dataOf = (type: string) => items.find((item) => item.type === type)?.data;
    expect(dataOf('ModelEvaluated')).toMatchObject({ accuracy: { mape: 3.8 }, metrics: { mape24h: 3.6 } });
    expect(dataOf('JobDeployed')).toMatchObject({ decision: { target: 8 } });
    const deployment = await get('/ml/deployments/dep-1/events');
    expect(deployment.body).toMatchObject({
      items: [
        { type: 'DeploymentOffered', data: { accuracy: { mape: 3.8 } } },
        { type: 'DeploymentActivated' },
      ],
    });
  });

  it('lists the versions of a site', async () => {
    const { body } = await get('/ml/systems/bess-1/models');
    expect(body).toMatchObject({
      items: [
        { version: '1.1.0', status: 'legacy', verdict: 'kept' },
        { version: '1.0.0', status: 'active', verdict: 'deployed', accuracy: { mape: 3.8 } },
      ],
      nextCursor: null,
    });
    expect((await get('/ml/systems/bess-1/models/1.0.0')).body).toMatchObject({
      jobId: 'job-1',
      url: '/models/bess-1/v1.0.0.onnx',
      // A fact from before every model had a file names one alone.
      files: [{ modelType: 'ensemble', url: '/models/bess-1/v1.0.0.onnx', metrics: { mape: 3.8 } }],
    });
    expect((await get('/ml/systems/bess-1/models?verdict=deployed')).body).toMatchObject({
      items: [{ version: '1.0.0' }],
    });
  });

  it('lists deployments', async () => {
    const { body } = await get('/ml/deployments?systemId=bess-1');
    expect(body).toMatchObject({
      items: [{ deploymentId: 'dep-1', status: 'active', accuracy: { mape: 3.8 } }],
    });
    expect((await get('/ml/deployments?status=rejected')).body).toEqual({ items: [], nextCursor: null });
    expect((await get('/ml/deployments/dep-1')).body).toMatchObject({ version: '1.0.0', inferenceMs: 3.2 });
  });

  it('shows another tenant none of it', async () => {
    const other = { token: await server.token({ tenant: 'umbrella' }) };
    const paths = [
      '/ml/deployments/dep-1',
      '/ml/deployments/dep-1/events',
      '/ml/systems/bess-1/models/1.0.0',
    ];
    for (const path of [...paths, '/machines/deployment/drawing?stream=deployment-dep-1']) {
      expect((await server.call('GET', `/api/v1${path}`, other)).status, path).toBe(404);
    }
    for (const path of ['/ml/deployments', '/systems']) {
      expect((await server.call('GET', `/api/v1${path}`, other)).body).toEqual({
        items: [],
        nextCursor: null,
      });
    }
  });

  it('keeps settings, with tolerance and target in percent and defaults filled in', async () => {
    const { body } = await get('/systems/bess-1');
    expect(body).toEqual({
      systemId: 'bess-1',
      settings: {
        zone: 'America/Sao_Paulo',
        ibgeCode: '3550308',
        tariff: null,
        ratedKw: null,
        contract: {
          peakKw: null,
          offPeakKw: 1200,
          peakHours: [18, 19, 20],
          tolerance: 5,
          validFrom: null,
          validTo: null,
        },
        target: { mape: 9.5, reason: 'new machine', expires: '2027-01-01T00:00:00Z' },
        specialDays: [{ date: '2026-12-28', name: 'Férias coletivas', kind: 'shutdown' }],
        eventFlags: [{ label: 'kiln', hours: [14, 15], weekdays: [1] }],
      },
      deviceId: null,
      nextRetrain: null,
      nextRetrainStart: null,
      retrainsPaused: null,
      lastSkippedRetrain: null,
    });
    const { stage } = { stage: await server.control.getSite({ actor: 'x', tenant: 'acme' }, 'bess-1') };
    expect(stage.settings.contract?.tolerance).toBe(0.05);
    expect(stage.settings.target?.mape).toBe(0.095);
  });

  it('lists sites with what runs', async () => {
    expect((await get('/systems')).body).toMatchObject({
      items: [
        { systemId: 'bess-1', status: 'registered', runningVersion: '1.0.0', contract: { tolerance: 5 } },
      ],
    });
  });

  it('decommissions a site for good', async () => {
    await registerSite(server, 'bess-old');
    const gone = await server.call('DELETE', '/api/v1/systems/bess-old', { token });
    expect(gone.status).toBe(204);
    expect((await get('/systems/bess-old')).status).toBe(404);
    expect((await server.call('DELETE', '/api/v1/systems/bess-old', { token })).status).toBe(404);
    const again = await server.call('PUT', '/api/v1/systems/bess-old', { token, json: {} });
    expect(again).toMatchObject({ status: 422, body: { code: 'site-decommissioned' } });
    const other = await server.token({ tenant: 'other' });
    const foreign = await server.call('PUT', '/api/v1/systems/bess-old', { token: other, json: {} });
    expect(foreign.status).toBe(404);
  });

  it('gives a device its secret once, and revokes it', async () => {
    await registerSite(server, 'bess-dev');
    const added = await server.call('POST', '/api/v1/systems/bess-dev/devices', { token });
    expect(added.status).toBe(201);
    const { deviceId, secret } = added.body as { deviceId: string; secret: string };
    const site = await get('/systems/bess-dev');
    expect(site.body).toMatchObject({ deviceId });
    expect(site.text).not.toContain(secret);
    const at = (id: string) => `/api/v1/systems/bess-dev/devices/${id}`;
    expect((await server.call('DELETE', at('another'), { token })).status).toBe(404);
    expect((await server.call('DELETE', at(deviceId), { token })).status).toBe(204);
  });

  it('shows machines as data and as pictures', async () => {
    const list = await server.call('GET', '/api/v1/machines');
    expect((list.body as { items: { name: string }[] }).items.map(({ name }) => name)).toContain(
      'training-job',
    );
    expect((await server.call('GET', '/api/v1/machines/training-job')).body).toMatchObject({
      initial: 'new',
    });
    const plain = await server.call('GET', '/api/v1/machines/training-job/drawing');
    expect(plain.headers.get('content-type')).toBe('image/svg+xml');
    expect(plain.text).toMatch(/^<svg/);
    const drawing = '/machines/training-job/drawing?stream=training-job-job-1';
    expect((await server.call('GET', `/api/v1${drawing}`)).status).toBe(401);
    expect((await get(drawing)).text).toContain('current');
  });

  it('evaluates a version', async () => {
    const answer = await server.call('POST', '/api/v1/ml/evaluate', {
      token,
      json: { systemId: 'bess-1', startDate: '2026-01-01', endDate: '2026-01-31', modelVersion: '1.0.0' },
    });
    expect(answer.body).toMatchObject({ mape: 3.8, accuracy24h: 94.1, worstHours: [8, 17, 18] });
  });

  it('shows the latest forecast', async () => {
    const exceedance = { exceedanceProbability: 0.125, exceedanceBasis: 'max15' } as const;
    await server.postgres.forecasts.save({
      systemId: 'bess-1',
      issuedAt: '2026-01-05T06:00:00.000Z',
      version: '1.0.0',
      modelType: 'ensemble',
      deviceId: 'dev-1',
      hours: [
        {
          hour: '2026-01-05T06:00:00.000Z',
          loadKw: 10,
          lowerKw: 8,
          upperKw: 12,
          peakProbability: 0.25,
          ...exceedance,
        },
        { hour: '2026-01-05T07:00:00.000Z', loadKw: 11, lowerKw: 8, upperKw: 12, peakProbability: null },
      ],
    });
    expect((await get('/ml/systems/bess-1/forecast')).body).toMatchObject({
      version: '1.0.0',
      hours: [{ loadKw: 10, peakProbability: 0.25, ...exceedance }, { peakProbability: null }],
    });
  });

  it('shows a deployment that was just made', async () => {
    const model = { jobId: 'job-3', systemId: 'bess-1', version: '1.2.0' };
    await appendModel(server.postgres.log, model);
    await appendDeployed(server.postgres.log, model, 'dep-new', 2);
    expect(await get('/ml/deployments/dep-new')).toMatchObject({ status: 200, body: { version: '1.2.0' } });
    expect((await get('/ml/deployments/none')).status).toBe(404);
  });
});
