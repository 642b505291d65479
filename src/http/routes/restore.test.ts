import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Answer,
  eventually,
  registerSite,
  type ServerUnderTest,
  startServer,
} from '../../../test/http/server-under-test.ts';
import { appendDeployed, appendKept, appendModel } from '../../../test/http/stories.ts';
import { sampleAnswer, sampleMetrics } from '../../../test/sample-facts.ts';
import { createStreamActors } from '../../actors/stream-actor.ts';
import { streamId } from '../../events/stream-id.ts';
import { deployment } from '../../machines/deployment.ts';
import { systemClocks } from '../../ports/clocks.ts';

let server: ServerUnderTest;
let token: string;
let sites = 0;

interface Deployment {
  readonly deploymentId: string;
  readonly status: string;
}
const idOf = ({ body }: Answer): string => (body as Deployment).deploymentId;
const stored = (text: string) => server.artifacts.put(new TextEncoder().encode(text));

/** A site with a device and a kept version 1.0.0 of an ensemble and a linear model. */
async function siteWithKept(): Promise<string> {
  sites += 1;
  const systemId = `restore-${sites}`;
  await registerSite(server, systemId);
  await server.call('POST', `/api/v1/systems/${systemId}/devices`, { token });
  const artifact = await stored(`ensemble of ${systemId}`);
  const linear = await stored(`linear of ${systemId}`);
  const metrics = { ...sampleMetrics, mape: 0.05, rmse: 61 };
  const modelArtifacts = [
    { modelType: 'ensemble' as const, artifact, metrics: sampleMetrics },
    { modelType: 'linear' as const, artifact: linear, metrics },
  ];
  const story = { jobId: `job-${systemId}`, systemId, version: '1.0.0', artifact, modelArtifacts };
  await appendModel(server.postgres.log, story);
  await appendKept(server.postgres.log, story);
  return systemId;
}

const restore = async (systemId: string, json?: object, key?: string, version = '1.0.0') =>
  server.call('POST', `/api/v1/ml/systems/${systemId}/models/${version}/restore`, {
    token,
    ...(json === undefined ? {} : { json }),
    headers: key === undefined ? {} : { 'idempotency-key': key },
  });

/** The device says that it runs the deployment. */
async function activate(systemId: string, deploymentId: string): Promise<void> {
  const { log } = server.postgres;
  const deviceId = (await log.lookup('active-device', systemId)) ?? '';
  const actors = createStreamActors({ log, clocks: systemClocks(), newId: () => crypto.randomUUID() });
  const answer = sampleAnswer(`m-${deploymentId}`, { deviceId });
  const origin = { actor: deviceId, tenant: 'acme', systemId, correlationId: 'c' };
  const command = { type: 'answer', status: 'active', answer, overtaken: false } as const;
  await actors.send(deployment, streamId('deployment', deploymentId), command, origin);
}

beforeAll(async () => {
  server = await startServer();
  token = await server.token();
});
afterAll(() => server.close());

