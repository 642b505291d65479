import {
  AckPolicy,
  type Consumer,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream';
import { type NatsConnection, nanos } from '@nats-io/transport-node';
import { type Topics, UPLINKS } from '../../ota/topics.ts';

/**
 * What devices say, kept in a stream on the subjects that the server maps their topics to, and read by one
 * durable consumer that all nodes share: what arrives while no node runs waits there.
 */

/** How long a message may be worked on before the server gives it to another node. */
export const ACK_WAIT_MS = 60_000;
/** Messages that may be worked on at once, over all nodes. */
export const MAX_UNACKNOWLEDGED = 1_000;

const DURABLE = 'cloud';
const KEPT_MS = 7 * 86_400_000;
const KEPT_BYTES = 1024 ** 3;

const STREAM_NOT_FOUND = 10059;
const CONSUMER_NOT_FOUND = 10014;

function isMissing(error: unknown): boolean {
  return error instanceof JetStreamApiError && [STREAM_NOT_FOUND, CONSUMER_NOT_FOUND].includes(error.code);
}

/** What the server does not have is null. */
export async function orNull<T>(found: Promise<T>): Promise<T | null> {
  return found.catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
}

/** Limits an operator has changed are left as they are; only missing subjects are added. */
async function ensureStream(
  manager: JetStreamManager,
  name: string,
  subjects: readonly string[],
): Promise<void> {
  const existing = await orNull(manager.streams.info(name));
  if (existing === null) {
    await manager.streams.add({
      name,
      subjects: [...subjects],
      storage: StorageType.File,
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.Old,
      max_age: nanos(KEPT_MS),
      max_bytes: KEPT_BYTES,
    });
    return;
  }
  const missing = subjects.filter((subject) => !existing.config.subjects.includes(subject));
  if (missing.length === 0) return;
  await manager.streams.update(name, {
    ...existing.config,
    subjects: [...existing.config.subjects, ...missing],
  });
}

async function ensureConsumer(manager: JetStreamManager, stream: string): Promise<void> {
  if ((await orNull(manager.consumers.info(stream, DURABLE))) !== null) return;
  await manager.consumers.add(stream, {
    durable_name: DURABLE,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: nanos(ACK_WAIT_MS),
    max_deliver: -1,
    max_ack_pending: MAX_UNACKNOWLEDGED,
  });
}

export const streamName = ({ prefix }: Topics): string => `${prefix}-uplink`;

/** Makes what is missing, a store that was lost included, and opens the consumer. */
export async function openConsumer(connection: NatsConnection, topics: Topics): Promise<Consumer> {
  const manager = await jetstreamManager(connection);
  const stream = streamName(topics);
  const subjects = UPLINKS.map((name) => topics.uplinkSubject(name));
  await ensureStream(manager, stream, subjects);
  await ensureConsumer(manager, stream);
  return manager.jetstream().consumers.get(stream, DURABLE);
}
