import pino, { type DestinationStream, type Logger, type LoggerOptions } from 'pino';

/**
 * Loggers that keep secrets out of what they write, wherever in a line they stand: under the name of a secret, in an
 * address, in a header that was made part of an error's text, or as a value that is known to be one.
 */

const GONE = '[removed]';

/** Values of fields whose names say that they are secret; texts in JSON, escapes included. */
const FIELDS =
  /("(?:[\w-]*(?:password|passphrase|secret|token|authorization|cookie|credential|privatekey|api-?key)|access_?key)":)"(?:[^"\\]|\\.)*"/gi;
/** `user:password@` in an address. */
const LOGINS = /(:\/\/[^\s:/?#"@]*):[^\s/"]*@/g;
const SCHEMES = /\b(Bearer|Basic)\s+[\w.~+/=-]{6,}/gi;
/** JSON web tokens: three parts, the first an object. */
const WEB_TOKENS = /\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*/g;
/** What makes an address open a door: signatures and tokens in its query. */
const SIGNED =
  /([?&](?:X-Amz-(?:Signature|Credential|Security-Token)|Signature|sig|token|access_token|password)=)[^&\s"#]+/gi;
const PEM = /-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----/gs;

/** Shorter values would be found by chance. */
const SHORTEST_SECRET = 8;

/** As JSON writes it, without the quotes. */
const written = (secret: string): string => JSON.stringify(secret).slice(1, -1);

/** Takes secrets out of a line of the log; `secrets` are values that are known to be some. */
export function createRedaction(secrets: readonly (string | null | undefined)[]): (line: string) => string {
  const known = secrets.flatMap((secret) =>
    secret == null || secret.length < SHORTEST_SECRET ? [] : [written(secret)],
  );
  return (line) => {
    const general = line
      .replace(FIELDS, `$1"${GONE}"`)
      .replace(LOGINS, `$1:${GONE}@`)
      .replace(SCHEMES, `$1 ${GONE}`)
      .replace(WEB_TOKENS, GONE)
      .replace(SIGNED, `$1${GONE}`)
      .replace(PEM, GONE);
    return known.reduce((text, secret) => text.replaceAll(secret, GONE), general);
  };
}

export interface CreateLoggerOptions extends Pick<LoggerOptions, 'level' | 'base'> {
  /** Values of settings that must not be written, whatever they look like. */
  readonly secrets?: readonly (string | null | undefined)[];
}

/** A logger whose lines carry no secrets. */
export function createLogger(
  { secrets = [], ...options }: CreateLoggerOptions,
  destination: DestinationStream = pino.destination({ dest: process.stdout.fd, sync: true }),
): Logger {
  return pino({ ...options, hooks: { streamWrite: createRedaction(secrets) } }, destination);
}
