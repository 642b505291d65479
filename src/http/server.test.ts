import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiDocument } from '../../test/http/documented.ts';
import {
  eventually,
  registerSite,
  type ServerUnderTest,
  startServer,
} from '../../test/http/server-under-test.ts';
import type { ConsoleAssets } from '../ports/console-assets.ts';

const file = (text: string, contentType: string, etag: string, cacheControl: string) => ({
  contentType,
  body: Buffer.from(text),
  gzipped: gzipSync(text),
  etag,
  cacheControl,
});

const console: ConsoleAssets = {
  index: file('<!doctype html>', 'text/html; charset=utf-8', '"page"', 'no-cache'),
  files: new Map([['/ui/assets/app-1.js', file('start()', 'text/javascript', '"app"', 'immutable')]]),
  contentSecurityPolicy: "default-src 'none'; script-src 'self'",
};

let server: ServerUnderTest;
let reachable = true;
let document: ApiDocument;

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

type Guarded = (typeof operations extends () => readonly (infer Entry)[] ? Entry : never)['operation'] & {
  readonly security?: readonly object[];
  readonly requestBody?: unknown;
};

/** Refusals that follow from what the operation takes. */
const impliedRefusals = (path: string, { security = [], requestBody }: Guarded): readonly string[] => [
  '500',
  ...(security.length > 0 ? ['401', '403'] : []),
  ...(requestBody === undefined ? [] : ['400', '413', '415']),
  ...(path.includes('{') ? ['400', '404'] : []),
];

