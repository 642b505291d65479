import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt, importJWK, type JWK, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadSigningKey } from '../adapters/keys/signing-key.ts';
import { runProgram } from './program.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lifo4-access-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function run(...args: readonly string[]) {
  const written = { out: '', err: '' };
  const into = (name: 'out' | 'err') => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  const env = { LIFO4_KEYS: join(folder, 'keys') };
  const code = await runProgram(args, {
    ...{ stdout: into('out'), stderr: into('err'), env, signal: new AbortController().signal },
  });
  return { code, ...written };
}

describe('lifo4-ml keys and token', () => {
  it('make a cloud’s keys once, and print the public one that devices trust', async () => {
    const made = await run('keys');
    expect(made.code).toBe(0);
    expect((await readdir(join(folder, 'keys'))).sort()).toEqual(['artifact-addresses', 'devices', 'tokens']);
    const { trustedKeys } = JSON.parse(made.out);
    expect(trustedKeys).toEqual([
      { kid: 'embedded-1', publicKey: (await loadSigningKey(join(folder, 'keys', 'devices'))).publicKey },
    ]);
    expect(made.out).not.toContain('"d"');
    expect((await run('keys')).out).toBe(made.out);
  });

  it('issue tokens that the key of the nodes has signed', async () => {
    await run('keys');
    const wishes = ['--tenant', 'acme', '--scopes', 'ml:read,admin', '--systems', 'a, b', '--days', '7'];
    const { code, out } = await run('token', ...wishes);
    expect(code).toBe(0);
    const { publicKey } = await loadSigningKey(join(folder, 'keys', 'tokens'));
    const key = await importJWK(publicKey as JWK, 'ES256');
    const { payload } = await jwtVerify(out.trim(), key, { issuer: 'lifo4-ml', audience: 'lifo4-ml-api' });
    expect(payload).toMatchObject({ tenant: 'acme', scope: 'ml:read admin', systems: ['a', 'b'] });
    const { iat = 0, exp = 0 } = decodeJwt(out.trim());
    expect(exp - iat).toBe(7 * 86_400);
  });

  it.each([
    ['a folder without keys', ['--tenant', 'acme'], /LIFO4_KEYS/],
    ['an unknown scope', ['--tenant', 'acme', '--scopes', 'all'], /--scopes/],
    ['too many days', ['--tenant', 'acme', '--days', '9999'], /365/],
    ['no tenant', [], /--tenant/],
  ])('tell of %s in one line', async (_name, args, message) => {
    const { code, out, err } = await run('token', ...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
    expect(await readdir(folder)).toEqual([]);
  });
});
