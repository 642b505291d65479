import { createHash, timingSafeEqual } from 'node:crypto';
import type { AuthenticateError, Client, PublishPacket, Subscription } from 'aedes';
import type { Logger } from 'pino';
import { CLOUD_CLIENT_PREFIX, MAX_MESSAGE_BYTES, type Topics } from '../../../ota/topics.ts';
import type { DeviceCredentials, DeviceIdentity } from '../../../ports/device-credentials.ts';
import { OversizePacket } from './frame-limit.ts';

/** Who may connect to the embedded broker, and say and hear what there. */

export interface CloudLogin {
  readonly username: string;
  readonly password: string;
}

interface RefusalCounts {
  refusedConnections: number;
  refusedPublishes: number;
  refusedSubscriptions: number;
}

type Identity = { readonly role: 'cloud' } | { readonly role: 'device'; readonly device: DeviceIdentity };

export interface AccessOptions {
  readonly credentials: DeviceCredentials;
  readonly cloud: CloudLogin;
  readonly topics: Topics;
  readonly logger: Logger;
}

export interface Access {
  /** Null when refused. Throws when the records cannot be read. */
  authenticate(client: Client, username: string, password: string): Promise<Identity | null>;
  /** Lets the packet through, empties it where the client may not say that, or throws {@link OversizePacket}. */
  publish(client: Client | null, packet: PublishPacket): void;
  maySubscribe(client: Client, subscription: Subscription): boolean;
  /** Ends every connection of a device, one that is still being checked included. */
  disconnect(deviceId: string): void;
  counts(): Readonly<RefusalCounts>;
}

/** Where refused messages go: no filter of ours matches a topic that starts with `$`. */
const NOWHERE = '$refused';

/** Return codes of MQTT 3.1.1. */
const SERVER_UNAVAILABLE = 3;
const NOT_AUTHORIZED = 5;

function refusal(message: string, returnCode: number): AuthenticateError {
  return Object.assign(new Error(message), { returnCode }) as AuthenticateError;
}

export const unavailable = (): AuthenticateError =>
  refusal('the credentials cannot be checked now', SERVER_UNAVAILABLE);
export const unauthorized = (): AuthenticateError => refusal('not authorized', NOT_AUTHORIZED);

function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function isPowerOfTwo(n: number): boolean {
  return (n & (n - 1)) === 0;
}

/** Clients by device, from the moment they name themselves until their connection ends. */
function createRoster() {
  const clients = new Map<string, Set<Client>>();
  return {
    add(deviceId: string, client: Client): void {
      if (client.closed) return;
      const own = clients.get(deviceId) ?? new Set();
      clients.set(deviceId, own.add(client));
      client.conn.once('close', () => {
        own.delete(client);
        if (own.size === 0) clients.delete(deviceId);
      });
    },
    of: (deviceId: string): readonly Client[] => [...(clients.get(deviceId) ?? [])],
  };
}

/** Warns of the 1st, 2nd, 4th, 8th … refusal of a connection, so that a mad device does not fill the log. */
function createRefusalLog(logger: Logger) {
  const seen = new WeakMap<Client, number>();
  return (client: Client, topic: string, what: string): void => {
    const times = (seen.get(client) ?? 0) + 1;
    seen.set(client, times);
    if (isPowerOfTwo(times)) logger.warn({ client: client.id, topic: topic.slice(0, 200), times }, what);
  };
}

type Identify = (client: Client, username: string, password: string) => Promise<Identity | null>;

/** A device's client id is its own id, so that two of one name throw out only each other. */
function createIdentify(options: AccessOptions, roster: ReturnType<typeof createRoster>): Identify {
  const { credentials, cloud } = options;
  const asCloud = (client: Client, password: string): Identity | null => {
    const named = client.id.startsWith(CLOUD_CLIENT_PREFIX);
    return sameSecret(password, cloud.password) && named ? { role: 'cloud' } : null;
  };
  const asDevice = async (client: Client, deviceId: string, secret: string): Promise<Identity | null> => {
    if (client.id !== deviceId) return null;
    roster.add(deviceId, client);
    const device = await credentials.verify(deviceId, secret);
    return device === null ? null : { role: 'device', device };
  };
  return async (client, username, password) =>
    username === cloud.username ? asCloud(client, password) : asDevice(client, username, password);
}

type MayUse = (client: Client | null, topic: string) => boolean;

function createRules(topics: Topics, identities: WeakMap<Client, Identity>) {
  const allowed = (rule: (systemId: string, topic: string) => boolean): MayUse => {
    return (client, topic) => {
      const identity = client === null ? undefined : identities.get(client);
      if (identity === undefined) return false;
      return identity.role === 'cloud' || rule(identity.device.systemId, topic);
    };
  };
  return { mayPublish: allowed(topics.mayPublish), maySubscribe: allowed(topics.maySubscribe) };
}

export function createAccess(options: AccessOptions): Access {
  const { topics, logger } = options;
  const identities = new WeakMap<Client, Identity>();
  const roster = createRoster();
  const identify = createIdentify(options, roster);
  const rules = createRules(topics, identities);
  const warn = createRefusalLog(logger);
  const counts: RefusalCounts = { refusedConnections: 0, refusedPublishes: 0, refusedSubscriptions: 0 };
  return {
    authenticate: async (client, username, password) => {
      const identity = await identify(client, username, password);
      if (identity === null) {
        counts.refusedConnections += 1;
        logger.warn({ client: client.id, username: username.slice(0, 100) }, 'refused a connection');
      } else {
        identities.set(client, identity);
      }
      return identity;
    },
    publish: (client, packet) => {
      if (packet.payload.length > MAX_MESSAGE_BYTES) {
        throw new OversizePacket(packet.payload.length, MAX_MESSAGE_BYTES);
      }
      if (rules.mayPublish(client, packet.topic)) return;
      counts.refusedPublishes += 1;
      if (client !== null) warn(client, packet.topic, 'dropped a message: the client may not publish there');
      packet.topic = NOWHERE;
      packet.payload = Buffer.alloc(0);
      packet.retain = false;
    },
    maySubscribe: (client, { topic }) => {
      const may = rules.maySubscribe(client, topic);
      if (!may) {
        counts.refusedSubscriptions += 1;
        warn(client, topic, 'refused a subscription: the client may not read that');
      }
      return may;
    },
    disconnect: (deviceId) => {
      for (const client of roster.of(deviceId)) {
        logger.info({ deviceId }, 'ending the connection of a device');
        client.close();
      }
    },
    counts: () => ({ ...counts }),
  };
}
