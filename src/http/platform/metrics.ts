import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Histogram, type Registry } from 'prom-client';
import { needs, open } from '../principal.ts';
import { answers, mediaAnswer } from '../schemas/answers.ts';

/** Node's own figures, with the delay of the event loop; once for a registry. */
function collectNodeMetrics(registry: Registry): void {
  if (registry.getSingleMetric('nodejs_eventloop_lag_seconds') === undefined) {
    collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 10 });
  }
}

/** Times every request by its route, never by its address, so that the number of series stays small. */
export function installRequestMetrics(app: FastifyInstance, registry: Registry): void {
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time to answer a request.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  });
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    durations.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
    done();
  });
}

export function metricsRoute(registry: Registry, isPublic: boolean): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    collectNodeMetrics(registry);
    app.get(
      '/metrics',
      {
        config: { access: isPublic ? open : needs('admin') },
        schema: {
          tags: ['operation'],
          operationId: 'getMetrics',
          summary: 'Metrics in the text form of Prometheus',
          response: answers({ 200: mediaAnswer('Metrics.', 'text/plain') }),
        },
      },
      async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()),
    );
  };
}
