import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { OpenSpan, Tracing } from '../../ports/tracing.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null where nothing is traced. */
    span: OpenSpan | null;
  }
}

/** Asked every few seconds by machines: their traces would hide all others. */
const UNTRACED: ReadonlySet<string> = new Set(['/metrics', '/healthz', '/readyz']);

/** The names of the conventions for HTTP; never the query, which may hold what nobody should read. */
function attributesOf({ method, url, id, routeOptions }: FastifyRequest) {
  return {
    'http.request.method': method,
    'http.route': routeOptions.url ?? 'none',
    'url.path': (url.split('?', 1)[0] ?? '').slice(0, 300),
    'lifo4.request': id,
  };
}

/** The caller's own trace goes on here, if it sends one. */
function startRequestSpan(tracing: Tracing, request: FastifyRequest): OpenSpan {
  const { traceparent } = request.headers;
  return tracing.start(`${request.method} ${request.routeOptions.url ?? 'none'}`, {
    kind: 'server',
    parent: typeof traceparent === 'string' ? traceparent : null,
    attributes: attributesOf(request),
  });
}

/** Every request is a span, within which all runs that answers it. Costs nothing where nothing is traced. */
export function installTracing(app: FastifyInstance, tracing: Tracing): void {
  app.decorateRequest('span', null);
  if (!tracing.enabled) return;
  app.addHook('onRequest', (request, _reply, done) => {
    if (UNTRACED.has(request.routeOptions.url ?? '')) return done();
    request.span = startRequestSpan(tracing, request);
    request.span.run(done);
  });
  // What reads the body goes on from the socket, outside of the span.
  app.addHook('preValidation', (request, _reply, done) => {
    if (request.span === null) done();
    else request.span.run(done);
  });
  app.addHook('onResponse', (request, { statusCode }, done) => {
    const { span } = request;
    span?.set({ 'http.response.status_code': statusCode });
    if (statusCode >= 500) span?.fail(`status ${statusCode}`);
    span?.end();
    done();
  });
}
