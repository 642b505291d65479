import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createSite,
  goodModel,
  HOUR,
  readingsUntil,
  type SiteUnderTest,
  soon,
  thisHour,
} from '../../../test/edge/site-under-test.ts';
import { startLocalApi } from './api.ts';
import type { LocalServer } from './server.ts';

const OPERATOR = 'operator-token';
const hourAt = (offset: number) => new Date(thisHour + offset * HOUR).toISOString();

let site: SiteUnderTest;
let server: LocalServer;
let folder: string;
const forecastFile = () => join(folder, 'forecast.json');

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'local-'));
  site = await createSite();
  await site.start({ forecastFile: forecastFile() });
  server = await open(null);
});
afterEach(async () => {
  await server.close();
  await site.close();
  rmSync(folder, { recursive: true });
});

const open = (token: string | null) =>
  startLocalApi({
    ...{ device: site.device, host: '127.0.0.1', port: 0, token, operatorToken: OPERATOR },
    logger: pino({ level: 'silent' }),
  });

async function call(
  method: string,
  path: string,
  { body, headers = {} }: { body?: string | Uint8Array; headers?: Record<string, string> } = {},
) {
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const url = `http://127.0.0.1:${server.port}${path}`;
  const init = { method, headers: { ...type, ...headers }, ...(body === undefined ? {} : { body }) };
  const response = await fetch(url, init as RequestInit);
  return { status: response.status, body: await response.json() };
}
const post = (value: unknown, headers = {}) =>
  call('POST', '/readings', { body: JSON.stringify(value), headers });

