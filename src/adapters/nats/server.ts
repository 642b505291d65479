import { setTimeout as sleep } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import {
  AuthorizationError,
  connect,
  type NatsConnection,
  UserAuthenticationExpiredError,
} from '@nats-io/transport-node';
import { type BrokerTls, givenTls } from '../../ports/broker-tls.ts';
import type { RetainedPublisher } from '../../ports/retained-publisher.ts';
import { NatsUnfit } from './errors.ts';
import { AUTH_USER_SUFFIX, parseAddress } from './login.ts';

/** Connects to the server and makes sure that it can carry the link. */

const OLDEST = [2, 12] as const;
const RETRY_MS = 250;

interface ConnectOptions {
  /** `nats://user:password@host:4222`, several servers of a cluster by commas. */
  readonly url: string;
  readonly node: string;
  /** For `tls://`. */
  readonly tls?: BrokerTls | undefined;
  readonly reconnectMs: number;
  /** As which of the cloud's two users. */
  readonly role?: 'cloud' | 'auth';
}

interface StartOptions extends ConnectOptions {
  readonly startTimeoutMs: number;
}

export function isRefusal(error: unknown): boolean {
  return error instanceof AuthorizationError || error instanceof UserAuthenticationExpiredError;
}

/** Of a connection that comes back by itself for ever. */
export function connectionOptions({ url, node, tls = {}, reconnectMs, role = 'cloud' }: ConnectOptions) {
  const { servers, login, isTls } = parseAddress(url);
  const user = role === 'auth' ? `${login.user}${AUTH_USER_SUFFIX}` : login.user;
  return {
    servers: [...servers],
    ...(login.user === '' ? {} : { user, pass: login.password }),
    ...(isTls ? { tls: givenTls(tls) } : {}),
    name: `lifo4-ml ${role} ${node}`,
    maxReconnectAttempts: -1,
    reconnectTimeWait: reconnectMs,
    reconnectJitter: reconnectMs,
    ignoreAuthErrorAbort: true,
  };
}

/** What TLS makes of a certificate that it cannot trust, or of one that is missing. */
function isAboutCertificate(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^ERR_(TLS|SSL)|CERT|UNABLE_TO_(VERIFY|GET)/.test(code);
}

function explain(error: unknown, servers: readonly string[], isTls: boolean): NatsUnfit {
  const name = servers.join(', ');
  if (isRefusal(error))
    return new NatsUnfit(
      'login-refused',
      name,
      'it refuses the login: check user and password in NATS_URL',
      error,
    );
  if (isAboutCertificate(error)) {
    const reason = error instanceof Error ? error.message : String(error);
    const hint = `its certificate or ours is refused (${reason}): check LIFO4_BROKER_CA, LIFO4_BROKER_CERT and the name in NATS_URL`;
    return new NatsUnfit('certificate', name, hint, error);
  }
  const problem = isTls
    ? 'it does not answer over TLS: check NATS_URL and that it runs with TLS, or write nats:// where it has none'
    : 'it does not answer: check NATS_URL and that it runs';
  return new NatsUnfit('unreachable', name, problem, error);
}

/** The client waits without end for the greeting of a server that takes connections and says nothing. */
const GREETING_MS = 10_000;
const LEAST_WAIT_MS = 500;

/** Connects, or rejects when the server has not greeted in time; a connection that comes later is closed. */
export async function connectInTime(
  options: ReturnType<typeof connectionOptions>,
  ms = GREETING_MS,
): Promise<NatsConnection> {
  const settled = new AbortController();
  const connecting = connect(options);
  const late = sleep(ms, null, { signal: settled.signal });
  const connection = await Promise.race([connecting, late]).finally(() => settled.abort());
  if (connection !== null) return connection;
  connecting.then(
    (unwanted) => unwanted.close(),
    () => undefined,
  );
  throw new Error(`no greeting within ${Math.round(ms)} ms`);
}

async function firstConnection(login: StartOptions, until: number): Promise<NatsConnection> {
  const options = connectionOptions(login);
  for (;;) {
    try {
      const left = until - performance.now();
      return await connectInTime(options, Math.max(LEAST_WAIT_MS, Math.min(GREETING_MS, left)));
    } catch (error) {
      const isFinal = isRefusal(error) || isAboutCertificate(error);
      if (isFinal || performance.now() > until)
        throw explain(error, options.servers, options.tls !== undefined);
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
export async function connectFit(login: StartOptions, publisher: RetainedPublisher): Promise<NatsConnection> {
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
