import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importJWK, jwtVerify, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadSigningKey, UnusableSigningKey } from './signing-key.ts';

let folder: string;

describe('the signing key of a data folder', () => {
  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'keys-')), 'deeper');
  });
  afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

  it('is made once, readable by its owner alone, and signs', async () => {
    const { privateKey, publicKey } = await loadSigningKey(folder);
    expect(await loadSigningKey(folder)).toEqual({ privateKey, publicKey });
    const { mode } = await stat(join(folder, 'token-signing-key.json'));
    expect(mode & 0o777).toBe(0o600);
    expect(publicKey).not.toHaveProperty('d');
    const signed = await new SignJWT({ a: 1 })
      .setProtectedHeader({ alg: 'ES256' })
      .sign(await importJWK(privateKey, 'ES256'));
    const { payload } = await jwtVerify(signed, await importJWK(publicKey, 'ES256'));
    expect(payload).toEqual({ a: 1 });
  });

  it('is the same for all that start at once', async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => loadSigningKey(folder)));
    for (const key of keys) expect(key).toEqual(keys[0]);
  });

  it.each(['', '{', '{}', '{"kty":"EC","crv":"P-256"}', '[]'])(
    'is never replaced when the file holds %j',
    async (text) => {
      await loadSigningKey(folder);
      const path = join(folder, 'token-signing-key.json');
      await writeFile(path, text);
      await expect(loadSigningKey(folder)).rejects.toThrow(UnusableSigningKey);
      expect(await readFile(path, 'utf8')).toBe(text);
    },
  );
});
