import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { artifactStoreContract } from '../../../test/contracts/artifact-store.ts';
import { createFileArtifactStore } from './artifact-store.ts';

const run = promisify(execFile);
const signingKey = randomBytes(32);
const baseUrl = 'http://127.0.0.1:1/api/v1/artifacts/';
const clock = { now: () => new Date() };

artifactStoreContract('folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lifo4-artifacts-'));
  let passed = 0;
  const began = Date.now();
  const moved = { now: () => new Date(began + passed * 1000) };
  const store = await createFileArtifactStore({ folder, signingKey, baseUrl, clock: moved });
  return {
    store,
    corrupt: async (checksum) => {
      const file = join(folder, checksum.slice(7, 9), checksum.slice(7));
      const bytes = await readFile(file);
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      await writeFile(file, bytes);
    },
    isArchived: (checksum) =>
      access(join(folder, checksum.slice(7, 9), checksum.slice(7))).then(
        () => false,
        () => true,
      ),
    fetch: async (address) => {
      const url = new URL(address);
      const checksum = url.pathname.split('/').at(-1) ?? '';
      const expires = url.searchParams.get('expires') ?? '';
      const signature = url.searchParams.get('signature') ?? '';
      return store.verifySignature({ checksum, expires, signature }) === 'valid' ? store.get(checksum) : null;
    },
    pass: (seconds) => {
      passed += seconds;
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
});

const PROGRAM = `
const { createFileArtifactStore } = await import(process.env.MODULE);
const store = await createFileArtifactStore({ folder: process.env.FOLDER, signingKey: Buffer.alloc(32),
  baseUrl: 'http://x/', clock: { now: () => new Date() } });
await store.put(Buffer.alloc(1_000_000)).then(
  () => console.log('stored'), (error) => console.log(error.name));
`;

describe('artifact folder', () => {
  async function folder(): Promise<string> {
    const made = await mkdtemp(join(tmpdir(), 'lifo4-artifacts-'));
    onTestFinished(() => rm(made, { recursive: true, force: true }));
    return made;
  }

  it('leaves nothing half-written when there is no room', async () => {
    const place = await folder();
    const { stdout } = await run(
      '/bin/sh',
      ['-c', 'ulimit -f 100; exec "$@"', 'limited', process.execPath, '--input-type=module', '-e', PROGRAM],
      { env: { MODULE: new URL('./artifact-store.ts', import.meta.url).href, FOLDER: place } },
    );
    expect(stdout.trim()).toBe('ArtifactStoreFull');
    expect((await readdir(place, { recursive: true })).sort()).toEqual(['archived', 'unfinished']);
  });

  it('removes what a killed writer left long ago, and nothing a living one works on', async () => {
    const place = await folder();
    await createFileArtifactStore({ folder: place, signingKey, baseUrl, clock });
    await writeFile(join(place, 'unfinished', 'old'), 'x');
    await writeFile(join(place, 'unfinished', 'new'), 'x');
    await utimes(join(place, 'unfinished', 'old'), 0, 0);
    await createFileArtifactStore({ folder: place, signingKey, baseUrl, clock });
    expect(await readdir(join(place, 'unfinished'))).toEqual(['new']);
  });

  it('removes what was archived a year ago, and nothing else', async () => {
    const place = await folder();
    const began = Date.now();
    let days = 0;
    const moved = { now: () => new Date(began + days * 86_400_000) };
    const store = await createFileArtifactStore({ folder: place, signingKey, baseUrl, clock: moved });
    const kept = await store.put(Buffer.from('runs'));
    const old = await store.put(Buffer.from('ran once'));
    const recent = await store.put(Buffer.from('ran later'));
    await store.archive(old.checksum);
    days = 364;
    await store.archive(recent.checksum);
    expect(await store.size(old.checksum)).toBe(8);
    days = 366;
    await createFileArtifactStore({ folder: place, signingKey, baseUrl, clock: moved });
    expect(await store.size(old.checksum)).toBeNull();
    expect(await store.size(recent.checksum)).toBe(9);
    expect(await store.size(kept.checksum)).toBe(4);
  });

  it('refuses a short signing key', async () => {
    const options = { folder: await folder(), signingKey: randomBytes(16), baseUrl, clock };
    await expect(createFileArtifactStore(options)).rejects.toThrow(RangeError);
  });
});
