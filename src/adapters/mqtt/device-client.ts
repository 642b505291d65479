import mqttPacket from 'mqtt-packet';
import type { Logger } from 'pino';
import { createTopics } from '../../ota/topics.ts';
import type { BrokerTls } from '../../ports/broker-tls.ts';
import {
  type CloudLink,
  CloudLinkClosed,
  CloudLinkRefused,
  CloudLinkTimeout,
  type DownlinkListener,
} from '../../ports/cloud-link.ts';
import { type Backoff, createConnection } from './connection.ts';
import { type Incoming, PacketTooLarge } from './session.ts';

const PUBLISH_TIMEOUT_MS = 30_000;
/** A ping costs about 160 bytes on the air: every 4 minutes stays under 2 MB a month. */
const KEEPALIVE_SECONDS = 240;

export interface MqttDeviceClientOptions {
  readonly url: string;
  readonly tls?: BrokerTls | undefined;
  readonly deviceId: string;
  readonly secret: string;
  readonly systemId: string;
  readonly logger: Logger;
  readonly prefix?: string | undefined;
  readonly backoff?: Backoff | undefined;
  readonly publishTimeoutMs?: number | undefined;
  readonly keepaliveSeconds?: number | undefined;
}

function createDownlink() {
  const listeners = new Set<DownlinkListener>();
  return {
    add(listener: DownlinkListener): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    pass({ payload }: Incoming): void {
      for (const listener of [...listeners]) listener(payload.length === 0 ? null : payload);
    },
  };
}

/**
 * A device's link over MQTT, logged in as the device itself. What the cloud retains is read at QoS 0: it comes
 * again at every connection, and its acceptance is the application's answer.
 */
export function createMqttDeviceClient(options: MqttDeviceClientOptions): CloudLink {
  // The library would make 65,536 buffers of two bytes at its first packet: 10 MB that a device has better uses for.
  mqttPacket.writeToStream.cacheNumbers = false;
  const { deviceId, systemId, publishTimeoutMs = PUBLISH_TIMEOUT_MS } = options;
  const topics = createTopics(options.prefix);
  const desired = createDownlink();
  const config = createDownlink();
  const copied = createDownlink();
  const byTopic = new Map([
    [topics.downlink('desired', systemId), desired],
    [topics.downlink('config', systemId), config],
    [topics.downlink('copied', systemId), copied],
  ]);
  const connection = createConnection({
    url: options.url,
    tls: options.tls,
    username: deviceId,
    password: options.secret,
    clientId: deviceId,
    clean: true,
    keepaliveSeconds: options.keepaliveSeconds ?? KEEPALIVE_SECONDS,
    subscriptions: Object.fromEntries([...byTopic.keys()].map((topic) => [topic, { qos: 0 as const }])),
    logger: options.logger,
    backoff: options.backoff,
    onMessage: (message) => byTopic.get(message.topic)?.pass(message),
  });
  return {
    start: () => connection.start(),
    publish: async (kind, payload) => {
      const topic = topics.uplink(kind, systemId);
      const outcome = await connection.publish(topic, payload, kind === 'state', publishTimeoutMs);
      if (outcome === 'timeout') throw new CloudLinkTimeout(kind, publishTimeoutMs);
      if (outcome === 'closed') throw new CloudLinkClosed();
    },
    onDesired: (listener) => desired.add(listener),
    onConfig: (listener) => config.add(listener),
    onCopied: (listener) => copied.add(listener),
    onConnected: (listener) => connection.onConnected(listener),
    onDisconnected: (listener) =>
      connection.onDisconnected((refusal) =>
        listener(
          refusal === null || refusal instanceof PacketTooLarge
            ? refusal
            : new CloudLinkRefused(deviceId, refusal.message),
        ),
      ),
    connected: () => connection.connected(),
    close: () => connection.close(),
  };
}
