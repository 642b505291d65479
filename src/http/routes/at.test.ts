import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerSite, type ServerUnderTest, startServer } from '../../../test/http/server-under-test.ts';
import { appendDeployed, appendModel } from '../../../test/http/stories.ts';

let server: ServerUnderTest;
let token: string;
const at = (query = '', systemId = 'at-1') =>
  server.call('GET', `/api/v1/ml/systems/${systemId}/at${query}`, { token });

beforeAll(async () => {
  server = await startServer();
  token = await server.token();
  await registerSite(server, 'at-1', { ratedKw: 500 });
});
afterAll(() => server.close());

describe('what ran at an instant, over HTTP', () => {
  it('tells what ran before and after a deployment, with the numbers that decided it', async () => {
    const before = new Date().toISOString();
    const story = { jobId: 'job-at', systemId: 'at-1', version: '1.0.0' };
    await appendModel(server.postgres.log, story);
    await appendDeployed(server.postgres.log, story, 'dep-at');
    expect(await at(`?time=${before}`)).toMatchObject({
      status: 200,
      body: { running: null, desired: null, lastDecision: null, settings: { ratedKw: 500 } },
    });
    const running = { deploymentId: 'dep-at', version: '1.0.0' };
    expect((await at()).body).toMatchObject({
      ...{ running, desired: running, previous: null, status: 'registered' },
      lastDecision: { jobId: 'job-at', verdict: 'deployed', decision: { challenger: 3.8, target: 8 } },
    });
  });

  it('refuses what is no instant of the site’s past, and sites of others', async () => {
    expect(await at('?time=2026-02-31T00:00:00Z')).toMatchObject({
      status: 422,
      body: { code: 'no-instant' },
    });
    expect(await at('?time=yesterday')).toMatchObject({ status: 400 });
    expect(await at('?time=2001-01-01T00:00:00Z')).toMatchObject({
      status: 422,
      body: { code: 'before-registration' },
    });
    expect(await at('?time=2999-01-01T00:00:00Z')).toMatchObject({
      status: 422,
      body: { code: 'time-in-future' },
    });
    expect(await at('', 'at-nowhere')).toMatchObject({ status: 404 });
  });
});
