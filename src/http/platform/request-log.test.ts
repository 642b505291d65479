import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import pino from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { createOtelTracing } from '../../adapters/otel/tracing.ts';
import { readOtel } from '../../main/settings/otel.ts';
import { NO_TRACING, type Tracing } from '../../ports/tracing.ts';
import { installErrorHandler } from '../problem/error-handler.ts';
import { installTracing } from './tracing.ts';

const CALLER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';

/** Traces that nobody receives. */
function unsampled(): Tracing {
  const settings = readOtel({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    OTEL_TRACES_SAMPLER: 'always_off',
  });
  if (settings === null) throw new Error('tracing is off');
  const logger = pino({ level: 'silent' });
  const tracing = createOtelTracing({ settings, clean: (text) => text, logger });
  onTestFinished(() => tracing.close());
  return tracing;
}

/** Asks a server whose every route fails, and answers the line that it logs with the id in the answer. */
async function failing(url: string, tracing: Tracing) {
  const lines: Record<string, unknown>[] = [];
  const logger: FastifyBaseLogger = pino(
    { base: null },
    { write: (line) => void lines.push(JSON.parse(line)) },
  );
  const app: FastifyInstance = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => 'request-7',
  });
  onTestFinished(() => app.close());
  installTracing(app, tracing);
  installErrorHandler(app);
  const fail = async (): Promise<never> => {
    throw new Error('the disk is full');
  };
  app.post('/jobs/:jobId', fail);
  app.get('/systems/:systemId', fail);
  app.get('/systems/:systemId/device-journals/:deviceId/:installationId', fail);
  app.get('/systems/:systemId/devices/:deviceId', fail);
  app.get('/all', fail);
  const method = url.startsWith('/jobs') ? 'POST' : 'GET';
  const body = method === 'POST' ? { payload: { reason: 'x' } } : {};
  const answer = await app.inject({ method, url, headers: { traceparent: CALLER }, ...body });
  expect(answer.json()).toMatchObject({ status: 500, instance: 'urn:uuid:request-7' });
  return lines;
}

it.each([
  ['/jobs/j-1', 'training-job-j-1'],
  ['/systems/s-1', 'site-s-1'],
  ['/systems/s-1/devices/d-1', 'device-d-1'],
  ['/systems/s-1/device-journals/d-1/i-1', 'device-journal-d-1-i-1'],
])('a failed request to %s is logged with the stream %s, its id and the trace', async (url, stream) => {
  expect(await failing(url, unsampled())).toMatchObject([
    {
      ...{ msg: 'request failed', stream, request: 'request-7', correlation: 'request-7' },
      trace_id: CALLER.split('-')[1],
    },
  ]);
});

it('names no stream and no trace where there is none', async () => {
  const [line = {}] = await failing('/all', NO_TRACING);
  expect(line).toMatchObject({ msg: 'request failed', correlation: 'request-7' });
  expect(line).not.toHaveProperty('stream');
  expect(line).not.toHaveProperty('trace_id');
});
