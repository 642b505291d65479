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

/** Reads the files. Throws {@link BadSetting}. */
export function readBrokerTls({ caFile, certFile, keyFile }: BrokerTlsFiles, names: Names): BrokerTls {
  if ((certFile === undefined) !== (keyFile === undefined))
    throw new BadSetting(names.certFile, `give it together with ${names.keyFile}`);
  return {
    ca: pem(names.caFile, caFile),
    cert: pem(names.certFile, certFile),
    key: pem(names.keyFile, keyFile),
  };
}
