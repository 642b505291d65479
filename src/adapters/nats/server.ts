import { setTimeout as sleep } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import {
  AuthorizationError,
  connect,
  type NatsConnection,
  UserAuthenticationExpiredError,
} from '@nats-io/transport-node';
import type { Logger } from 'pino';
import type { RetainedPublisher } from '../../ports/retained-publisher.ts';
import { NatsUnfit } from './errors.ts';

/** Connects to the server and makes sure that it can carry the link. */

const OLDEST = [2, 12] as const;
const RETRY_MS = 250;

export interface NatsLogin {
  /** `nats://user:password@host:4222`, several servers of a cluster by commas. */
  readonly url: string;
  readonly node: string;
  readonly logger: Logger;
  readonly reconnectMs: number;
  readonly startTimeoutMs: number;
}

/** Addresses without their login, which is the first one's; safe to log. */
function parse(url: string) {
  const parsed = url
    .split(',')
    .map((part) => new URL(part.includes('://') ? part.trim() : `nats://${part.trim()}`));
  const user = decodeURIComponent(parsed[0]?.username ?? '');
  const pass = decodeURIComponent(parsed[0]?.password ?? '');
  const tls = parsed.some(({ protocol }) => protocol === 'tls:');
  return {
    servers: parsed.map(({ hostname, port }) => `${hostname}:${port === '' ? '4222' : port}`),
    login: user === '' ? {} : { user, pass },
    security: tls ? { tls: {} } : {},
  };
}

function isRefusal(error: unknown): boolean {
  return error instanceof AuthorizationError || error instanceof UserAuthenticationExpiredError;
}

function connectionOptions(login: NatsLogin) {
  const { servers, login: userAndPass, security } = parse(login.url);
  return {
    servers,
    ...userAndPass,
    ...security,
    name: `lifo4-ml cloud ${login.node}`,
    maxReconnectAttempts: -1,
    reconnectTimeWait: login.reconnectMs,
    reconnectJitter: login.reconnectMs,
    ignoreAuthErrorAbort: true,
  };
}

function explain(error: unknown, servers: readonly string[]): NatsUnfit {
  const name = servers.join(', ');
  return isRefusal(error)
    ? new NatsUnfit('login-refused', name, 'it refuses the login: check user and password in NATS_URL', error)
    : new NatsUnfit('unreachable', name, 'it does not answer: check NATS_URL and that it runs', error);
}

async function firstConnection(login: NatsLogin, until: number): Promise<NatsConnection> {
  const options = connectionOptions(login);
  for (;;) {
    try {
      return await connect(options);
    } catch (error) {
      if (isRefusal(error) || performance.now() > until) throw explain(error, options.servers);
      await sleep(RETRY_MS);
    }
  }
}

function isOldEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

async function checkFeatures(connection: NatsConnection): Promise<void> {
  const server = connection.getServer();
  const version = connection.info?.version ?? '0.0';
  if (!isOldEnough(version)) {
    throw new NatsUnfit(
      'too-old',
      server,
      `its version is ${version}, at least ${OLDEST.join('.')} is needed: upgrade it`,
    );
  }
  if (connection.info?.jetstream !== true) {
    throw new NatsUnfit(
      'jetstream-off',
      server,
      'JetStream is off: set "jetstream { store_dir: … }" in its configuration',
    );
  }
  await jetstreamManager(connection).catch((error: unknown) => {
    if (!(error instanceof Error) || error.name !== 'JetStreamNotEnabled') throw error;
    throw new NatsUnfit(
      'jetstream-off',
      server,
      'JetStream is off for this account: set "jetstream: enabled" for the account of the user in NATS_URL',
      error,
    );
  });
}

/** The server does not say whether its MQTT listener is on; the publisher that uses it finds out. */
async function checkMqtt(
  connection: NatsConnection,
  publisher: RetainedPublisher,
  until: number,
): Promise<void> {
  while (!publisher.connected()) {
    if (performance.now() > until) {
      throw new NatsUnfit(
        'mqtt-off',
        connection.getServer(),
        'its MQTT listener does not take our login: set "mqtt { port: 1883 }" and "server_name" in its configuration, and MQTT_URL to that port with a user who may publish and read everything under the prefix',
      );
    }
    await sleep(20);
  }
}

/** A connection that comes back by itself for ever, to a server that is fit. Throws {@link NatsUnfit}. */
export async function connectFit(login: NatsLogin, publisher: RetainedPublisher): Promise<NatsConnection> {
  const until = performance.now() + login.startTimeoutMs;
  const connection = await firstConnection(login, until);
  try {
    await checkFeatures(connection);
    await checkMqtt(connection, publisher, until);
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}
