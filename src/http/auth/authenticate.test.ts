import { generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerSite, type ServerUnderTest, startServer } from '../../../test/http/server-under-test.ts';
import { createTokenIssuer, type TokenIssuer } from './token-issuer.ts';

let server: ServerUnderTest;

const LIST = '/api/v1/ml/training-jobs';

/** An issuer that differs from the server's own in one respect. */
async function strangeIssuer(settings: { issuer?: string; audience?: string }): Promise<TokenIssuer> {
  return createTokenIssuer({
    ...server.signing,
    issuer: settings.issuer ?? server.signing.issuer,
    audience: settings.audience ?? server.signing.audience,
    clock: { now: () => new Date() },
  });
}

const wishes = { subject: 'person-1', tenant: 'acme', scopes: ['admin'], ttlSeconds: 600 } as const;

async function foreignToken(): Promise<string> {
  const { privateKey } = await generateKeyPair('ES256');
  return new SignJWT({ tenant: 'acme', scope: 'admin' })
    .setProtectedHeader({ alg: 'ES256' })
    .setIssuer(server.signing.issuer)
    .setAudience(server.signing.audience)
    .setSubject('person-1')
    .setExpirationTime('10m')
    .sign(privateKey);
}

const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"sub":"x"}').toString('base64url')}.`;
const symmetric = () =>
  new SignJWT({ tenant: 'acme', scope: 'admin' })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(server.signing.issuer)
    .setAudience(server.signing.audience)
    .setSubject('person-1')
    .setExpirationTime('10m')
    .sign(new TextEncoder().encode('0123456789abcdef0123456789abcdef'));

