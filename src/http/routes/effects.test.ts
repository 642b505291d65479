import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerSite, type ServerUnderTest, startServer } from '../../../test/http/server-under-test.ts';

let server: ServerUnderTest;

beforeAll(async () => {
  server = await startServer();
  await registerSite(server, 'bess-1');
  const { effects } = server.postgres;
  const claim = { worker: 'w', lane: 'quick', limit: 10, leaseMs: 60_000, siteNow: new Date() } as const;
  for (const lease of await effects.claim(claim)) await effects.bury(lease, 'the broker is down');
});
afterAll(() => server.close());

const dead = async (token: string) => (await server.call('GET', '/api/v1/effects/dead', { token })).body;
const redrive = (token: string, json: object) =>
  server.call('POST', '/api/v1/effects/redrive', { token, json });

describe('work that was given up', () => {
  it('is shown with its last error to the tenant alone', async () => {
    const items = [
      {
        type: expect.stringMatching(/plan|publish/),
        attempts: 1,
        error: 'the broker is down',
        streamId: 'site-bess-1',
      },
      { error: 'the broker is down' },
    ];
    expect(await dead(await server.token())).toMatchObject({ items });
    expect(await dead(await server.token({ tenant: 'other' }))).toEqual({ items: [] });
  });

  it('is tried again on request, one type or all of it, by the tenant alone', async () => {
    const token = await server.token();
    expect((await redrive(await server.token({ tenant: 'other' }), {})).body).toEqual({ redriven: 0 });
    expect((await redrive(token, { type: 'publish-config' })).body).toEqual({ redriven: 1 });
    expect((await redrive(token, {})).body).toEqual({ redriven: 1 });
    expect(await dead(token)).toEqual({ items: [] });
  });

  it('asks for the scope admin and refuses what it does not know', async () => {
    const reader = await server.token({ scopes: ['ml:read'] });
    expect((await server.call('GET', '/api/v1/effects/dead', { token: reader })).status).toBe(403);
    expect((await redrive(await server.token(), { kind: 'x' })).status).toBe(400);
  });
});
