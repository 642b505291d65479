import pino from 'pino';
import { Registry } from 'prom-client';
import type { HttpDependencies } from '../http/dependencies.ts';
import { createHttpServer } from '../http/server.ts';
import { systemClocks } from '../ports/clocks.ts';
import { NO_TRACING } from '../ports/tracing.ts';

/** Stands in for what routes use only once they answer. */
const unused = new Proxy(
  {},
  {
    get: (_, name) => {
      throw new Error(`only the document of the API is made here, which needs no ${String(name)}`);
    },
  },
);

/** What the routes need to be described: all other parts come to use only once they answer. */
function describable(parts: Partial<HttpDependencies>): HttpDependencies {
  const given = new Map<PropertyKey, unknown>(Object.entries(parts));
  return new Proxy({} as HttpDependencies, {
    get: (_, name) => (given.has(name) ? given.get(name) : unused),
  });
}

/** The API document of this program, made without a database or a broker; `version` is shown in it. */
export async function apiDocument(version: string): Promise<object> {
  const dependencies = describable({
    ...{ clocks: systemClocks(), metrics: new Registry(), logger: pino({ level: 'silent' }) },
    ...{ readiness: [], console: null, tracing: NO_TRACING },
  });
  const app = await createHttpServer(dependencies, {
    tokens: {
      ...{ issuer: 'none', audience: 'none', algorithm: 'ES256' },
      keys: { kind: 'jwks', url: new URL('https://issuer.invalid') },
    },
    ...{ version, publicMetrics: false, trustProxy: false, heartbeatMs: 60_000 },
    rateLimits: { perMinute: 0, devicePerMinute: 0 },
  });
  const document = app.swagger();
  await app.close();
  return document;
}
