import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { type BrokerTls, givenTls } from '../../ports/broker-tls.ts';

/** One connection to a broker, from its attempt to its end. Nothing of it carries over to the next. */

/** The broker answered and refused the login. */
export class LoginRefused extends Error {
  override readonly name = 'LoginRefused';
  readonly code: number;

  constructor(code: number, cause: unknown) {
    super(`the broker refuses the login (return code ${code})`, { cause });
    this.code = code;
  }
}

/** The broker did not grant a subscription. */
export class SubscriptionRefused extends Error {
  override readonly name = 'SubscriptionRefused';
  readonly filter: string;

  constructor(filter: string) {
    super(`the broker does not let this client read ${filter}: check its permissions`);
    this.filter = filter;
  }
}

/** The broker sends a message that nobody could want. */
export class PacketTooLarge extends Error {
  override readonly name = 'PacketTooLarge';

  constructor() {
    super(`the broker sent a message of more than ${MOST_PACKET_BYTES} bytes: the connection was ended`);
  }
}

export interface Incoming {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** Tells the broker that the message arrived; nothing for QoS 0 or a connection that has ended. */
  acknowledge(): void;
}

export interface SessionOptions {
  /** `mqtt://host:port` or `mqtts://…`. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** For `mqtts://`. */
  readonly tls?: BrokerTls | undefined;
  readonly clientId: string;
  /** Whether the broker forgets this client when it leaves. */
  readonly clean: boolean;
  readonly keepaliveSeconds: number;
  /** Filters to read at the given quality of service, before the connection counts as up. */
  readonly subscriptions: Readonly<Record<string, { readonly qos: 0 | 1 }>>;
  readonly onMessage: (message: Incoming) => void;
}

export interface Session {
  /** Resolves when connected and subscribed; rejects when that fails. */
  readonly ready: Promise<void>;
  /** Resolves when the connection has ended; with the error where the broker sent what cannot be read. */
  readonly ended: Promise<PacketTooLarge | null>;
  /** Resolves at the broker's acknowledgement; rejects when the connection ends before it. */
  publish(topic: string, payload: Uint8Array, retain: boolean): Promise<void>;
  end(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 20_000;
const FAREWELL_MS = 1_000;
const REFUSALS = new Set([1, 2, 4, 5]);

/** Far more than any message has: what is merely too large is read, refused and told. */
const MOST_PACKET_BYTES = 8 * 1024 * 1024;

/** The client library gathers a packet of whatever length it announces: a broker gone bad could fill the memory. */
function boundPackets(client: MqttClient, onTooLarge: (error: PacketTooLarge) => void): void {
  let bytes = 0;
  client.on('packetreceive', () => {
    bytes = 0;
  });
  client.stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MOST_PACKET_BYTES) return;
    onTooLarge(new PacketTooLarge());
    client.stream.destroy();
  });
}

/** Makes the client library leave the acknowledgement to us: it sends none for a message that failed. */
const LATER = new Error('acknowledged later');

function puback(messageId: number): Buffer {
  return Buffer.from([0x40, 0x02, messageId >> 8, messageId & 0xff]);
}

/** Hands messages on at once, side by side, and acknowledges each when its handler says so. */
function receive(client: MqttClient, onMessage: (message: Incoming) => void): void {
  client.handleMessage = (packet, done) => {
    const { topic, payload, qos, messageId } = packet;
    const acknowledge = (): void => {
      if (qos === 1 && messageId !== undefined && client.connected) client.stream.write(puback(messageId));
    };
    onMessage({ topic, payload: typeof payload === 'string' ? Buffer.from(payload) : payload, acknowledge });
    done(qos === 1 ? LATER : undefined);
  };
}

async function subscribe(client: MqttClient, subscriptions: SessionOptions['subscriptions']): Promise<void> {
  for (const [filter, { qos }] of Object.entries(subscriptions)) {
    await client.subscribeAsync(filter, { qos }).catch((error: unknown) => {
      if (client.connected) throw new SubscriptionRefused(filter);
      throw error;
    });
  }
}

function explain(error: Error): Error {
  const code = 'code' in error && typeof error.code === 'number' ? error.code : null;
  return code !== null && REFUSALS.has(code) ? new LoginRefused(code, error) : error;
}

function clientOptions(options: SessionOptions): IClientOptions {
  return {
    clientId: options.clientId,
    clean: options.clean,
    keepalive: options.keepaliveSeconds,
    protocolVersion: 4,
    reconnectPeriod: 0,
    resubscribe: false,
    manualConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    ...(options.tls === undefined ? {} : givenTls(options.tls)),
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: options.password }),
  };
}

/** Resolves once the connection is up and subscribed, with everything attached before it began. */
function establish(client: MqttClient, options: SessionOptions, ended: Promise<unknown>): Promise<void> {
  let failure: Error | null = null;
  client.on('error', (error) => {
    failure = explain(error);
  });
  receive(client, options.onMessage);
  return new Promise<void>((resolve, reject) => {
    client.once('connect', () => {
      subscribe(client, options.subscriptions).then(resolve, (error: unknown) => {
        reject(error);
        client.end(true);
      });
    });
    ended.then(
      () => reject(failure ?? new Error('the connection ended')),
      () => undefined,
    );
  });
}

async function endClient(client: MqttClient, ended: Promise<unknown>): Promise<void> {
  client.end();
  const force = setTimeout(() => client.stream.destroy(), FAREWELL_MS);
  await ended;
  clearTimeout(force);
}

/** Begins to connect; handlers are attached before, so that nothing queued at the broker is missed. */
export function openSession(options: SessionOptions): Session {
  const client = connect(options.url, clientOptions(options));
  let tooLarge: PacketTooLarge | null = null;
  const ended = new Promise<PacketTooLarge | null>((resolve) => {
    client.once('close', () => resolve(tooLarge));
  });
  const ready = establish(client, options, ended);
  client.connect();
  boundPackets(client, (error) => {
    tooLarge = error;
  });
  return {
    ready,
    ended,
    publish: (topic, payload, retain) =>
      new Promise<void>((resolve, reject) => {
        client.publish(topic, Buffer.from(payload), { qos: 1, retain }, (error) =>
          error === undefined || error === null ? resolve() : reject(error),
        );
        ended.then(
          () => reject(new Error('the connection ended')),
          () => undefined,
        );
      }),
    end: () => endClient(client, ended),
  };
}
