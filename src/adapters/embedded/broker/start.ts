import { type EventEmitter, once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { Aedes, type Client } from 'aedes';
import type { Logger } from 'pino';
import { CLOUD_CLIENT_PREFIX, createTopics, MAX_MESSAGE_BYTES } from '../../../ota/topics.ts';
import type { DeviceCredentials } from '../../../ports/device-credentials.ts';
import { type Access, type CloudLogin, createAccess, unauthorized, unavailable } from './access.ts';
import { limitFrames, OversizePacket } from './frame-limit.ts';

/** Room for a topic and the fixed parts of a packet beside its payload. */
const PACKET_OVERHEAD = 1024;
const CONNECT_TIMEOUT_MS = 10_000;

/** The broker's port is taken. */
export class BrokerPortTaken extends Error {
  override readonly name = 'BrokerPortTaken';
  readonly port: number;

  constructor(port: number, cause: unknown) {
    super(`port ${port} for the MQTT broker is taken by another program`, {
      cause,
    });
    this.port = port;
  }
}

export interface EmbeddedBrokerOptions {
  /** Devices log in as their `deviceId` with their secret, and use that id as client id too. */
  readonly credentials: DeviceCredentials;
  /** The cloud's own login; its client ids start with `CLOUD_CLIENT_PREFIX`. */
  readonly cloud: CloudLogin;
  readonly logger: Logger;
  readonly prefix?: string;
  /** 127.0.0.1 when left out. */
  readonly host?: string;
  /** A free one when left out. */
  readonly port?: number;
}

interface BrokerCounts {
  /** Clients connected now. */
  readonly clients: number;
  readonly refusedConnections: number;
  readonly refusedPublishes: number;
  readonly refusedSubscriptions: number;
  readonly oversizePackets: number;
}

export interface EmbeddedBroker {
  readonly port: number;
  /** From this machine, for example `mqtt://127.0.0.1:1883`. */
  readonly url: string;
  /** Ends the connections of a device that was revoked; its next login finds it revoked. */
  disconnect(deviceId: string): void;
  counts(): BrokerCounts;
  close(): Promise<void>;
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new BrokerPortTaken(port, error);
    }
    throw error;
  }
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

/** An address that this machine reaches a listener on `host` by. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

async function createAedes(access: Access, logger: Logger): Promise<Aedes> {
  return Aedes.createBroker({
    connectTimeout: CONNECT_TIMEOUT_MS,
    maxTopicLevels: 10,
    preConnect: (client, packet, done) => {
      // A device's truth is what is retained and what it answers: a session of its own would only pile up here.
      if (!packet.clientId.startsWith(CLOUD_CLIENT_PREFIX)) packet.clean = true;
      done(null, !client.closed);
    },
    authenticate: (client, username, password, done) => {
      access.authenticate(client, username ?? '', password?.toString() ?? '').then(
        (identity) => (identity === null ? done(unauthorized(), false) : done(null, true)),
        (error: unknown) => {
          logger.error({ err: error, client: client.id }, 'the credentials of a client cannot be checked');
          done(unavailable(), false);
        },
      );
    },
    authorizePublish: (client, packet, done) => {
      try {
        access.publish(client, packet);
        done(null);
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    },
    authorizeSubscribe: (client, subscription, done) =>
      done(null, access.maySubscribe(client, subscription) ? subscription : null),
  });
}

/** Counts and logs what clients do wrong on the wire. */
function watchErrors(broker: Aedes, logger: Logger): () => number {
  let oversize = 0;
  const note = (client: Client, error: Error): void => {
    if (error instanceof OversizePacket) oversize += 1;
    // A socket that was closed, by either side, is told so by its stream: devices come and go.
    if (error.name === 'AbortError') logger.info({ client: client.id }, 'a client’s connection ended');
    else logger.warn({ client: client.id, reason: error.message }, 'a client lost its connection');
  };
  broker.on('clientError', note);
  broker.on('connectionError', note);
  const emitter: EventEmitter = broker;
  emitter.on('error', (error: unknown) => logger.error({ err: error }, 'the MQTT broker failed'));
  return () => oversize;
}

/**
 * Starts an MQTT 3.1.1 broker inside this process. It keeps nothing on disk: whatever is retained is published
 * again by the cloud, from the log, and by the devices when they connect. Throws {@link BrokerPortTaken}.
 */
export async function startEmbeddedBroker(options: EmbeddedBrokerOptions): Promise<EmbeddedBroker> {
  const { credentials, cloud, logger, host = '127.0.0.1' } = options;
  const access = createAccess({ credentials, cloud, logger, topics: createTopics(options.prefix) });
  const broker = await createAedes(access, logger);
  const oversize = watchErrors(broker, logger);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.once('close', () => sockets.delete(socket)));
    socket.setNoDelay(true);
    broker.handle(limitFrames(socket, MAX_MESSAGE_BYTES + PACKET_OVERHEAD));
  });
  const closeBroker = () => new Promise<void>((resolve) => broker.close(resolve));
  const port = await listen(server, host, options.port ?? 0).catch(async (error: unknown) => {
    await closeBroker();
    throw error;
  });
  logger.info({ port }, 'the MQTT broker is ready');
  return {
    port,
    url: `mqtt://${reachable(host)}:${port}`,
    disconnect: access.disconnect,
    counts: () => ({ ...access.counts(), clients: broker.connectedClients, oversizePackets: oversize() }),
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await closeBroker();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
