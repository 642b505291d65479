import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  eventually,
  registerSite,
  type ServerUnderTest,
  startServer,
} from '../../../test/http/server-under-test.ts';

const curl = promisify(execFile);

let server: ServerUnderTest;
let token: string;

const wanted = { systemId: 'bess-456', modelType: 'ensemble', trainingWindowDays: 90, forceRedeploy: false };

async function retrain(systemId: string): Promise<string> {
  await registerSite(server, systemId);
  const answer = await server.call('POST', '/api/v1/ml/retrain', { token, json: { systemId } });
  return (answer.body as { jobId: string }).jobId;
}

describe('training jobs over HTTP', () => {
  beforeAll(async () => {
    server = await startServer();
    token = await server.token();
  });
  afterAll(() => server.close());

  it('answers the documented curl calls as they are printed', async () => {
    await registerSite(server, 'bess-456');
    const started = await curl('curl', [
      '-s',
      ...['-X', 'POST', `${server.url}/api/v1/ml/retrain`],
      ...['-H', `Authorization: Bearer ${token}`],
      ...['-d', JSON.stringify(wanted, null, 4)],
    ]);
    const { jobId, status, statusUrl } = JSON.parse(started.stdout);
    expect({ status, statusUrl }).toEqual({
      status: 'pending',
      statusUrl: `/api/v1/ml/training-jobs/${jobId}`,
    });
    const read = await curl('curl', ['-s', `${server.url}/api/v1/ml/training-jobs/${jobId}`]);
    expect(JSON.parse(read.stdout)).toEqual({
      jobId,
      status: 'pending',
      progress: [],
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
  });

  it('shows a token of the tenant everything else', async () => {
    const jobId = await retrain('site-full');
    const { status, body } = await server.call('GET', `/api/v1/ml/training-jobs/${jobId}`, { token });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      jobId,
      status: 'pending',
      systemId: 'site-full',
      modelType: 'ensemble',
      trainingWindowDays: 90,
      forceRedeploy: false,
      trigger: 'manual',
      version: null,
      decision: null,
      work: [{ type: 'collect-data', state: 'waiting' }],
    });
  });

  it('names the running job when a second one is asked for', async () => {
    const jobId = await retrain('site-busy');
    const again = await server.call('POST', '/api/v1/ml/retrain', { token, json: { systemId: 'site-busy' } });
    expect(again.status).toBe(409);
    expect(again.body).toMatchObject({ code: 'job-running', jobId });
  });

  it('repeats the answer for a repeated idempotency key, and refuses another request under it', async () => {
    await registerSite(server, 'site-key');
    const call = { token, headers: { 'idempotency-key': 'k-1' }, json: { systemId: 'site-key' } };
    const first = await server.call('POST', '/api/v1/ml/retrain', call);
    const second = await server.call('POST', '/api/v1/ml/retrain', call);
    expect(second.status).toBe(202);
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    const other = { ...call, json: { systemId: 'site-key', trainingWindowDays: 45 } };
    const third = await server.call('POST', '/api/v1/ml/retrain', other);
    expect(third.status).toBe(422);
    expect(third.body).toMatchObject({ code: 'idempotency-key-reused' });
  });

  it('cancels a job once', async () => {
    const jobId = await retrain('site-cancel');
    const path = `/api/v1/ml/training-jobs/${jobId}/cancel`;
    const first = await server.call('POST', path, { token });
    expect(first.body).toMatchObject({ jobId, status: 'cancelled' });
    const second = await server.call('POST', path, { token, json: { reason: 'again' } });
    expect(second.status).toBe(409);
    expect(second.body).toMatchObject({ code: 'not-possible-now', state: 'cancelled' });
  });

  it('lists the facts of a job', async () => {
    const jobId = await retrain('site-facts');
    const { body } = await server.call('GET', `/api/v1/ml/training-jobs/${jobId}/events`, { token });
    expect(body).toMatchObject({
      items: [{ version: 1, type: 'JobRequested', actor: 'person-1', systemId: 'site-facts' }],
    });
    const rest = await server.call('GET', `/api/v1/ml/training-jobs/${jobId}/events?after=1`, { token });
    expect(rest.body).toEqual({ items: [] });
  });

  it('pages through the jobs, newest first, by site and by status', async () => {
    const jobs = [await retrain('page-1'), await retrain('page-2')];
    const list = (query: string) => server.call('GET', `/api/v1/ml/training-jobs?${query}`, { token });
    const idsOf = (body: unknown) => (body as { items: { jobId: string }[] }).items.map(({ jobId }) => jobId);
    await eventually(
      () => list('systemId=page-2'),
      ({ body }) => idsOf(body).length === 1,
    );
    const first = await list('limit=1');
    expect(idsOf(first.body)).toEqual([jobs[1]]);
    const { nextCursor } = first.body as { nextCursor: string };
    expect(idsOf((await list(`limit=1&cursor=${nextCursor}`)).body)).toEqual([jobs[0]]);
    expect(idsOf((await list('systemId=page-1&status=pending')).body)).toEqual([jobs[0]]);
    expect(idsOf((await list('systemId=page-1&status=kept')).body)).toEqual([]);
    expect((await list('cursor=zzz')).body).toMatchObject({ status: 400, code: 'invalid-cursor' });
  });
});
