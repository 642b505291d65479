import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import type { OtelSettings } from '../adapters/otel/settings.ts';
import type { Sharing } from '../cloud/dependencies.ts';
import type { BrokerTls } from '../ports/broker-tls.ts';
import { readBrokerTls } from './settings/broker-tls.ts';
import { type DatabaseSettings, readDatabase } from './settings/database.ts';
import { type InfluxSettings, readInflux } from './settings/influx.ts';
import { type ObjectStoreSettings, readObjectStore } from './settings/object-store.ts';
import { readOtel } from './settings/otel.ts';
import { type PriceSettings, readPrices } from './settings/prices.ts';
import { address, BadSetting, type Environment, named, oneOf, text, wholeNumber } from './settings/read.ts';
import { readTrust, type TrustSettings } from './settings/trust.ts';

/** Everything that the environment decides, read once at start. */
export interface Config {
  /** Folder of all embedded state, absolute. */
  readonly dataDir: string;
  /** Where the API listens. */
  readonly host: string;
  readonly port: number;
  readonly database: DatabaseSettings;
  /** An outside InfluxDB for telemetry; null for PostgreSQL. */
  readonly influx: InfluxSettings | null;
  readonly prices: PriceSettings;
  /** An outside object store for models and data sets; null for a folder. */
  readonly objectStore: ObjectStoreSettings | null;
  /** An outside MQTT broker or a NATS server's MQTT listener; null for the embedded broker. */
  readonly mqttUrl: string | null;
  /** NATS server with JetStream; null without one. */
  readonly natsUrl: string | null;
  /** For an outside broker: whom to trust, and what to show. */
  readonly brokerTls: BrokerTls;
  /** Port of the embedded broker, 0 for any free one. */
  readonly mqttPort: number;
  readonly topicPrefix: string;
  /** Name of this node at an outside broker: unique among the nodes, kept over restarts. */
  readonly node: string;
  /** The address under which people and devices reach this server; null for `http://host:port`. */
  readonly publicUrl: string | null;
  readonly logLevel: string;
  /** Folder of the keys that sign tokens, assignments and addresses: the same for all nodes of a cloud. */
  readonly keysDir: string;
  /** Signed metadata that devices verify models by. */
  readonly trust: TrustSettings;
  /** Jobs that this node trains at the same time; 0 leaves them to workers. */
  readonly trainings: number;
  /** A file in the data folder, or standard output where something else collects it. */
  readonly logTo: 'file' | 'stdout';
  /** Models of one training that are fitted at the same time. */
  readonly modelsAtOnce: number;
  /** Whether models of one job are offered to other nodes: never, while one is idle, or always. */
  readonly shareModels: Sharing['offers'];
  /** How long a device may take to answer an offer, ms. */
  readonly offerLifetimeMs: number;
  /** How long forecasts and their scores by hour are kept, ms. */
  readonly forecastsKeptMs: number;
  /** Whether the models that did not serve are scored too. */
  readonly memberScores: boolean;
  /** How long data sets are kept after their last job, ms. */
  readonly dataSetsKeptMs: number;
  /** Where alerts are posted, and the secret that signs them; null for nowhere. */
  readonly alertWebhook: { readonly url: string; readonly secret: string } | null;
  /** Whether an alert starts a retrain on recent data by itself. */
  readonly retrainOnAlert: boolean;
  /** Where traces go; null for nowhere. */
  readonly otel: OtelSettings | null;
  /** Window after a weekly slot over which the sites' retrains begin, ms. */
  readonly retrainWindowMs: number;
  /** Calls a minute of a token and of a device, on each node; 0 for no limit. */
  readonly rateLimits: { readonly perMinute: number; readonly devicePerMinute: number };
  /** Added to the machine's time to get the sites' time, ms. */
  readonly clockOffsetMs: number;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];
const HOUR_MS = 3_600_000;
const LEAST_SECRET = 16;

const TLS_SETTINGS = {
  caFile: 'LIFO4_BROKER_CA',
  certFile: 'LIFO4_BROKER_CERT',
  keyFile: 'LIFO4_BROKER_KEY',
} as const;

function brokerTls(env: Environment): BrokerTls {
  const { caFile, certFile, keyFile } = TLS_SETTINGS;
  const files = { caFile: text(env, caFile), certFile: text(env, certFile), keyFile: text(env, keyFile) };
  return readBrokerTls(files, TLS_SETTINGS);
}

function sharing(env: Environment): Sharing['offers'] {
  const chosen = oneOf(env, 'LIFO4_SPREAD_MODELS', 'never', ['never', 'idle', 'always']);
  return chosen === 'idle' || chosen === 'always' ? chosen : 'never';
}

