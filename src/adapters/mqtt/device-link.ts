import { createTopics, type Topics, UPLINKS } from '../../ota/topics.ts';
import type { DeviceLink } from '../../ports/device-link.ts';
import {
  createUplinkDelivery,
  type DeliveryCounts,
  NO_DELIVERIES,
  type UplinkDelivery,
} from '../../ports/uplink-delivery.ts';
import { type Connection, createConnection } from './connection.ts';
import { type CloudLoginOptions, cloudSession, createMqttPublisher } from './publisher.ts';
import type { Incoming } from './session.ts';

export interface MqttDeviceLinkOptions extends CloudLoginOptions {
  readonly prefix?: string | undefined;
  /** The wait before a failed message is handled again, doubled each time; 100 ms. */
  readonly firstRetryMs?: number;
}

export interface MqttDeviceLink extends DeviceLink {
  /** Messages handled, tried again and given up since the start. */
  uplinkCounts(): DeliveryCounts;
}

interface Reader {
  readonly connection: Connection;
  readonly delivery: UplinkDelivery;
}

function pass(topics: Topics, delivery: UplinkDelivery) {
  return ({ topic, payload, acknowledge }: Incoming): void => {
    const parsed = topics.parse(topic);
    if (parsed === null || parsed.direction === 'down') {
      delivery.ignore(topic);
      acknowledge();
      return;
    }
    // An empty message only clears what was retained.
    if (payload.length === 0) {
      acknowledge();
      return;
    }
    const message = { kind: parsed.name, systemId: parsed.systemId, payload };
    delivery.accept(message, { acknowledge, working: () => undefined, giveUp: acknowledge });
  };
}

function openReader(topics: Topics, options: MqttDeviceLinkOptions, delivery: UplinkDelivery): Reader {
  const connection = createConnection({
    ...cloudSession(options, 'reader'),
    clean: false,
    subscriptions: Object.fromEntries(
      UPLINKS.map((name) => [topics.uplinkFilter(name), { qos: 1 as const }]),
    ),
    onMessage: pass(topics, delivery),
  });
  connection.start();
  return { connection, delivery };
}

async function closeReader({ connection, delivery }: Reader): Promise<void> {
  // Handlers that are at work finish and are acknowledged; the rest comes again at the next connection.
  await delivery.close();
  await connection.close();
}

/**
 * The cloud's link over an MQTT broker alone. Reading has a connection and a lasting session of its own (QoS 1),
 * acknowledged message by message once it is handled: what arrives while the cloud is away waits at the broker.
 * Several nodes on one broker each get every message. Connects at once; reads once {@link DeviceLink.onUplink}
 * is called, which can have one handler at a time.
 */
export function createMqttDeviceLink(options: MqttDeviceLinkOptions): MqttDeviceLink {
  const topics = createTopics(options.prefix);
  const publisher = createMqttPublisher(options);
  let reader: Reader | null = null;
  const stopReading = async (): Promise<void> => {
    const current = reader;
    reader = null;
    if (current !== null) await closeReader(current);
  };
  return {
    publishDesired: (systemId, payload) => publisher.publish(topics.downlink('desired', systemId), payload),
    publishAlerts: (systemId, payload) => publisher.publish(topics.downlink('alert', systemId), payload),
    publishConfig: (systemId, payload) => publisher.publish(topics.downlink('config', systemId), payload),
    publishCopied: (systemId, payload) => publisher.publish(topics.downlink('copied', systemId), payload),
    onUplink: async (handler) => {
      if (reader !== null) throw new Error('the link already has a handler: remove it first');
      const { logger, firstRetryMs } = options;
      const delivery = createUplinkDelivery({
        handler,
        logger,
        ...(firstRetryMs === undefined ? {} : { firstRetryMs }),
      });
      reader = openReader(topics, options, delivery);
      return stopReading;
    },
    connected: () => publisher.connected() && (reader?.connection.connected() ?? true),
    onConnected: (listener) => publisher.onConnected(listener),
    close: async () => {
      await stopReading();
      await publisher.close();
    },
    uplinkCounts: () => reader?.delivery.counts() ?? NO_DELIVERIES,
  };
}
