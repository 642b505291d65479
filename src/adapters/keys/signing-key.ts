import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import Type, { type Static } from 'typebox';
import { Check } from 'typebox/value';

/** The key that signs tokens when no identity provider is configured, kept in a folder. */

const PrivateKey = Type.Object({
  kty: Type.Literal('EC'),
  crv: Type.Literal('P-256'),
  x: Type.String(),
  y: Type.String(),
  d: Type.String(),
});

export interface SigningKey {
  readonly privateKey: JWK;
  readonly publicKey: JWK;
}

/** The key file is there but holds no key. */
export class UnusableSigningKey extends Error {
  override readonly name = 'UnusableSigningKey';
  readonly path: string;

  constructor(path: string) {
    super(
      `${path} holds no ES256 key: restore it, or remove it to have a new one (tokens issued before end)`,
    );
    this.path = path;
  }
}

const FILE = 'token-signing-key.json';

function parseKey(path: string, text: string): SigningKey {
  let key: unknown;
  try {
    key = JSON.parse(text);
  } catch {
    throw new UnusableSigningKey(path);
  }
  if (!Check(PrivateKey, key)) throw new UnusableSigningKey(path);
  const { d, ...publicKey }: Static<typeof PrivateKey> = key;
  return { privateKey: { ...publicKey, d }, publicKey };
}

async function createKey(path: string): Promise<void> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, JSON.stringify(await exportJWK(privateKey)), { mode: 0o600 });
  // A link never overwrites: when two programs start at once, both end up with the first one's key.
  await link(temporary, path).catch(ignore('EEXIST'));
  await unlink(temporary);
}

const ignore = (code: string) => (error: unknown) => {
  if (!(error instanceof Error && 'code' in error && error.code === code)) throw error;
};

const read = (path: string): Promise<string | null> =>
  readFile(path, 'utf8').catch((error: unknown) => {
    ignore('ENOENT')(error);
    return null;
  });

/**
 * The ES256 key of the folder, made at the first call and readable by its owner alone. Rejects with
 * {@link UnusableSigningKey} rather than replacing a damaged file.
 */
export async function loadSigningKey(folder: string): Promise<SigningKey> {
  const path = join(folder, FILE);
  await mkdir(folder, { recursive: true });
  const existing = await read(path);
  if (existing !== null) return parseKey(path, existing);
  await createKey(path);
  return parseKey(path, await readFile(path, 'utf8'));
}
