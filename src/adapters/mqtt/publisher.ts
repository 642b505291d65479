import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { CLOUD_CLIENT_PREFIX } from '../../ota/topics.ts';
import type { BrokerTls } from '../../ports/broker-tls.ts';
import { PublisherClosed, PublishTimeout, type RetainedPublisher } from '../../ports/retained-publisher.ts';
import { type Backoff, createConnection } from './connection.ts';

const PUBLISH_TIMEOUT_MS = 15_000;
const KEEPALIVE_SECONDS = 30;

export interface CloudLoginOptions {
  /** `mqtt://host:port` or `mqtts://…`. */
  readonly url: string;
  readonly tls?: BrokerTls | undefined;
  /** A login that may publish and read everything under the prefix. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Name of this node, unique among the cloud's nodes and kept over restarts. */
  readonly node: string;
  readonly logger: Logger;
  readonly backoff?: Backoff | undefined;
  /** How long a publication may wait for a connection and the broker's acknowledgement; 15 s. */
  readonly publishTimeoutMs?: number | undefined;
}

/** What both of a node's connections share. */
export function cloudSession(options: CloudLoginOptions, role: 'publisher' | 'reader') {
  return {
    url: options.url,
    tls: options.tls,
    username: options.username,
    password: options.password,
    clientId: `${CLOUD_CLIENT_PREFIX}${options.node}-${role}`,
    keepaliveSeconds: KEEPALIVE_SECONDS,
    logger: options.logger,
    backoff: options.backoff,
  };
}

/** Publishes retained messages over MQTT, for a link whose answers come by another way. Connects at once. */
export function createMqttPublisher(options: CloudLoginOptions): RetainedPublisher {
  const { publishTimeoutMs = PUBLISH_TIMEOUT_MS } = options;
  const session = cloudSession(options, 'publisher');
  const connection = createConnection({
    ...session,
    // It has no session to come back to, and two nodes of one name would throw each other out for ever.
    clientId: `${session.clientId}-${randomBytes(6).toString('hex')}`,
    clean: true,
    subscriptions: {},
    onMessage: () => undefined,
  });
  connection.start();
  return {
    publish: async (topic, payload) => {
      const outcome = await connection.publish(topic, payload ?? new Uint8Array(0), true, publishTimeoutMs);
      if (outcome === 'timeout') throw new PublishTimeout(topic, publishTimeoutMs);
      if (outcome === 'closed') throw new PublisherClosed(topic);
    },
    connected: () => connection.connected(),
    onConnected: (listener) => connection.onConnected(listener),
    close: () => connection.close(),
  };
}
