import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import {
  BrokerPortTaken,
  type EmbeddedBroker,
  startEmbeddedBroker,
} from '../adapters/embedded/broker/start.ts';
import { createMqttDeviceLink } from '../adapters/mqtt/device-link.ts';
import { createMqttPublisher } from '../adapters/mqtt/publisher.ts';
import { openNatsDeviceAuth } from '../adapters/nats/device-auth.ts';
import { createNatsDeviceLink } from '../adapters/nats/device-link.ts';
import type { DeviceCredentials } from '../ports/device-credentials.ts';
import type { DeviceLink } from '../ports/device-link.ts';
import type { DeliveryCounts } from '../ports/uplink-delivery.ts';
import { awaitBroker } from './await-broker.ts';
import type { Closing } from './closing.ts';
import type { Config } from './config.ts';
import { unusablePlace } from './listening.ts';
import { BadSetting } from './settings/read.ts';

const PATIENCE_MS = 30_000;

/** The link to devices, and where they find it. */
export interface OpenedLink {
  readonly link: DeviceLink;
  /** Address of the MQTT listener for devices. */
  readonly mqttUrl: string;
  readonly disconnectDevice: (deviceId: string) => Promise<void>;
  /** What this node kept out or let go since its start, by what it was. */
  readonly drops: () => LinkDrops;
}

/** Counts by the words of the metric's label; each of them is a line of the log too. */
export type LinkDrops = Readonly<Record<string, number>>;

const undelivered = ({ dead, ignored }: DeliveryCounts): LinkDrops => ({
  'message-given-up': dead,
  'foreign-topic': ignored,
});

/**
 * Devices elsewhere keep the broker's address in their settings: a port that was found free once is used again,
 * unless somebody else has it now.
 */
async function startOnKnownPort(
  { dataDir, mqttPort }: Config,
  start: (port: number) => Promise<EmbeddedBroker>,
): Promise<EmbeddedBroker> {
  if (mqttPort !== 0) return start(mqttPort);
  const file = join(dataDir, 'mqtt-port');
  const known = Number(await readFile(file, 'utf8').catch(() => '0'));
  const broker = await start(Number.isInteger(known) && known > 0 && known < 65_536 ? known : 0).catch(
    (error: unknown) => {
      if (error instanceof BrokerPortTaken) return start(0);
      throw error;
    },
  );
  await writeFile(file, `${broker.port}\n`);
  return broker;
}

async function openEmbedded(
  config: Config,
  credentials: DeviceCredentials,
  logger: Logger,
  closing: Closing,
): Promise<OpenedLink> {
  // Both ends of this login live in this process: nobody else needs to know it. No device id begins with `@`.
  const cloud = { username: '@cloud', password: randomBytes(24).toString('base64url') };
  const broker = await startOnKnownPort(config, (port) =>
    startEmbeddedBroker({ credentials, cloud, logger, host: config.host, port, prefix: config.topicPrefix }),
  ).catch((error: unknown) => {
    throw error instanceof BrokerPortTaken
      ? new BadSetting('LIFO4_MQTT_PORT', `${error.message}: choose another one, or leave it out`)
      : unusablePlace(config, error);
  });
  closing.add('MQTT broker', () => broker.close());
  const link = createMqttDeviceLink({
    url: broker.url,
    ...cloud,
    node: config.node,
    logger,
    prefix: config.topicPrefix,
  });
  closing.add('device link', () => link.close());
  return {
    ...{ link, mqttUrl: broker.url },
    disconnectDevice: async (deviceId) => broker.disconnect(deviceId),
    drops: () => {
      const { refusedConnections, refusedPublishes, refusedSubscriptions, oversizePackets } = broker.counts();
      return {
        ...undelivered(link.uplinkCounts()),
        ...{ login: refusedConnections, publish: refusedPublishes, subscription: refusedSubscriptions },
        oversize: oversizePackets,
      };
    },
  };
}

interface Login {
  readonly username: string;
  readonly password: string;
}

/** Of the first of several addresses. */
function loginOf(url: string): Login {
  const { username, password } = new URL(url.split(',')[0] ?? url);
  return { username: decodeURIComponent(username), password: decodeURIComponent(password) };
}

interface OutsideOptions {
  readonly config: Config;
  readonly mqttUrl: string;
  readonly credentials: DeviceCredentials;
  readonly logger: Logger;
  readonly closing: Closing;
  readonly patienceMs: number;
}

/** An MQTT broker that knows the devices by its own records, and ends the connections of revoked ones itself. */
async function openMqtt({
  config,
  mqttUrl,
  logger,
  closing,
  patienceMs,
}: OutsideOptions): Promise<OpenedLink> {
  const { node, topicPrefix: prefix, brokerTls: tls } = config;
  const login = { url: mqttUrl, tls, ...loginOf(mqttUrl), node, logger };
  const link = createMqttDeviceLink({ ...login, prefix });
  closing.add('device link', () => link.close());
  await awaitBroker(link, login, patienceMs);
  const drops = () => undelivered(link.uplinkCounts());
  return { link, mqttUrl: withoutLogin(mqttUrl), disconnectDevice: async () => undefined, drops };
}

/** A NATS server: its MQTT listener for what is retained, JetStream for what comes, our records for who it is. */
async function openNats(
  { config, mqttUrl, credentials, logger, closing, patienceMs }: OutsideOptions,
  natsUrl: string,
): Promise<OpenedLink> {
  const { node, topicPrefix: prefix, brokerTls: tls } = config;
  const login = loginOf(mqttUrl).username === '' ? loginOf(natsUrl) : loginOf(mqttUrl);
  const about = { url: natsUrl, tls, node, logger, prefix };
  const mqtt = { url: mqttUrl, tls, ...login, node, logger };
  const publisher = createMqttPublisher(mqtt);
  const link = await createNatsDeviceLink({ ...about, publisher, startTimeoutMs: patienceMs });
  closing.add('device link', () => link.close());
  const auth = await openNatsDeviceAuth({ ...about, credentials });
  closing.add('device logins', () => auth.close());
  await awaitBroker(link, mqtt, patienceMs);
  return {
    ...{ link, mqttUrl: withoutLogin(mqttUrl), disconnectDevice: auth.disconnect },
    drops: () => {
      const { refused, unanswered } = auth.counts();
      return { ...undelivered(link.uplinkCounts()), login: refused, 'login-unchecked': unanswered };
    },
  };
}

/** Devices get their address without our login. */
function withoutLogin(text: string): string {
  const url = new URL(text);
  url.username = '';
  url.password = '';
  return url.href;
}

/**
 * The embedded broker, or the outside one that the settings name, which has `patienceMs` to answer. Throws
 * {@link BadSetting}.
 */
export async function openDeviceLink(
  config: Config,
  credentials: DeviceCredentials,
  root: Logger,
  closing: Closing,
  patienceMs = PATIENCE_MS,
): Promise<OpenedLink> {
  const logger = root.child({ part: 'device-link' });
  if (config.mqttUrl === null) return openEmbedded(config, credentials, logger, closing);
  const options = { config, mqttUrl: config.mqttUrl, credentials, logger, closing, patienceMs };
  return config.natsUrl === null ? openMqtt(options) : openNats(options, config.natsUrl);
}
