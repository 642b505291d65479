import {
  DiscardPolicy,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream';
import { connect, headers, type NatsConnection, nanos } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import type { SequencedFact } from '../../events/envelope.ts';
import { STREAM_TYPES } from '../../events/stream-id.ts';
import type { BrokerTls } from '../../ports/broker-tls.ts';
import { type CloudEventOptions, cloudEvent, eventSubject } from './cloud-event.ts';
import { connectionOptions } from './server.ts';
import { orNull } from './uplink-stream.ts';

/** The log's facts as CloudEvents in a stream of their own, for whoever automates on them. */

const RECONNECT_MS = 1_000;
const KEPT_MS = 30 * 86_400_000;
const KEPT_BYTES = 1024 ** 3;
/** An event that comes again within this time is dropped by its id. */
const DUPLICATE_WINDOW_MS = 600_000;
/** Room for headers beside an event. */
const HEADER_BYTES = 1_024;
const PUBLISH_TIMEOUT_MS = 5_000;

export interface NatsEventPublisherOptions extends CloudEventOptions {
  readonly url: string;
  readonly tls?: BrokerTls | undefined;
  readonly node: string;
  readonly logger: Logger;
  readonly reconnectMs?: number | undefined;
}

export interface NatsEventPublisher {
  /** Resolves when the server has stored them all; throws when it has not, and all may be published again. */
  publish(facts: readonly SequencedFact[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * One subject for each type of stream, so that none overlaps with what devices say: a site may be called `events`.
 * Limits that an operator has changed are left as they are.
 */
async function ensureStream(manager: JetStreamManager, prefix: string): Promise<void> {
  const name = `${prefix}-events`;
  const subjects = STREAM_TYPES.map((type) => `${prefix}.events.${type}.*.*`);
  const known = await orNull(manager.streams.info(name));
  if (known !== null) {
    // A server that an earlier version set up does not know the types of stream that came since.
    const has = new Set(known.config.subjects);
    if (subjects.some((subject) => !has.has(subject))) await manager.streams.update(name, { subjects });
    return;
  }
  await manager.streams.add({
    name,
    subjects,
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    max_age: nanos(KEPT_MS),
    max_bytes: KEPT_BYTES,
    duplicate_window: nanos(DUPLICATE_WINDOW_MS),
  });
}

function createSender(
  connection: NatsConnection,
  client: JetStreamClient,
  options: NatsEventPublisherOptions,
) {
  const room = (): number => (connection.info?.max_payload ?? 1024 ** 2) - HEADER_BYTES;
  const encode = (fact: SequencedFact): Uint8Array => {
    const whole = cloudEvent(fact, options);
    if (whole.length <= room()) return whole;
    const about = { streamId: fact.streamId, version: fact.version, bytes: whole.length };
    options.logger.warn(about, 'an event is too large for the server and goes out without its data');
    return cloudEvent(fact, options, false);
  };
  return async (fact: SequencedFact): Promise<void> => {
    const contentType = headers();
    contentType.set('Content-Type', 'application/cloudevents+json; charset=utf-8');
    await client.publish(eventSubject(options.prefix, fact), encode(fact), {
      msgID: fact.eventId,
      headers: contentType,
      timeout: PUBLISH_TIMEOUT_MS,
    });
  };
}

/** Connects; the stream is made at the first publication, and again when the server lost it. */
export async function openNatsEventPublisher(
  options: NatsEventPublisherOptions,
): Promise<NatsEventPublisher> {
  const { url, node, tls, reconnectMs = RECONNECT_MS } = options;
  const connection = await connect(connectionOptions({ url, node, tls, reconnectMs }));
  const send = createSender(connection, jetstream(connection), options);
  return {
    publish: async (facts) => {
      await ensureStream(await jetstreamManager(connection), options.prefix);
      await Promise.all(facts.map(send));
    },
    close: () => connection.drain().catch(() => connection.close()),
  };
}
