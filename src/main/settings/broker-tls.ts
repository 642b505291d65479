import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { BrokerTls } from '../../ports/broker-tls.ts';
import { BadSetting } from './read.ts';

/** Files of {@link BrokerTls}. */
export interface BrokerTlsFiles {
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** Names of the three settings, for what is said about them. */
type Names = Readonly<Record<keyof BrokerTlsFiles, string>>;

function pem(setting: string, path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new BadSetting(
      setting,
      `the file ${path} cannot be read: ${error instanceof Error ? error.message : error}`,
    );
  }
}

const certificateOf = (text: string): X509Certificate => new X509Certificate(text);

/** The libraries below would end the program, or trust nobody without a word. */
function checked<T>(
  setting: string,
  text: string | undefined,
  what: string,
  read: (text: string) => T,
): T | null {
  if (text === undefined) return null;
  try {
    return read(text);
  } catch {
    throw new BadSetting(setting, `the file holds no ${what} in PEM; name one that does`);
  }
}

/** Reads the files. Throws {@link BadSetting}. */
export function readBrokerTls({ caFile, certFile, keyFile }: BrokerTlsFiles, names: Names): BrokerTls {
  if ((certFile === undefined) !== (keyFile === undefined))
    throw new BadSetting(names.certFile, `give it together with ${names.keyFile}`);
  const ca = pem(names.caFile, caFile);
  const cert = pem(names.certFile, certFile);
  const key = pem(names.keyFile, keyFile);
  checked(names.caFile, ca, 'certificate', certificateOf);
  const own = checked(names.certFile, cert, 'certificate', certificateOf);
  const ownKey = checked(names.keyFile, key, 'private key without a passphrase', createPrivateKey);
  if (own !== null && ownKey !== null && !own.checkPrivateKey(ownKey))
    throw new BadSetting(names.keyFile, `this key is not the one of the certificate ${certFile}`);
  return { ca, cert, key };
}