describe('the local interface', () => {
  it('gives the forecast of the model alike over HTTP, in the file and to the cloud', async () => {
    await site.offer(1, goodModel(1));
    await site.answered(1, 'active');
    await vi.waitFor(async () => {
      const { status, body } = await call('GET', '/forecast');
      expect({ status, body }).toMatchObject({
        status: 200,
        body: { version: '1.1.0', modelType: 'ensemble' },
      });
      expect(JSON.parse(readFileSync(forecastFile(), 'utf8'))).toEqual(body);
      expect(site.broker.sent.findLast(({ kind }) => kind === 'forecast')?.message).toEqual(body);
    }, soon);
  });

  it('says on all three ways that a forecast is naive, and why', async () => {
    await vi.waitFor(async () => {
      const { body } = await call('GET', '/forecast');
      const naive = { version: null, modelType: 'seasonal-naive', fallback: 'no model is installed' };
      expect(body).toMatchObject(naive);
      expect(JSON.parse(readFileSync(forecastFile(), 'utf8'))).toEqual(body);
      expect(site.broker.sent.findLast(({ kind }) => kind === 'forecast')?.message).toEqual(body);
    }, soon);
    expect((await call('GET', '/healthz')).body).toEqual({ status: 'degraded', amiss: ['no-model'] });
  });

  it('has the last forecast again at once after a restart', async () => {
    await vi.waitFor(async () => expect((await call('GET', '/forecast')).status).toBe(200), soon);
    await server.close();
    await site.start({
      timings: { tickMs: 1e6 },
      clocks: { site: { now: () => new Date(0) }, machine: { now: () => new Date() } },
    });
    server = await open(null);
    expect((await call('GET', '/forecast')).body).toMatchObject({ modelType: 'seasonal-naive' });
  });

  it('takes readings, says what they brought, and reports them to the cloud', async () => {
    await vi.waitFor(() => expect(site.device.status().report.historyHours).toBe(720), soon);
    const [reading] = readingsUntil(thisHour, 1);
    const changed = { ...reading, loadKw: 123, max15Kw: 140 };
    expect(await post({ readings: [changed] })).toEqual({
      status: 200,
      body: { changed: 1, unchanged: 0, refused: [] },
    });
    expect((await post([changed])).body).toEqual({ changed: 0, unchanged: 1, refused: [] });
    expect((await post(changed)).body).toEqual({ changed: 0, unchanged: 1, refused: [] });
    await vi.waitFor(() => {
      const reported = site.broker.sent
        .filter(({ kind }) => kind === 'telemetry')
        .map(({ message }) => message);
      expect(reported).toMatchObject([{ readings: [{ loadKw: 123, max15Kw: 140 }] }]);
    }, soon);
  });

  it('refuses what cannot have been measured, reading by reading, and shows it in the status', async () => {
    await vi.waitFor(() => expect(site.device.status().report.historyHours).toBe(720), soon);
    const { status, body } = await post([
      { hour: hourAt(0), loadKw: 100 },
      { hour: hourAt(24), loadKw: 100 },
      { hour: hourAt(-24 * 61), loadKw: 100 },
      { hour: hourAt(-1), loadKw: 300_000 },
      { hour: hourAt(-2), loadKw: 310, max15Kw: 400_000 },
      { hour: hourAt(-3), loadKw: 333 },
      { hour: hourAt(-3), loadKw: 334 },
    ]);
    expect(status).toBe(200);
    expect(body.changed).toBe(2);
    expect(body.refused.map(({ code }: { code: string }) => code)).toEqual([
      ...['not-over', 'not-over', 'too-old', 'implausible', 'implausible'],
    ]);
    expect(body.refused[3].detail).toContain('send kW, not W');
    const { logged } = (await call('GET', '/status')).body;
    expect(logged).toMatchObject({
      counts: { 'refused-readings': 1 },
      refusals: [{ from: 'readings', reason: expect.stringContaining('5 readings') }],
    });
    expect(site.device.status().report.historyHours).toBe(720);
  });

  it('takes the hour that ends within the minutes by which clocks differ', async () => {
    site.now = thisHour + HOUR - 4 * 60_000;
    expect((await post({ hour: hourAt(0), loadKw: 100 })).body).toMatchObject({ changed: 1, refused: [] });
    site.now = thisHour + HOUR - 6 * 60_000;
    expect((await post({ hour: hourAt(0), loadKw: 101 })).body).toMatchObject({ changed: 0 });
    expect((await post([])).body).toEqual({ changed: 0, unchanged: 0, refused: [] });
  });

  it.each([
    ['no JSON', '{', 400, 'malformed'],
    ['a reading without an hour', '[{"loadKw":1}]', 400, 'malformed'],
    ['half an hour', '[{"hour":"2026-03-02T10:30:00Z","loadKw":1}]', 400, 'malformed'],
    ['a local time', '[{"hour":"2026-03-02T10:00:00-03:00","loadKw":1}]', 400, 'malformed'],
    ['a load that is text', '[{"hour":"2026-03-02T10:00:00Z","loadKw":"12,5"}]', 400, 'malformed'],
    ['a null', 'null', 400, 'malformed'],
    ['too much', `[${' '.repeat(1024 * 1024)}]`, 413, 'too-large'],
  ])('answers a body that is %s with what is wrong, and goes on', async (_name, body, status, code) => {
    expect(await call('POST', '/readings', { body })).toMatchObject({ status, body: { code, status } });
    expect((await call('GET', '/healthz')).status).toBe(200);
    expect(site.device.status().logged.refusals[0]?.from).toBe('local');
  });

  it('survives anything as a body', async () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((text) => Buffer.from(text)),
    );
    await fc.assert(
      fc.asyncProperty(anything, async (body) => {
        expect([200, 400]).toContain((await call('POST', '/readings', { body: Buffer.from(body) })).status);
      }),
      { numRuns: 60 },
    );
    expect((await call('GET', '/forecast')).status).toBe(200);
  });

  it('lets the operator take a model back, and nobody else', async () => {
    const rollback = (token: string, reason = '') =>
      call('POST', '/rollback', {
        body: JSON.stringify({ reason }),
        headers: { authorization: `Bearer ${token}` },
      });
    expect(await rollback(OPERATOR)).toMatchObject({ status: 409, body: { code: 'nothing-to-take-back' } });
    for (const assignment of [1, 2]) {
      await site.offer(assignment, goodModel(assignment));
      await site.answered(assignment, 'active');
    }
    expect(await rollback('guessed')).toMatchObject({ status: 401 });
    expect(await rollback(OPERATOR, 'peaks were missed')).toMatchObject({ status: 200 });
    expect(await site.answered(2, 'rolledback')).toMatchObject({
      ...{ reason: 'operator: peaks were missed', runningVersion: '1.1.0' },
    });
    await vi.waitFor(async () => expect((await call('GET', '/forecast')).body.version).toBe('1.1.0'), soon);
    const { facts } = (await call('GET', '/history')).body;
    expect(facts.map(({ fact }: { fact: { type: string } }) => fact.type).slice(-2)).toEqual([
      ...['ModelTakenBack', 'PreviousRestored'],
    ]);
    expect(await rollback(OPERATOR)).toMatchObject({ status: 409 });
  });

  it('refuses other addresses, methods and types', async () => {
    expect(await call('GET', '/nothing')).toMatchObject({ status: 404, body: { code: 'no-such-address' } });
    expect(await call('POST', '/forecast', { body: '{}' })).toMatchObject({ status: 405 });
    expect(await post([], { 'content-type': 'text/plain' })).toMatchObject({ status: 415 });
  });

  it('is not there for pages in a browser that name it otherwise', async () => {
    const status = await new Promise((resolve, reject) => {
      const headers = { host: 'evil.example' };
      request({ host: '127.0.0.1', port: server.port, path: '/status', headers }, ({ statusCode }) =>
        resolve(statusCode),
      )
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });

  it('asks programs for the token where there is one, but for health', async () => {
    await server.close();
    server = await open('a token of programs');
    expect(await call('GET', '/forecast')).toMatchObject({ status: 401, body: { code: 'token-missing' } });
    expect((await post([])).status).toBe(401);
    expect((await call('GET', '/healthz')).status).toBe(200);
    for (const token of ['a token of programs', OPERATOR])
      expect((await call('GET', '/status', { headers: { authorization: `Bearer ${token}` } })).status).toBe(
        200,
      );
  });
});