/** Without a secret nobody could tell whether a message is ours. */
function readWebhook(env: Environment): Config['alertWebhook'] {
  const url = address(env, 'LIFO4_ALERT_WEBHOOK', ['http:', 'https:']);
  if (url === null) return null;
  const secret = text(env, 'LIFO4_ALERT_WEBHOOK_SECRET') ?? '';
  if (secret.length < LEAST_SECRET)
    throw new BadSetting(
      'LIFO4_ALERT_WEBHOOK_SECRET',
      `set it to a secret of at least ${LEAST_SECRET} characters that the receiver knows`,
    );
  return { url, secret };
}

/** Reads the settings from an environment. Throws {@link BadSetting}. */
export function readConfig(env: Environment): Config {
  const natsUrl = address(env, 'NATS_URL', ['nats:', 'tls:']);
  const mqttUrl = address(env, 'MQTT_URL', ['mqtt:', 'mqtts:']);
  if (natsUrl !== null && mqttUrl === null) {
    throw new BadSetting(
      'MQTT_URL',
      'set it to the MQTT listener of the NATS server, for example mqtt://host:1883',
    );
  }
  const dataDir = resolve(text(env, 'LIFO4_DATA') ?? 'data');
  const keysDir = resolve(text(env, 'LIFO4_KEYS') ?? join(dataDir, 'keys'));
  return {
    dataDir,
    keysDir,
    trust: readTrust(env, keysDir),
    host: text(env, 'LIFO4_HOST') ?? '127.0.0.1',
    port: wholeNumber(env, 'LIFO4_PORT', 8420, { min: 1, max: 65_535 }),
    database: readDatabase(env),
    influx: readInflux(env),
    prices: readPrices(env),
    objectStore: readObjectStore(env),
    mqttUrl,
    natsUrl,
    brokerTls: brokerTls(env),
    mqttPort: wholeNumber(env, 'LIFO4_MQTT_PORT', 0, { min: 0, max: 65_535 }),
    node: named(env, 'LIFO4_NODE', 'cloud-1'),
    topicPrefix: named(env, 'LIFO4_TOPIC_PREFIX', 'lifo4'),
    publicUrl: address(env, 'LIFO4_PUBLIC_URL', ['http:', 'https:'])?.replace(/\/+$/, '') ?? null,
    logLevel: oneOf(env, 'LIFO4_LOG_LEVEL', 'info', LOG_LEVELS),
    trainings: wholeNumber(env, 'LIFO4_TRAININGS', 1, { min: 0, max: 64 }),
    logTo: oneOf(env, 'LIFO4_LOG', 'file', ['file', 'stdout']),
    modelsAtOnce: wholeNumber(env, 'LIFO4_MODELS_AT_ONCE', availableParallelism(), { min: 1, max: 64 }),
    shareModels: sharing(env),
    offerLifetimeMs: wholeNumber(env, 'LIFO4_OFFER_HOURS', 24, { min: 1, max: 8760 }) * HOUR_MS,
    dataSetsKeptMs: wholeNumber(env, 'LIFO4_DATA_SET_DAYS', 400, { min: 7, max: 3650 }) * 24 * HOUR_MS,
    forecastsKeptMs: wholeNumber(env, 'LIFO4_FORECAST_DAYS', 60, { min: 8, max: 3650 }) * 24 * HOUR_MS,
    memberScores: oneOf(env, 'LIFO4_MEMBER_SCORES', 'on', ['on', 'off']) === 'on',
    alertWebhook: readWebhook(env),
    retrainOnAlert: oneOf(env, 'LIFO4_ALERT_RETRAIN', 'off', ['on', 'off']) === 'on',
    otel: readOtel(env),
    retrainWindowMs: wholeNumber(env, 'LIFO4_RETRAIN_SPREAD_MINUTES', 180, { min: 0, max: 4320 }) * 60_000,
    rateLimits: {
      perMinute: wholeNumber(env, 'LIFO4_RATE_PER_MINUTE', 6_000, { min: 0, max: 1_000_000 }),
      devicePerMinute: wholeNumber(env, 'LIFO4_DEVICE_RATE_PER_MINUTE', 1_200, { min: 0, max: 1_000_000 }),
    },
    clockOffsetMs: 0,
  };
}

/** The settings of which a file must exist. Throws {@link BadSetting}. */
export function existingFile(setting: string, path: string): string {
  const absolute = resolve(path);
  if (!existsSync(absolute)) throw new BadSetting(setting, `there is no file ${absolute}`);
  return absolute;
}

/** Every value of the settings that nobody may read in a log. Logins in addresses are known by their form. */
export const secretsOf = (config: Config): readonly (string | null | undefined)[] => [
  config.alertWebhook?.secret,
  config.objectStore?.secretKey,
  config.influx?.token,
  config.trust.passphrase,
  ...Object.values(config.otel?.headers ?? {}),
];
