import type { Msg, NatsConnection } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import { createTopics, type Topics } from '../../ota/topics.ts';
import type { BrokerTls } from '../../ports/broker-tls.ts';
import type { DeviceCredentials } from '../../ports/device-credentials.ts';
import {
  deviceGrant,
  emptyGrant,
  granted,
  type LoginQuestion,
  readQuestion,
  refused,
} from './auth-request.ts';
import { endConnections } from './end-connections.ts';
import { NatsUnfit } from './errors.ts';
import { createIssuer, derive, type Issuer } from './issuer.ts';
import { parseAddress } from './login.ts';
import { connectInTime, connectionOptions, isRefusal } from './server.ts';

const RECONNECT_MS = 1_000;
const AUTH_SUBJECT = '$SYS.REQ.USER.AUTH';
/** Nodes share the questions: any of them can answer. */
const QUEUE = 'lifo4-auth';
/** No device id begins with `@`. */
const PROBE = '@probe';

export interface NatsDeviceAuthOptions {
  /** The cloud's own address, as the link has it: its second user is the first one's with `-auth` behind it. */
  readonly url: string;
  readonly tls?: BrokerTls | undefined;
  readonly node: string;
  readonly credentials: Pick<DeviceCredentials, 'verify'>;
  readonly logger: Logger;
  readonly prefix?: string | undefined;
  readonly reconnectMs?: number | undefined;
}

interface AuthCounts {
  readonly accepted: number;
  readonly refused: number;
  /** Logins that could not be checked: the device tries again. */
  readonly unanswered: number;
}

/** Answers a NATS server's questions about devices' logins, from the cloud's own records. */
export interface NatsDeviceAuth {
  /** Ends every connection of a device, one that is still being checked included. Throws when no server answers. */
  disconnect(deviceId: string): Promise<void>;
  counts(): AuthCounts;
  close(): Promise<void>;
}

interface Judge {
  readonly issuer: Issuer;
  readonly topics: Topics;
  readonly probeSecret: string;
  readonly verify: DeviceCredentials['verify'];
}

type Verdict = { readonly token: string; readonly refusal: string | null };

/** A device's client id is its own id: with another's it could throw that one out, or take over its session. */
async function judge(
  { issuer, topics, probeSecret, verify }: Judge,
  question: LoginQuestion,
): Promise<Verdict> {
  const { user, secret, clientId } = question;
  const deny = (refusal: string): Verdict => ({ token: refused(issuer, question, refusal), refusal });
  if (user === PROBE && secret === probeSecret)
    return { token: granted(issuer, question, emptyGrant(user)), refusal: null };
  if (clientId !== user) return deny('the client id is not the device id');
  const identity = await verify(user, secret);
  if (identity === null) return deny('unknown device, wrong secret or revoked');
  return { token: granted(issuer, question, deviceGrant(identity, topics)), refusal: null };
}

function createAnswerer(judgement: Judge, logger: Logger) {
  const counts = { accepted: 0, refused: 0, unanswered: 0 };
  const settle = (question: LoginQuestion, refusal: string | null): void => {
    counts[refusal === null ? 'accepted' : 'refused'] += 1;
    if (refusal === null) return;
    const { user, clientId, host } = question;
    const about = { username: user.slice(0, 100), client: clientId.slice(0, 100), host, reason: refusal };
    logger.warn(about, 'refused a connection');
  };
  const take = async (message: Msg): Promise<void> => {
    const question = readQuestion(message.string());
    if (question === null) throw new Error('a question about a login cannot be read');
    if (question.until < Date.now()) throw new Error('a question about a login came too late to answer');
    const { token, refusal } = await judge(judgement, question);
    settle(question, refusal);
    message.respond(token);
  };
  return {
    counts,
    /** Whoever gets no answer is kept out by the server, and tries again. */
    take: (message: Msg): void => {
      take(message).catch((error: unknown) => {
        counts.unanswered += 1;
        logger.error({ err: error }, 'the login of a device cannot be checked now');
      });
    },
  };
}

const HINT =
  'it does not ask this cloud who its devices are: make its configuration with "lifo4-ml nats config"';

/** Shorter ones are not made by us, and everything that devices are believed by hangs on it. */
const SHORTEST_PASSWORD = 24;

function checkedPassword(url: string): string {
  const { login, servers } = parseAddress(url);
  if (login.password.length >= SHORTEST_PASSWORD) return login.password;
  const problem = `NATS_URL has no user with a password of ${SHORTEST_PASSWORD} characters or more: take the one that "lifo4-ml nats config" made`;
  throw new NatsUnfit('callout-off', servers.join(', '), problem);
}

async function connectAs(options: ReturnType<typeof connectionOptions>): Promise<NatsConnection> {
  return connectInTime(options).catch((error: unknown) => {
    const server = options.servers.join(', ');
    if (isRefusal(error)) throw new NatsUnfit('callout-off', server, HINT, error);
    throw new NatsUnfit('unreachable', server, 'it does not answer: check NATS_URL and that it runs', error);
  });
}

/** A login that only this cloud knows of: the server lets it in when it asks, and believes the answer. */
async function probe(options: ReturnType<typeof connectionOptions>, pass: string): Promise<void> {
  const probing = { ...options, user: PROBE, pass, reconnect: false, ignoreAuthErrorAbort: false };
  const connection = await connectAs(probing);
  await connection.close();
}

/** Begins to answer, and makes sure that the server asks. Throws {@link NatsUnfit}. */
export async function openNatsDeviceAuth(options: NatsDeviceAuthOptions): Promise<NatsDeviceAuth> {
  const { url, node, tls, credentials, logger, prefix, reconnectMs = RECONNECT_MS } = options;
  const password = checkedPassword(url);
  const login = connectionOptions({ url, node, tls, reconnectMs, role: 'auth' });
  const connection = await connectAs(login);
  const probeSecret = derive(password, 'nats probe').toString('base64url');
  const answerer = createAnswerer(
    {
      issuer: createIssuer(password),
      topics: createTopics(prefix),
      probeSecret,
      verify: (deviceId, secret) => credentials.verify(deviceId, secret),
    },
    logger,
  );
  connection.subscribe(AUTH_SUBJECT, {
    queue: QUEUE,
    callback: (error, message) => {
      if (error === null) answerer.take(message);
      else logger.error({ err: error }, 'the NATS server does not let us answer for devices');
    },
  });
  await connection.flush();
  await probe(login, probeSecret).catch(async (error: unknown) => {
    await connection.close();
    throw error;
  });
  return {
    disconnect: (deviceId) => endConnections(connection, deviceId, logger),
    counts: () => ({ ...answerer.counts }),
    close: () => connection.drain().catch(() => connection.close()),
  };
}
