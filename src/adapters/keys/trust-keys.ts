import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { link, mkdir, readdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  NotATrustKey,
  type TrustKey,
  type TrustSigner,
  trustKeyOf,
  trustSignerOf,
} from '../../ota/tuf/keys.ts';

/** Key files of signed metadata: Ed25519 as PKCS #8 in PEM, under a passphrase where one is given. */

/** The file holds no key that can be used, or not with this passphrase. */
export class UnusableKeyFile extends Error {
  override readonly name = 'UnusableKeyFile';
  readonly path: string;

  constructor(path: string, problem: string) {
    super(`${path}: ${problem}`);
    this.path = path;
  }
}

const ENDING = '.pem';
const PUBLIC_ENDING = '.pub';

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

function problemOf(error: unknown): string {
  if (error instanceof NotATrustKey) return error.message;
  const code = codeOf(error);
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'ERR_MISSING_PASSPHRASE')
    return 'it is under a passphrase: set LIFO4_KEY_PASSPHRASE, or name a file with it';
  if (code === 'ERR_OSSL_BAD_DECRYPT') return 'the passphrase is wrong';
  return `it holds no key that can be used (${error instanceof Error ? error.message : String(error)})`;
}

async function read<T>(path: string, make: (text: string) => T): Promise<T> {
  try {
    return make(await readFile(path, 'utf8'));
  } catch (error) {
    throw new UnusableKeyFile(path, problemOf(error));
  }
}

const privateKeyOf = (pem: string, passphrase: string | undefined): KeyObject =>
  createPrivateKey({ key: pem, format: 'pem', ...(passphrase === undefined ? {} : { passphrase }) });

/** The private key of a file. Rejects with {@link UnusableKeyFile}. */
export const loadTrustSigner = (path: string, passphrase: string | undefined): Promise<TrustSigner> =>
  read(path, (pem) => trustSignerOf(privateKeyOf(pem, passphrase)));

/** The public key of a file that holds one. Rejects with {@link UnusableKeyFile}. */
export const loadTrustKey = (path: string): Promise<TrustKey> =>
  read(path, (pem) => trustKeyOf(createPublicKey(pem)));

/** Every private key of a folder; none when there is no folder. Rejects with {@link UnusableKeyFile}. */
export async function loadTrustSigners(
  folder: string,
  passphrase: string | undefined,
): Promise<readonly TrustSigner[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  const files = names.filter((name) => name.endsWith(ENDING)).sort();
  return Promise.all(files.map((name) => loadTrustSigner(join(folder, name), passphrase)));
}

/**
 * Makes a key at `path`, readable by its owner alone, and its public part beside it as `.pub`. Never overwrites.
 * Rejects with {@link UnusableKeyFile}.
 */
export async function makeTrustKey(path: string, passphrase: string | undefined): Promise<TrustKey> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const protection = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem', ...protection });
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, pem, { mode: 0o600 });
  try {
    await link(temporary, path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    throw new UnusableKeyFile(path, 'there is a file already, which is never overwritten: name another one');
  } finally {
    await unlink(temporary);
  }
  await writeFile(`${path}${PUBLIC_ENDING}`, publicKey.export({ type: 'spki', format: 'pem' }));
  return trustKeyOf(publicKey);
}
