import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { JWK } from 'jose';
import { loadSecret } from '../adapters/keys/secret.ts';
import { loadSigningKey } from '../adapters/keys/signing-key.ts';
import { createTokenIssuer } from '../http/auth/token-issuer.ts';
import { SCOPES, type Scope } from '../http/principal.ts';
import { systemClocks } from '../ports/clocks.ts';
import { readConfig } from './config.ts';
import { makeFolders } from './make-folders.ts';
import { BadSetting, type Environment } from './settings/read.ts';

/** The keys that all nodes of a cloud share, and what they vouch for. */

export const TOKEN_ISSUER = 'lifo4-ml';
export const TOKEN_AUDIENCE = 'lifo4-ml-api';
/** Devices know the key that signs for them by this name. */
export const DEVICE_KEY_ID = 'embedded-1';

export const tokenKeyFolder = (keysDir: string): string => join(keysDir, 'tokens');
export const deviceKeyFolder = (keysDir: string): string => join(keysDir, 'devices');
export const addressKeyFile = (keysDir: string): string => join(keysDir, 'artifact-addresses');

const FOLDER_CODES = new Set(['ENOENT', 'ENOTDIR', 'EEXIST', 'EACCES', 'EPERM', 'EROFS', 'EISDIR']);

/** Reads or makes keys in the keys' folder. Throws {@link BadSetting} where it cannot be made, read or written. */
export async function inKeysFolder<T>(keysDir: string, work: () => Promise<T>): Promise<T> {
  try {
    await makeFolders(keysDir);
    return await work();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && FOLDER_CODES.has(String(error.code)))) throw error;
    throw new BadSetting(
      'LIFO4_KEYS',
      `the keys in ${keysDir} cannot be made or read (${error.message}); name a folder that this user may use`,
    );
  }
}

/** Where the keys lie, and what devices of this cloud are told to trust. */
export interface KeySet {
  readonly folder: string;
  readonly trustedKeys: readonly { readonly kid: string; readonly publicKey: JWK }[];
}

/** Makes the keys that are not there yet; those that are stay as they are. Throws `UnusableSigningKey`. */
export async function ensureKeys(env: Environment): Promise<KeySet> {
  const { keysDir } = readConfig(env);
  const publicKey = await inKeysFolder(keysDir, async () => {
    await loadSigningKey(tokenKeyFolder(keysDir));
    await loadSecret(addressKeyFile(keysDir));
    return (await loadSigningKey(deviceKeyFolder(keysDir))).publicKey;
  });
  return { folder: keysDir, trustedKeys: [{ kid: DEVICE_KEY_ID, publicKey }] };
}

/** Whom a token is for, as people write it. */
export interface TokenWishes {
  readonly tenant: string;
  /** Opaque: it goes into the facts, so never a name or an e-mail address. */
  readonly subject: string;
  /** With commas between. */
  readonly scopes: string;
  readonly systems?: string;
  readonly days: number;
}

const DAY_SECONDS = 86_400;
const words = (text: string): readonly string[] => text.split(',').flatMap((word) => word.trim() || []);

function scopeOf(word: string): Scope {
  const found = SCOPES.find((scope) => scope === word);
  if (found === undefined)
    throw new BadSetting('--scopes', `write some of ${SCOPES.join(', ')}, not ${word}`);
  return found;
}

/** A token that this cloud's nodes accept. A key is never made here: it would be nobody's. Throws {@link BadSetting}. */
export async function issueToken(env: Environment, wishes: TokenWishes): Promise<string> {
  const { tenant, subject, systems, days } = wishes;
  const scopes = words(wishes.scopes).map(scopeOf);
  const folder = tokenKeyFolder(readConfig(env).keysDir);
  await access(folder).catch(() => {
    throw new BadSetting('LIFO4_KEYS', `there are no keys in ${folder}: name the folder that the cloud uses`);
  });
  const { privateKey } = await loadSigningKey(folder);
  const about = { issuer: TOKEN_ISSUER, audience: TOKEN_AUDIENCE, clock: systemClocks(0).machine };
  return createTokenIssuer({ privateKey, ...about }).issue({
    ...{ tenant, subject, scopes, ttlSeconds: days * DAY_SECONDS },
    ...(systems === undefined ? {} : { systems: words(systems) }),
  });
}
