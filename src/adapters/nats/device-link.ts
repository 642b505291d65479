import type { NatsConnection } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import { createTopics } from '../../ota/topics.ts';
import type { BrokerTls } from '../../ports/broker-tls.ts';
import type { DeviceLink } from '../../ports/device-link.ts';
import type { RetainedPublisher } from '../../ports/retained-publisher.ts';
import { createUplinkDelivery, type DeliveryCounts, NO_DELIVERIES } from '../../ports/uplink-delivery.ts';
import { NatsUnfit } from './errors.ts';
import { connectFit } from './server.ts';
import { openUplinkReader, type UplinkReader } from './uplink-reader.ts';
import { openConsumer } from './uplink-stream.ts';

const RECONNECT_MS = 1_000;
const START_TIMEOUT_MS = 30_000;

export interface NatsDeviceLinkOptions {
  /** `nats://user:password@host:4222`: a user who may use JetStream and read everything under the prefix. */
  readonly url: string;
  readonly tls?: BrokerTls | undefined;
  /** Name of this node, for the server's own lists. */
  readonly node: string;
  readonly logger: Logger;
  /**
   * Publishes through the server's MQTT listener: what a NATS client publishes would not be retained. The link
   * owns it and closes it, also when it cannot be made: a publisher that goes on connecting keeps the process alive.
   */
  readonly publisher: RetainedPublisher;
  readonly prefix?: string | undefined;
  readonly reconnectMs?: number | undefined;
  /** How long the server may take to answer at the start; 30 s. */
  readonly startTimeoutMs?: number | undefined;
  /** The wait before a failed message is handled again, doubled each time; 100 ms. */
  readonly firstRetryMs?: number;
}

export interface NatsDeviceLink extends DeviceLink {
  /** Messages handled, tried again and given up since the start. */
  uplinkCounts(): DeliveryCounts;
}

interface Reading {
  readonly reader: UplinkReader;
  readonly counts: () => DeliveryCounts;
}

/** Follows the connection's state, and says in the log when it changes. */
function follow(connection: NatsConnection, logger: Logger): () => boolean {
  let up = true;
  const turn = (now: boolean): void => {
    up = now;
    logger.warn({ server: connection.getServer() }, now ? 'connected to NATS again' : 'lost NATS');
  };
  const turns: Readonly<Record<string, boolean>> = { disconnect: false, reconnect: true };
  const run = async (): Promise<void> => {
    for await (const { type } of connection.status()) {
      const now = turns[type];
      if (now !== undefined) turn(now);
    }
  };
  run().catch((error: unknown) =>
    logger.error({ err: error }, 'the state of the NATS connection is unknown'),
  );
  return () => up;
}

async function closeConnection(connection: NatsConnection): Promise<void> {
  // Draining sends what acknowledgements are still on their way; a lost connection has nothing to drain.
  await connection.drain().catch(() => connection.close());
}

/** Before any device speaks, so that nothing is said into the void. */
async function prepareStream(connection: NatsConnection, options: NatsDeviceLinkOptions): Promise<void> {
  try {
    await openConsumer(connection, createTopics(options.prefix));
  } catch (error) {
    const server = connection.getServer();
    await connection.close();
    throw new NatsUnfit(
      'not-permitted',
      server,
      'the stream of what devices say cannot be made: let the user in NATS_URL use $JS.API.> and $JS.ACK.>, and give JetStream room for 1 GB',
      error,
    );
  }
}

async function openConnection(options: NatsDeviceLinkOptions): Promise<NatsConnection> {
  const { url, node, tls, publisher } = options;
  const { reconnectMs = RECONNECT_MS, startTimeoutMs = START_TIMEOUT_MS } = options;
  const connection = await connectFit({ url, node, tls, reconnectMs, startTimeoutMs }, publisher);
  await prepareStream(connection, options);
  return connection;
}

function openReading(connection: NatsConnection, options: NatsDeviceLinkOptions, handler: Handler): Reading {
  const { logger, firstRetryMs } = options;
  const delivery = createUplinkDelivery({
    handler,
    logger,
    ...(firstRetryMs === undefined ? {} : { firstRetryMs }),
  });
  const topics = createTopics(options.prefix);
  const retryMs = options.reconnectMs ?? RECONNECT_MS;
  const reader = openUplinkReader({ connection, topics, delivery, logger, retryMs });
  return {
    reader,
    counts: () => ({ ...delivery.counts(), dead: delivery.counts().dead + reader.dead() }),
  };
}

type Handler = Parameters<DeviceLink['onUplink']>[0];

/**
 * The cloud's link over a NATS server: devices speak MQTT to it, what they say is kept in a stream and read with
 * explicit acknowledgements, shared among nodes. Reads once {@link DeviceLink.onUplink} is called, which can have
 * one handler at a time. Throws `NatsUnfit`.
 */
export async function createNatsDeviceLink(options: NatsDeviceLinkOptions): Promise<NatsDeviceLink> {
  const { publisher, logger } = options;
  const topics = createTopics(options.prefix);
  const connection = await openConnection(options).catch(async (error: unknown) => {
    await publisher.close();
    throw error;
  });
  const up = follow(connection, logger);
  let reading: Reading | null = null;
  const stopReading = async (): Promise<void> => {
    const current = reading;
    reading = null;
    await current?.reader.close();
  };
  return {
    publishDesired: (systemId, payload) => publisher.publish(topics.downlink('desired', systemId), payload),
    publishAlerts: (systemId, payload) => publisher.publish(topics.downlink('alert', systemId), payload),
    publishConfig: (systemId, payload) => publisher.publish(topics.downlink('config', systemId), payload),
    publishCopied: (systemId, payload) => publisher.publish(topics.downlink('copied', systemId), payload),
    onUplink: async (handler) => {
      if (reading !== null) throw new Error('the link already has a handler: remove it first');
      reading = openReading(connection, options, handler);
      return stopReading;
    },
    connected: () => up() && publisher.connected(),
    onConnected: (listener) => publisher.onConnected(listener),
    close: async () => {
      await stopReading();
      await closeConnection(connection);
      await publisher.close();
    },
    uplinkCounts: () => reading?.counts() ?? NO_DELIVERIES,
  };
}
