import type { FastifyBaseLogger, FastifyRequest } from 'fastify';
import { journalStreamId, streamId } from '../../events/stream-id.ts';
import { inLog } from '../../ports/tracing.ts';

type Parameters = Readonly<Record<string, string | undefined>>;

/** The stream that an address names, null when it names none. */
function streamOf(parameters: Parameters): string | null {
  const { jobId, deploymentId, alertId, evaluationId, deviceId, installationId, systemId } = parameters;
  if (jobId !== undefined) return streamId('training-job', jobId);
  if (deploymentId !== undefined) return streamId('deployment', deploymentId);
  if (alertId !== undefined) return streamId('alert', alertId);
  if (evaluationId !== undefined) return streamId('evaluation', evaluationId);
  if (deviceId !== undefined)
    return installationId === undefined
      ? streamId('device', deviceId)
      : journalStreamId(deviceId, installationId);
  return systemId === undefined ? null : streamId('site', systemId);
}

/**
 * A logger whose lines tell of the request: `request` is the id in its answer, and what facts that it caused name as
 * their cause.
 */
export function requestLog(request: FastifyRequest): FastifyBaseLogger {
  const { id, params, span } = request;
  const stream = streamOf((params ?? {}) as Parameters);
  return request.log.child({
    ...{ request: id, correlation: id },
    ...(stream === null ? {} : { stream }),
    ...inLog(span ?? {}),
  });
}
