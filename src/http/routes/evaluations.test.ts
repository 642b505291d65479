import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  eventually,
  registerSite,
  type ServerUnderTest,
  startServer,
} from '../../../test/http/server-under-test.ts';
import { appendModel } from '../../../test/http/stories.ts';

let server: ServerUnderTest;
let token: string;
const SITE = 'eval-1';
const YEAR = { systemId: SITE, startDate: '2025-01-01', endDate: '2025-12-31', modelVersion: '1.0.0' };

const evaluate = (over: object = {}, headers: Record<string, string> = {}) =>
  server.call('POST', '/api/v1/ml/evaluate', { token, json: { ...YEAR, ...over }, headers });

beforeAll(async () => {
  server = await startServer();
  token = await server.token();
  await registerSite(server, SITE);
  const artifact = await server.artifacts.put(new TextEncoder().encode('a model'));
  await appendModel(server.postgres.log, { jobId: 'job-eval', systemId: SITE, version: '1.0.0', artifact });
});
afterAll(() => server.close());

describe('evaluations over HTTP', () => {
  it('answers a short period at once, and a long one with an address', async () => {
    expect((await evaluate({ startDate: '2025-12-01' })).status).toBe(200);
    const long = await evaluate();
    expect(long).toMatchObject({ status: 202, body: { status: 'pending', result: null, progress: null } });
    const { statusUrl } = long.body as { statusUrl: string };
    expect(long.headers.get('location')).toBe(statusUrl);
    expect(await server.call('GET', statusUrl, { token })).toMatchObject({
      status: 200,
      body: { modelVersion: '1.0.0', modelType: 'ensemble', startDate: '2025-01-01', failure: null },
    });
    const stranger = await server.token({ tenant: 'other' });
    expect((await server.call('GET', statusUrl, { token: stranger })).status).toBe(404);
    const narrowed = await server.token({ systems: ['another'] });
    expect((await server.call('GET', statusUrl, { token: narrowed })).status).toBe(404);
  });

  it('answers a short period later when that is preferred', async () => {
    const answer = await evaluate({ startDate: '2025-12-01' }, { prefer: 'respond-async, wait=10' });
    expect(answer.status).toBe(202);
    expect(answer.headers.get('preference-applied')).toBe('respond-async');
  });

  it('can be cancelled once', async () => {
    const { statusUrl } = (await evaluate()).body as { statusUrl: string };
    const cancel = () => server.call('POST', `${statusUrl}/cancel`, { token, json: { reason: 'a mistake' } });
    expect(await cancel()).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    expect((await cancel()).status).toBe(409);
  });

  it('are listed newest first, by site and by status, page by page', async () => {
    await registerSite(server, 'eval-2');
    const artifact = await server.artifacts.put(new TextEncoder().encode('another model'));
    const story = { jobId: 'job-eval-2', systemId: 'eval-2', version: '1.0.0', artifact };
    await appendModel(server.postgres.log, story);
    const ids: string[] = [];
    for (const _ of [1, 2, 3])
      ids.unshift(((await evaluate({ systemId: 'eval-2' })).body as { evaluationId: string }).evaluationId);
    await server.call('POST', `/api/v1/ml/evaluations/${ids[1]}/cancel`, { token, json: {} });
    const list = (query: string, as = token) =>
      server.call('GET', `/api/v1/ml/evaluations?systemId=eval-2&${query}`, { token: as });
    const idsOf = ({ body }: { readonly body: unknown }) =>
      (body as { items: { evaluationId: string }[] }).items.map(({ evaluationId }) => evaluationId);
    const cancelled = await eventually(
      () => list('status=cancelled'),
      ({ text }) => text.includes(ids[1] ?? ''),
    );
    expect(cancelled.body).toMatchObject({ items: [{ status: 'cancelled', result: null, failure: null }] });
    const first = await list('limit=2');
    expect(idsOf(first)).toEqual(ids.slice(0, 2));
    const { nextCursor } = first.body as { nextCursor: string };
    const second = await list(`limit=2&cursor=${encodeURIComponent(nextCursor)}`);
    expect(second.body).toMatchObject({ nextCursor: null });
    expect(idsOf(second)).toEqual(ids.slice(2));
    expect(idsOf(await list('limit=9', await server.token({ tenant: 'other' })))).toEqual([]);
    expect(idsOf(await list('limit=9', await server.token({ systems: ['another'] })))).toEqual([]);
  });

  it('refuses what no evaluation can answer', async () => {
    expect(await evaluate({ endDate: '2999-01-01' })).toMatchObject({ status: 422 });
    expect(await evaluate({ startDate: '2010-01-01' })).toMatchObject({
      status: 422,
      body: { code: 'period-too-long' },
    });
    expect(await evaluate({ modelVersion: '9.9.9' })).toMatchObject({ status: 404 });
    server.artifacts.lose('a model');
    expect(await evaluate()).toMatchObject({ status: 410, body: { code: 'artifact-gone' } });
  });
});