describe('authentication', () => {
  beforeAll(async () => {
    server = await startServer();
    await registerSite(server, 'bess-1');
    await registerSite(server, 'bess-2');
  });
  afterAll(() => server.close());

  it.each<readonly [string, () => Promise<string>, RegExp]>([
    ['expired', () => server.token({ ttlSeconds: -120 }), /expired: request a new one/],
    [
      'for another audience',
      async () => (await strangeIssuer({ audience: 'other' })).issue(wishes),
      /audience of this API/,
    ],
    [
      'of another issuer',
      async () => (await strangeIssuer({ issuer: 'https://evil.test' })).issue(wishes),
      /another issuer/,
    ],
    ['signed with another key', foreignToken, /not signed by the issuer/],
    ['not signed', async () => unsigned, /not valid/],
    ['signed symmetrically', symmetric, /not valid/],
    ['no token', async () => 'nonsense', /not valid/],
    ['too long', async () => 'a'.repeat(15_000).padEnd(16_000, '.a'), /not valid/],
    ['for a subject with an e-mail address', () => server.token({ subject: 'ana@example.com' }), /opaque id/],
    ['for a tenant that is none', () => server.token({ tenant: '../acme' }), /`tenant`/],
  ])('answers 401 to a token that is %s, and says so', async (_what, make, detail) => {
    const token = await make();
    for (const path of [LIST, `${LIST}/any-job`]) {
      const answer = await server.call('GET', path, { token });
      expect(answer.status).toBe(401);
      expect(answer.body).toMatchObject({ code: 'invalid-token', detail: expect.stringMatching(detail) });
      expect(answer.headers.get('www-authenticate')).toMatch(
        /^Bearer realm="lifo4-ml", error="invalid_token"/,
      );
    }
  });

  it.each(['Bearer', 'Token abc', 'Bearer a b', 'Basic !!!'])(
    'answers 401 to the header %j',
    async (authorization) => {
      const answer = await server.call('GET', LIST, { headers: { authorization } });
      expect(answer.status).toBe(401);
    },
  );

  it('asks for a token where there is none', async () => {
    const answer = await server.call('GET', LIST);
    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject({ code: 'no-credential' });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="lifo4-ml"');
  });

  it.each([
    ['POST', '/api/v1/ml/retrain', { systemId: 'bess-1' }, 'ml:train'],
    ['GET', '/api/v1/ml/systems/bess-1/models', undefined, 'ml:read'],
    ['PUT', '/api/v1/systems/bess-9', {}, 'admin'],
    ['DELETE', '/api/v1/systems/bess-1', undefined, 'admin'],
    ['POST', '/api/v1/systems/bess-1/devices', undefined, 'admin'],
    [
      'POST',
      '/api/v1/telemetry/bess-1',
      { readings: [{ hour: '2026-01-05T06:00:00Z', loadKw: 1 }] },
      'telemetry:write',
    ],
    ['GET', '/metrics', undefined, 'admin'],
  ])(
    'answers 403 to %s %s without its scope, before it looks at anything',
    async (method, path, json, scope) => {
      const token = await server.token({ scopes: ['ml:deploy'] });
      const answer = await server.call(method, path, { token, json });
      expect(answer.status).toBe(403);
      expect(answer.body).toMatchObject({ code: 'insufficient-scope', scope });
      expect(answer.headers.get('www-authenticate')).toContain(`scope="${scope}"`);
    },
  );

  it('answers the same for another tenant’s site, a site outside the token, and none at all', async () => {
    const other = await server.token({ tenant: 'umbrella' });
    const narrowed = await server.token({ systems: ['bess-2'] });
    const paths = [
      '/api/v1/systems/X',
      '/api/v1/ml/systems/X/models',
      '/api/v1/telemetry/X',
      '/models/X/v1.0.0.onnx',
    ];
    for (const path of paths) {
      const at = (systemId: string) => path.replace('X', systemId);
      const unknown = await server.call('GET', at('no-site'), { token: other });
      const foreign = await server.call('GET', at('bess-1'), { token: other });
      const outside = await server.call('GET', at('bess-1'), { token: narrowed });
      const comparable = ({ status, text }: { status: number; text: string }) => ({
        status,
        text: text.replaceAll(/no-site|bess-1/g, 'ID').replace(/urn:uuid:[^"]+/, ''),
      });
      expect(comparable(foreign)).toEqual(comparable(unknown));
      expect(comparable(outside)).toEqual(comparable(unknown));
      expect(unknown.status).toBe(404);
    }
  });

  it('shows another tenant’s job to nobody', async () => {
    const started = await server.call('POST', '/api/v1/ml/retrain', {
      token: await server.token(),
      json: { systemId: 'bess-1' },
    });
    const { jobId } = started.body as { jobId: string };
    for (const token of [
      await server.token({ tenant: 'umbrella' }),
      await server.token({ systems: ['bess-2'] }),
    ]) {
      expect((await server.call('GET', `${LIST}/${jobId}`, { token })).status).toBe(404);
      expect((await server.call('GET', `${LIST}/${jobId}/events`, { token })).status).toBe(404);
      expect((await server.call('POST', `${LIST}/${jobId}/cancel`, { token })).status).toBe(404);
      expect((await server.call('GET', LIST, { token })).body).toMatchObject({ items: [] });
    }
  });

  it('lets a device to its own site’s readings and models alone', async () => {
    const added = await server.call('POST', '/api/v1/systems/bess-1/devices', {
      token: await server.token(),
    });
    const { deviceId, secret } = added.body as { deviceId: string; secret: string };
    const basic = (id: string, password: string) => ({
      authorization: `Basic ${Buffer.from(`${id}:${password}`).toString('base64')}`,
    });
    const headers = basic(deviceId, secret);
    const get = (path: string, as = headers) => server.call('GET', path, { headers: as });
    expect((await get('/api/v1/telemetry/bess-1?days=60')).status).toBe(200);
    expect((await get('/api/v1/telemetry/bess-2?days=60')).status).toBe(404);
    expect((await get('/models/bess-1/v1.0.0.onnx')).body).toMatchObject({ code: 'model-not-found' });
    expect((await get('/api/v1/systems/bess-1')).body).toMatchObject({
      status: 403,
      code: 'not-for-devices',
    });
    expect((await get('/api/v1/telemetry/bess-1', basic(deviceId, 'wrong'))).status).toBe(401);
    expect((await get('/api/v1/telemetry/bess-1', basic('no-device', secret))).status).toBe(401);
  });
});
