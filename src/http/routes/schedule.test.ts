import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerSite, type ServerUnderTest, startServer } from '../../../test/http/server-under-test.ts';

let server: ServerUnderTest;
let token: string;
const SITE = 'weekly-1';

beforeAll(async () => {
  server = await startServer();
  token = await server.token();
  await registerSite(server, SITE);
});
afterAll(() => server.close());

const post = (step: 'pause' | 'resume', as = token, systemId = SITE) =>
  server.call('POST', `/api/v1/systems/${systemId}/schedule/${step}`, {
    token: as,
    ...(step === 'pause' ? { json: { reason: 'the plant is rebuilt' } } : {}),
  });

describe('the weekly retrains of a site over HTTP', () => {
  it('are paused with a reason that everybody sees, and resumed', async () => {
    expect(await post('pause')).toMatchObject({
      status: 200,
      body: { retrainsPaused: 'the plant is rebuilt', lastSkippedRetrain: null },
    });
    const seen = await server.call('GET', `/api/v1/systems/${SITE}`, { token });
    expect(seen.body).toMatchObject({ retrainsPaused: 'the plant is rebuilt' });
    expect(await post('resume')).toMatchObject({ status: 200, body: { retrainsPaused: null } });
  });

  it('are paused by nobody without the scope, or of another tenant', async () => {
    expect((await post('pause', await server.token({ scopes: ['ml:read'] }))).status).toBe(403);
    expect((await post('pause', await server.token({ tenant: 'other' }))).status).toBe(404);
    expect((await post('pause', token, 'nowhere')).status).toBe(404);
    const bare = await server.call('POST', `/api/v1/systems/${SITE}/schedule/pause`, { token, json: {} });
    expect(bare.status).toBe(400);
  });
});