describe('restoring a version', () => {
  it('opens a new deployment of a kept version, in the name of who asked', async () => {
    const systemId = await siteWithKept();
    const answer = await restore(systemId);
    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toBe(`/api/v1/ml/deployments/${idOf(answer)}`);
    expect(answer.body).toMatchObject({
      systemId,
      version: '1.0.0',
      status: 'offered',
      assignment: 1,
      jobId: null,
    });
    const model = await eventually(
      () => server.call('GET', `/api/v1/ml/systems/${systemId}/models/1.0.0`, { token }),
      ({ text }) => text.includes(idOf(answer)),
    );
    expect(model.body).toMatchObject({
      offers: [{ deploymentId: idOf(answer), offeredBy: 'person-1', restored: true }],
      ...{ runs: [], seed: 7, trainingWindowDays: 90, keptReason: 'not-better-than-champion' },
    });
  });

  it('deploys any model of the version with that model’s own accuracy', async () => {
    const answer = await restore(await siteWithKept(), { modelType: 'linear' });
    expect(answer.body).toMatchObject({ modelType: 'linear', accuracy: { mape: 5, rmse: 61 } });
  });

  it('refuses what cannot be deployed', async () => {
    const systemId = await siteWithKept();
    expect(await restore(systemId, { modelType: 'arima' })).toMatchObject({
      status: 422,
      body: { code: 'model-not-deployable' },
    });
    expect(await restore(systemId, { modelType: 'lstm' })).toMatchObject({
      status: 422,
      body: { code: 'model-without-file' },
    });
    expect(await restore(systemId, undefined, undefined, '9.9.9')).toMatchObject({
      status: 404,
      body: { code: 'model-not-found' },
    });
  });

  it('needs the scope ml:deploy, and a site of the caller', async () => {
    const systemId = await siteWithKept();
    const path = `/api/v1/ml/systems/${systemId}/models/1.0.0/restore`;
    const reader = await server.token({ scopes: ['ml:read', 'ml:train'] });
    expect((await server.call('POST', path, { token: reader })).status).toBe(403);
    const stranger = await server.token({ tenant: 'other' });
    expect(await server.call('POST', path, { token: stranger })).toMatchObject({ status: 404 });
    const narrowed = await server.token({ systems: ['another-site'] });
    expect(await server.call('POST', path, { token: narrowed })).toMatchObject({ status: 404 });
  });

  it('offers nothing whose file is gone or damaged, and says what to do', async () => {
    const [gone, damaged] = [await siteWithKept(), await siteWithKept()];
    server.artifacts.lose(`ensemble of ${gone}`);
    server.artifacts.damage(`ensemble of ${damaged}`);
    expect(await restore(gone)).toMatchObject({ status: 410, body: { code: 'artifact-gone' } });
    expect(await restore(damaged)).toMatchObject({ status: 409, body: { code: 'artifact-corrupt' } });
    for (const systemId of [gone, damaged]) {
      expect(await server.postgres.log.lookup('offered-deployment', systemId)).toBeNull();
    }
  });

  it('refuses a site without a device, or one that is gone', async () => {
    const story = { jobId: 'job-bare', systemId: 'restore-bare', version: '1.0.0' };
    await registerSite(server, story.systemId);
    await appendModel(server.postgres.log, story);
    await appendKept(server.postgres.log, story);
    expect(await restore(story.systemId)).toMatchObject({ status: 409, body: { code: 'no-device' } });
    await server.call('DELETE', `/api/v1/systems/${story.systemId}`, { token });
    expect(await restore(story.systemId)).toMatchObject({
      status: 409,
      body: { code: 'site-decommissioned' },
    });
  });

  it('waits for the gate', async () => {
    const story = { jobId: 'job-early', systemId: 'restore-early', version: '1.0.0' };
    await registerSite(server, story.systemId);
    await server.call('POST', `/api/v1/systems/${story.systemId}/devices`, { token });
    await appendModel(server.postgres.log, story);
    expect(await restore(story.systemId)).toMatchObject({ status: 409, body: { code: 'not-judged-yet' } });
  });
});

describe('restoring in company', () => {
  it('lets one of two win, and tells the other who did', async () => {
    const systemId = await siteWithKept();
    const both = await Promise.all([restore(systemId), restore(systemId, { modelType: 'linear' })]);
    const [won, lost] = [...both].sort((a, b) => a.status - b.status);
    expect(won?.status).toBe(202);
    expect(lost).toMatchObject({
      status: 409,
      body: { code: 'restore-under-way', deploymentId: won === undefined ? '' : idOf(won) },
    });
    const replaced = await restore(systemId, { replace: true });
    expect(replaced).toMatchObject({ status: 202, body: { assignment: 2 } });
  });

  it('replaces what a job offered', async () => {
    const systemId = await siteWithKept();
    const first = await restore(systemId);
    await activate(systemId, idOf(first));
    expect(await restore(systemId)).toMatchObject({
      status: 409,
      body: { code: 'already-running', deploymentId: idOf(first) },
    });
    const story = { jobId: `next-${systemId}`, systemId, version: '1.1.0' };
    await appendModel(server.postgres.log, story);
    await appendDeployed(server.postgres.log, story, `dep-${systemId}`, 2);
    expect(await restore(systemId)).toMatchObject({ status: 202 });
  });

  it('gives the same deployment for the same Idempotency-Key, at once and later', async () => {
    const systemId = await siteWithKept();
    const twice = await Promise.all([restore(systemId, {}, 'key-1'), restore(systemId, {}, 'key-1')]);
    expect(twice.map(({ status }) => status)).toEqual([202, 202]);
    const again = await restore(systemId, {}, 'key-1');
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(new Set([...twice, again].map(idOf)).size).toBe(1);
    expect(await restore(systemId, { modelType: 'linear' }, 'key-1')).toMatchObject({
      status: 422,
      body: { code: 'key-names-another', deploymentId: idOf(again) },
    });
  });
});
