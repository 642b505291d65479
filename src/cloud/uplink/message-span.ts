import { journalStreamId, streamId } from '../../events/stream-id.ts';
import type { SaidByDevice } from '../../ota/messages.ts';
import type { SpanOptions, Tracing } from '../../ports/tracing.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { loadDeployment } from '../streams.ts';

/** The deployment that a message is about, null when it is about none. */
function deploymentOf({ kind, message }: SaidByDevice): string | null {
  switch (kind) {
    case 'ack':
    case 'progress':
      return message.deploymentId;
    case 'state':
      return message.attempted?.deploymentId ?? null;
    case 'telemetry':
    case 'forecast':
    case 'journal':
      return null;
  }
}

function streamOf(systemId: string, said: SaidByDevice): string {
  if (said.kind === 'journal') return journalStreamId(said.message.deviceId, said.message.installationId);
  const deploymentId = deploymentOf(said);
  return deploymentId === null ? streamId('site', systemId) : streamId('deployment', deploymentId);
}

/** What each line about a device's message carries. Facts that it causes name its id as what caused them. */
export const aboutMessage = (systemId: string, said: SaidByDevice) => ({
  ...{ systemId, kind: said.kind, stream: streamOf(systemId, said) },
  correlation: said.message.messageId,
});

/**
 * An ack belongs to the trace in which its model was offered. All else that a device says of a deployment comes again
 * and again, and is only linked to it.
 */
export async function placeOfMessage(
  { actors, tracing }: Pick<CloudDependencies, 'actors'> & { readonly tracing: Tracing },
  systemId: string,
  said: SaidByDevice,
): Promise<SpanOptions> {
  const attributes = {
    ...{ 'lifo4.system': systemId, 'lifo4.device': said.message.deviceId },
    ...{ 'lifo4.stream': streamOf(systemId, said), 'lifo4.message': said.message.messageId },
  };
  const options = { kind: 'consumer', attributes } as const;
  const deploymentId = tracing.enabled ? deploymentOf(said) : null;
  if (deploymentId === null) return { ...options, parent: null };
  const [offered] = (await loadDeployment(actors, deploymentId)).facts;
  const { trace } = offered?.metadata ?? {};
  // A device says what it likes: into the trace of another site it must not get.
  if (trace === undefined || offered?.metadata.systemId !== systemId) return { ...options, parent: null };
  return said.kind === 'ack' ? { ...options, parent: trace } : { ...options, parent: null, links: [trace] };
}
