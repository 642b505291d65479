import Type from 'typebox';
import { Check } from 'typebox/value';
import type { Topics } from '../../ota/topics.ts';
import type { DeviceIdentity } from '../../ports/device-credentials.ts';
import type { Issuer } from './issuer.ts';
import { CLOUD_ACCOUNT } from './login.ts';

/** What a NATS server asks about a login, and what it is told: its "auth callout", both ways as signed tokens. */

const Request = Type.Object({
  /** When the server stops waiting, seconds since 1970. */
  exp: Type.Number(),
  nats: Type.Object({
    user_nkey: Type.String(),
    server_id: Type.Object({ id: Type.String() }),
    client_info: Type.Object({
      host: Type.Optional(Type.String()),
      type: Type.Optional(Type.String()),
      mqtt_id: Type.Optional(Type.String()),
    }),
    connect_opts: Type.Object({
      user: Type.Optional(Type.String()),
      pass: Type.Optional(Type.String()),
    }),
  }),
});

/** A login, as the server saw it. */
export interface LoginQuestion {
  readonly user: string;
  readonly secret: string;
  /** Empty for a client that does not speak MQTT. */
  readonly clientId: string;
  readonly host: string;
  /** Who asks, and about which connection: named again in the answer. */
  readonly server: string;
  readonly subject: string;
  /** Milliseconds since 1970: later answers are not heard. */
  readonly until: number;
}

/**
 * Reads a question; null when it is none. Its signature is not checked: it comes in the system account, where only
 * servers can say it.
 */
export function readQuestion(token: string): LoginQuestion | null {
  const body = token.split('.')[1];
  if (body === undefined) return null;
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
  if (!Check(Request, value)) return null;
  const { server_id, client_info, connect_opts, user_nkey } = value.nats;
  return {
    user: connect_opts.user ?? '',
    secret: connect_opts.pass ?? '',
    clientId: client_info.mqtt_id ?? '',
    host: client_info.host ?? '',
    server: server_id.id,
    subject: user_nkey,
    until: value.exp * 1000,
  };
}

interface Permissions {
  readonly name: string;
  readonly connectionTypes: readonly string[];
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** Its own topics over MQTT, and nothing else: neither NATS' own protocol nor what lies behind `$`. */
export function deviceGrant({ deviceId, systemId }: DeviceIdentity, topics: Topics): Permissions {
  const { publish, subscribe } = topics.deviceSubjects(systemId);
  return { name: deviceId, connectionTypes: ['MQTT', 'MQTT_WS'], publish, subscribe };
}

/** May connect and do nothing. */
export const emptyGrant = (name: string): Permissions => ({
  name,
  connectionTypes: ['STANDARD'],
  publish: [],
  subscribe: [],
});

/** An empty list of what is allowed would allow all. */
const only = (subjects: readonly string[]) => (subjects.length === 0 ? { deny: ['>'] } : { allow: subjects });

const VERSION = 2;

function answer(issuer: Issuer, { subject, server }: LoginQuestion, data: Readonly<Record<string, unknown>>) {
  const nats = { ...data, type: 'authorization_response', version: VERSION };
  return issuer.token({ sub: subject, aud: server, nats });
}

/** The answer that lets the client in with these permissions. */
export function granted(issuer: Issuer, question: LoginQuestion, permissions: Permissions): string {
  const nats = {
    pub: only(permissions.publish),
    sub: only(permissions.subscribe),
    subs: -1,
    data: -1,
    // The server's own limit holds: it does not heed this one over MQTT.
    payload: -1,
    allowed_connection_types: permissions.connectionTypes,
    type: 'user',
    version: VERSION,
  };
  const jwt = issuer.token({ sub: question.subject, aud: CLOUD_ACCOUNT, name: permissions.name, nats });
  return answer(issuer, question, { jwt });
}

/** The answer that keeps the client out. */
export const refused = (issuer: Issuer, question: LoginQuestion, error: string): string =>
  answer(issuer, question, { error });
