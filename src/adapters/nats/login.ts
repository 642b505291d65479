/** The account in which the cloud and its devices talk. */
export const CLOUD_ACCOUNT = 'LIFO4';
/** The cloud's second user has the first one's name with this behind it, and the same password. */
export const AUTH_USER_SUFFIX = '-auth';

export interface NatsLogin {
  readonly user: string;
  readonly password: string;
}

/** An address without its login, which is the first server's; `servers` are safe to log. */
interface ParsedAddress {
  readonly servers: readonly string[];
  readonly login: NatsLogin;
  readonly isTls: boolean;
}

const DEFAULT_PORT = '4222';

/** Reads `nats://user:password@host:4222`, several servers of a cluster by commas. */
export function parseAddress(url: string): ParsedAddress {
  const parsed = url
    .split(',')
    .map((part) => new URL(part.includes('://') ? part.trim() : `nats://${part.trim()}`));
  return {
    servers: parsed.map(({ hostname, port }) => `${hostname}:${port === '' ? DEFAULT_PORT : port}`),
    login: {
      user: decodeURIComponent(parsed[0]?.username ?? ''),
      password: decodeURIComponent(parsed[0]?.password ?? ''),
    },
    isTls: parsed.some(({ protocol }) => protocol === 'tls:'),
  };
}