describe('the HTTP server', () => {
  beforeAll(async () => {
    const check = async () => {
      if (!reachable) throw new Error('secret host 10.0.0.7 refuses');
    };
    server = await startServer({ overrides: { console, readiness: [{ name: 'broker', check }] } });
    document = (await server.call('GET', '/docs/json')).body as ApiDocument;
    await registerSite(server, 'bess-1');
  });
  afterAll(() => server.close());

  describe('its API document', () => {
    it('is OpenAPI 3.1 with every operation named once, summed up and tagged', () => {
      expect(document.openapi).toBe('3.1.0');
      const ids = operations().map(({ operation }) => (operation as { operationId?: string }).operationId);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids).not.toContain(undefined);
      for (const { operation } of operations()) {
        expect(operation).toMatchObject({ summary: expect.any(String), tags: [expect.any(String)] });
      }
    });

    it('says what each call asks of its caller, and how it refuses', () => {
      for (const { path, method, operation } of operations()) {
        const needed = impliedRefusals(path, operation as Guarded);
        const { responses } = operation;
        expect(Object.keys(responses), `${method} ${path}`).toEqual(expect.arrayContaining([...needed]));
        for (const status of needed) {
          expect(responses[status]?.content).toHaveProperty(['application/problem+json']);
        }
      }
    });

    it('has examples of the documented calls that the calls accept', async () => {
      const example = (path: string) => {
        const operation = document.paths[path]?.['post'] as unknown as {
          requestBody: { content: { 'application/json': { example: { systemId: string } } } };
        };
        return operation.requestBody.content['application/json'].example;
      };
      const token = await server.token();
      const asked = { ...example('/api/v1/ml/retrain'), systemId: 'bess-1' };
      expect((await server.call('POST', '/api/v1/ml/retrain', { token, json: asked })).status).toBe(202);
      const evaluated = { ...example('/api/v1/ml/evaluate'), systemId: 'bess-1' };
      expect((await server.call('POST', '/api/v1/ml/evaluate', { token, json: evaluated })).status).toBe(200);
    });

    it('comes with pages to read it in', async () => {
      const page = await fetch(`${server.url}/docs/`);
      expect(page.status).toBe(200);
      expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    });
  });

  it('answers whatever comes with a documented status, and never with 500', async () => {
    const token = await server.token();
    const calls = operations().filter(({ path }) => path.startsWith('/api/v1') && !path.endsWith('/stream'));
    const word = fc.oneof(
      fc.constantFrom('bess-1', '1.0.0', 'training-job', '..', '%00', '%2f', '*', '>', "' or 1=1 --", '💥'),
      fc.string({ maxLength: 300 }),
    );
    const anything = fc.record({
      call: fc.constantFrom(...calls),
      words: fc.array(word, { minLength: 2, maxLength: 2 }),
      query: fc.option(
        fc.dictionary(fc.constantFrom('limit', 'cursor', 'days', 'from', 'status', 'x'), word),
        { nil: {} },
      ),
      json: fc.option(fc.jsonValue({ maxDepth: 3 }), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(anything, async ({ call, words, query, json }) => {
        let word = 0;
        const path = call.path.replaceAll(/\{\w+\}/g, () => {
          const text = words[word % words.length] ?? '';
          word += 1;
          return text.startsWith('%') ? text : encodeURIComponent(text);
        });
        const method = call.method.toUpperCase();
        const sent = method === 'GET' ? undefined : json;
        const search = new URLSearchParams(query).toString();
        const answer = await server.call(method, `${path}?${search}`, { token, json: sent });
        expect(answer.status, answer.text).toBeLessThan(500);
      }),
      { numRuns: 150 },
    );
  });

  it('sends the same protective headers with everything', async () => {
    for (const path of [
      '/',
      '/ui',
      '/healthz',
      '/api/v1/systems',
      '/nowhere',
      '/api/v1/systems/%E0',
      '/docs/json',
    ]) {
      const { headers } = await server.call('GET', path);
      expect(headers.get('x-content-type-options'), path).toBe('nosniff');
      expect(headers.get('content-security-policy'), path).toContain('default-src');
      expect(headers.get('referrer-policy'), path).toBe('no-referrer');
      expect(headers.get('x-request-id'), path).toMatch(/^[0-9a-f-]{36}$/);
      expect(headers.get('x-powered-by'), path).toBeNull();
    }
  });

  it('serves the console’s page at every address of its own, and its files', async () => {
    const home = await server.call('GET', '/');
    expect([home.status, home.headers.get('location')]).toEqual([302, '/ui']);
    for (const path of ['/ui', '/ui/', '/ui/jobs/some-job', '/ui/jobs/v1.2.0']) {
      const page = await server.call('GET', path);
      expect([page.status, page.text], path).toEqual([200, '<!doctype html>']);
      expect(page.headers.get('content-security-policy')).toBe("default-src 'none'; script-src 'self'");
    }
    const script = await server.call('GET', '/ui/assets/app-1.js');
    expect([script.text, script.headers.get('content-encoding')]).toEqual(['start()', 'gzip']);
    expect(script.headers.get('cache-control')).toBe('immutable');
    const plain = await server.call('GET', '/ui/assets/app-1.js', {
      headers: { 'accept-encoding': 'identity' },
    });
    expect([plain.text, plain.headers.get('content-encoding')]).toEqual(['start()', null]);
    const known = await server.call('GET', '/ui/assets/app-1.js', { headers: { 'if-none-match': '"app"' } });
    expect(known.status).toBe(304);
    expect((await server.call('GET', '/ui/assets/..%2f..%2fpackage.json')).status).toBe(404);
  });

  it('tells whether it runs and whether it is ready, without telling why not', async () => {
    expect((await server.call('GET', '/healthz')).body).toEqual({ status: 'ok' });
    expect((await server.call('GET', '/readyz')).body).toEqual({
      status: 'ready',
      checks: [{ name: 'broker', ok: true }],
    });
    reachable = false;
    const answer = await server.call('GET', '/readyz');
    reachable = true;
    expect(answer.status).toBe(503);
    expect(answer.text).not.toContain('10.0.0.7');
  });

  it('measures requests by route', async () => {
    const token = await server.token();
    await server.call('GET', '/api/v1/systems/bess-1', { token });
    // A request is measured once its answer is out, which may be after the next one came.
    const { text } = await eventually(
      () => server.call('GET', '/metrics', { token }),
      (answer) => answer.text.includes('route="/api/v1/systems/:systemId"'),
    );
    expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
  });
});
