import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';

/** The connection string asks for something that cannot be done; the message says what to write instead. */
class BadConnectionString extends Error {
  override readonly name = 'BadConnectionString';
}

/** How to reach the server: an address without its TLS words, and what they mean. */
export interface Target {
  readonly connectionString: string;
  readonly ssl: ConnectionOptions | false;
}

const WORDS = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey'] as const;
const MODES = ['disable', 'require', 'verify-ca', 'verify-full'];

function file(word: string, path: string | null): string | null {
  if (path === null) return null;
  if (!existsSync(path)) throw new BadConnectionString(`${word}: there is no file ${path}`);
  return readFileSync(path, 'utf8');
}

function refuseNoCertificate(word: string, text: string): void {
  try {
    new X509Certificate(text);
  } catch {
    throw new BadConnectionString(`${word}: the file holds no certificate in PEM; name one that does`);
  }
}

function tlsOptions(url: URL, mode: string): ConnectionOptions {
  const [ca, cert, key] = (['sslrootcert', 'sslcert', 'sslkey'] as const).map((word) =>
    file(word, url.searchParams.get(word)),
  );
  if ((cert === null) !== (key === null))
    throw new BadConnectionString('sslcert and sslkey belong together: set both');
  for (const [word, text] of [['sslrootcert', ca] as const, ['sslcert', cert] as const])
    if (typeof text === 'string') refuseNoCertificate(word, text);
  return {
    // Without it, Node compares the certificate of an address with the name "localhost".
    host: url.hostname.replace(/^\[|\]$/g, ''),
    ...(ca === null ? {} : { ca }),
    ...(cert === null ? {} : { cert, key }),
    // As in libpq: `require` checks the issuer only where one is given, and only `verify-full` the host's name.
    rejectUnauthorized: mode !== 'require' || ca !== null,
    ...(mode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
  } as ConnectionOptions;
}

/**
 * Reads libpq's TLS words `sslmode`, `sslrootcert`, `sslcert` and `sslkey` with libpq's meaning; the driver's own
 * reading of them differs between its versions. No `sslmode` is `disable`. Throws {@link BadConnectionString}.
 */
export function targetOf(connectionString: string): Target {
  const url = new URL(connectionString);
  const mode = url.searchParams.get('sslmode') ?? 'disable';
  if (!MODES.includes(mode)) throw new BadConnectionString(`sslmode: write one of ${MODES.join(', ')}`);
  const ssl = mode === 'disable' ? false : tlsOptions(url, mode);
  for (const word of WORDS) url.searchParams.delete(word);
  return { connectionString: url.href, ssl };
}
