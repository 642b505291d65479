import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerSite, type ServerUnderTest, startServer } from '../../../test/http/server-under-test.ts';

let server: ServerUnderTest;
let token: string;
const SITE = '/api/v1/systems/bess-1';

describe('reads that are repeated', () => {
  beforeAll(async () => {
    server = await startServer({ rateLimits: { perMinute: 40, devicePerMinute: 3 } });
    token = await server.token();
    await registerSite(server, 'bess-1', { tariff: 'azul' });
  });
  afterAll(() => server.close());

  it.each(['', '/systems', '/ml/fleet', '/machines', '/fleet/sites', '/ml/training-jobs'])(
    'hear 304 while nothing changed: %s',
    async (path) => {
      const url = path === '' ? SITE : `/api/v1${path}`;
      const first = await server.call('GET', url, { token });
      const etag = first.headers.get('etag') ?? '';
      expect([first.status, etag]).toEqual([200, expect.stringMatching(/^"[\w-]{27}"$/)]);
      const again = await server.call('GET', url, { token, headers: { 'if-none-match': `"x", W/${etag}` } });
      expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag]);
      expect(again.headers.get('content-security-policy')).toContain("default-src 'none'");
    },
  );

  it('stop a write over what somebody else changed', async () => {
    const read = await server.call('GET', SITE, { token });
    const match = { 'if-match': read.headers.get('etag') ?? '' };
    const first = await server.call('PUT', SITE, { token, headers: match, json: { tariff: 'verde' } });
    expect(first.status).toBe(200);
    const second = await server.call('PUT', SITE, { token, headers: match, json: { tariff: 'branca' } });
    expect(second.body).toMatchObject({ status: 412, code: 'changed-meanwhile' });
    expect((await server.call('GET', SITE, { token })).text).toContain('verde');
    const news = await server.call('GET', SITE, { token, headers: { 'if-none-match': match['if-match'] } });
    expect(news.status).toBe(200);
  });

  it('are limited by caller, who is told how many are left and when to come again', async () => {
    const eager = await server.token({ subject: 'eager' });
    const one = await server.call('GET', SITE, { token: eager });
    expect(one.headers.get('ratelimit-limit')).toBe('40');
    expect(one.headers.get('ratelimit-remaining')).toBe('39');
    let last = one;
    for (let call = 0; call < 40; call += 1) last = await server.call('GET', SITE, { token: eager });
    expect(last.body).toMatchObject({ status: 429, code: 'too-many-requests' });
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
    const other = await server.token({ subject: 'patient' });
    expect((await server.call('GET', SITE, { token: other })).status).toBe(200);
    for (let call = 0; call < 50; call += 1) expect((await server.call('GET', '/healthz')).status).toBe(200);
  });

  it('have a limit of their own for devices', async () => {
    const admin = await server.token({ subject: 'admin' });
    const added = await server.call('POST', `${SITE}/devices`, { token: admin });
    const { deviceId, secret } = added.body as { deviceId: string; secret: string };
    const authorization = `Basic ${Buffer.from(`${deviceId}:${secret}`).toString('base64')}`;
    const ask = () => server.call('GET', '/models/bess-1/v1.0.0.onnx', { headers: { authorization } });
    const statuses = [(await ask()).status, (await ask()).status, (await ask()).status, (await ask()).status];
    expect(statuses).toEqual([404, 404, 404, 429]);
  });
});
