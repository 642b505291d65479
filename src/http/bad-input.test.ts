import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { badRequests, RETRAIN } from '../../test/http/bad-requests.ts';
import { registerSite, type ServerUnderTest, startServer } from '../../test/http/server-under-test.ts';

let server: ServerUnderTest;
let token: string;

const factCount = async (): Promise<unknown> =>
  (await server.postgres.pool.query('select count(*) from lifo4.event')).rows[0];

describe('bad input', () => {
  beforeAll(async () => {
    server = await startServer();
    token = await server.token();
    await registerSite(server, 'bess-1');
  });
  afterAll(() => server.close());

  it.each(badRequests)('%s: %s %s', async (_what, method, path, call, status, detail) => {
    const before = await factCount();
    const answer = await server.call(method, path, { token, ...call });
    expect(answer.status, answer.text.slice(0, 300)).toBe(status);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({ status, detail: expect.stringMatching(detail) });
    expect(answer.text).not.toMatch(/node_modules|\.[jt]s:\d/);
    expect(answer.text.length).toBeLessThan(4_000);
    expect(await factCount()).toEqual(before);
  });

  it.each([
    ['POST', '/systems/bess-1/schedule/pause', { reason: 'stop\0page' }, '/body/reason'],
    [
      ...(['PUT', '/systems/new-1'] as const),
      { specialDays: [{ date: '2026-12-28', name: 'f\ud800rias', kind: 'shutdown' }] },
      '/body/specialDays/0/name',
    ],
    ['GET', '/fleet/sites?q=%00', undefined, '/querystring/q'],
  ])('refuses text that no database stores: %s %s', async (method, path, json, pointer) => {
    const answer = await server.call(method, `/api/v1${path}`, {
      token,
      ...(json === undefined ? {} : { json }),
    });
    expect(answer).toMatchObject({ status: 400, body: { problems: [{ pointer }] } });
  });

  it('names every problem of a request, each with its place', async () => {
    const answer = await server.call('POST', RETRAIN, {
      token,
      json: { systemId: '*', trainingWindowDays: 3, extra: 1 },
    });
    const { problems } = answer.body as { problems: { pointer: string }[] };
    expect(problems.map(({ pointer }) => pointer)).toEqual(
      expect.arrayContaining(['/body', '/body/systemId', '/body/trainingWindowDays']),
    );
  });

  it.each(['application/json', 'application/x-www-form-urlencoded', 'text/csv'])(
    'refuses a body of 50 MB as %s, and lives on',
    async (type) => {
      const path = type === 'text/csv' ? '/api/v1/telemetry/bess-1' : RETRAIN;
      const line = '2026-01-05T06:00:00Z,1\n';
      const raw = `timestamp_utc,load_kw\n${line.repeat(Math.ceil((50 * 1024 * 1024) / line.length))}`;
      const answer = await server.call('POST', path, { token, raw, headers: { 'content-type': type } });
      expect(answer.status).toBe(413);
      expect(answer.body).toMatchObject({ detail: expect.stringMatching(/20 MB/) });
      expect((await server.call('GET', '/healthz')).status).toBe(200);
    },
  );
});
