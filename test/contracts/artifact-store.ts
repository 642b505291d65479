import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArtifactCorrupt, ArtifactMissing, type ArtifactStore } from '../../src/ports/artifact-store.ts';

export interface ArtifactStoreHarness {
  readonly store: ArtifactStore;
  /** Changes a byte of what is stored, behind the store's back. */
  corrupt(checksum: string): Promise<void>;
  /** Whether the file lies where the yearly clean-up comes. */
  isArchived(checksum: string): Promise<boolean>;
  /** What a signed address answers: its body, or null when it is refused. */
  fetch(url: string): Promise<Uint8Array | null>;
  /** Moves the clock that addresses expire by. */
  pass(seconds: number): void;
  close(): Promise<void>;
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

const bytesOf = (text: string): Uint8Array => Buffer.from(text);
const sha256 = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const ABSENT = `sha256:${'0'.repeat(64)}`;
const NOT_CHECKSUMS = [
  '',
  'sha256:',
  '../x',
  `sha256:${'0'.repeat(63)}/`,
  `sha256:${'A'.repeat(64)}`,
  '*',
  'x'.repeat(10_000),
];

type World = () => ArtifactStoreHarness;

function storageCases(world: World): void {
  it('gives back any bytes by their checksum, whole and by range', async () => {
    const { store } = world();
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 300_000 }),
        fc.nat(),
        fc.nat(),
        async (bytes, a, b) => {
          const stored = await store.put(bytes);
          expect(stored).toEqual({ checksum: sha256(bytes), size: bytes.length });
          expect(Buffer.from(await store.get(stored.checksum)).equals(bytes)).toBe(true);
          expect(await store.size(stored.checksum)).toBe(bytes.length);
          const [start = 0, end = 0] = [a % bytes.length, b % bytes.length].sort((x, y) => x - y);
          const part = await collect(await store.read(stored.checksum, { start, end }));
          expect(part.equals(bytes.subarray(start, end + 1))).toBe(true);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('stores the same bytes once, also when many do so at once', async () => {
    const { store } = world();
    const stored = await Promise.all(Array.from({ length: 10 }, () => store.put(bytesOf('the same'))));
    expect(new Set(stored.map(({ checksum }) => checksum))).toEqual(new Set([sha256(bytesOf('the same'))]));
    expect(Buffer.from(await store.get(sha256(bytesOf('the same')))).toString()).toBe('the same');
  });

  it('ends a range at the end of the file', async () => {
    const { store } = world();
    const { checksum } = await store.put(bytesOf('0123456789'));
    expect((await collect(await store.read(checksum, { start: 7, end: 99 }))).toString()).toBe('789');
    expect((await collect(await store.read(checksum))).toString()).toBe('0123456789');
  });

  it('says that a file is missing, whatever the checksum looks like', async () => {
    const { store } = world();
    for (const checksum of [ABSENT, ...NOT_CHECKSUMS]) {
      await expect(store.get(checksum)).rejects.toThrow(ArtifactMissing);
      await expect(store.read(checksum)).rejects.toThrow(ArtifactMissing);
      expect(await store.size(checksum)).toBeNull();
    }
  });

  it('never gives out changed bytes as the file, and is mended by storing it again', async () => {
    const { store, corrupt } = world();
    const bytes = bytesOf('precious model');
    const { checksum } = await store.put(bytes);
    await corrupt(checksum);
    await expect(store.get(checksum)).rejects.toThrow(ArtifactCorrupt);
    const taken: Uint8Array[] = [];
    const take = async () => {
      for await (const piece of await store.read(checksum)) taken.push(piece);
    };
    await expect(take()).rejects.toThrow(ArtifactCorrupt);
    expect(Buffer.concat(taken).length).toBeLessThan(bytes.length);
    await store.put(bytes);
    expect(Buffer.from(await store.get(checksum)).toString()).toBe('precious model');
  });
}

function addressCases(world: World): void {
  it('signs an address that fetches the file until it expires', async () => {
    const { store, fetch, pass } = world();
    const { checksum } = await store.put(bytesOf('by address'));
    const url = await store.signedUrl(checksum, 60);
    expect(Buffer.from((await fetch(url)) ?? []).toString()).toBe('by address');
    pass(59);
    expect(await fetch(url)).not.toBeNull();
    pass(2);
    expect(await fetch(url)).toBeNull();
  });

  it('refuses an address that was changed or made up', async () => {
    const { store, fetch } = world();
    const { checksum } = await store.put(bytesOf('signed'));
    const other = await store.put(bytesOf('not signed'));
    const url = await store.signedUrl(checksum, 60);
    expect(await fetch(url.replace(checksum.slice(7), other.checksum.slice(7)))).toBeNull();
    expect(await fetch(url.replace(/expires=\d+/i, 'expires=99999999999'))).toBeNull();
    expect(await fetch(url.replace(/signature=.*/i, 'signature='))).toBeNull();
  });
}

function archiveCases(world: World): void {
  it('keeps an archived file readable and its time running, and takes it back', async () => {
    const { store, isArchived } = world();
    const { checksum, size } = await store.put(bytesOf('an old version'));
    await store.archive(checksum);
    await store.archive(checksum);
    expect(await isArchived(checksum)).toBe(true);
    expect(await store.size(checksum)).toBe(size);
    expect(Buffer.from(await store.get(checksum)).toString()).toBe('an old version');
    expect((await collect(await store.read(checksum, { start: 3, end: 5 }))).toString()).toBe('old');
    await store.unarchive(checksum);
    await store.unarchive(checksum);
    expect(await isArchived(checksum)).toBe(false);
    expect(Buffer.from(await store.get(checksum)).toString()).toBe('an old version');
  });

  it('keeps what is stored again while it is archived', async () => {
    const { store, isArchived } = world();
    const { checksum } = await store.put(bytesOf('trained again'));
    await store.archive(checksum);
    await store.put(bytesOf('trained again'));
    expect(await isArchived(checksum)).toBe(false);
    expect(Buffer.from(await store.get(checksum)).toString()).toBe('trained again');
  });

  it('can be read while it moves to and fro', async () => {
    const { store } = world();
    const { checksum } = await store.put(bytesOf('on the move'));
    let moving = true;
    const move = async () => {
      for (let n = 0; n < 10; n += 1) {
        await store.archive(checksum);
        await store.unarchive(checksum);
      }
      moving = false;
    };
    const read = async () => {
      while (moving) expect(Buffer.from(await store.get(checksum)).toString()).toBe('on the move');
    };
    await Promise.all([move(), read(), read()]);
  });

  it('tells where a file lies', async () => {
    const { store } = world();
    const { checksum } = await store.put(bytesOf('here and there'));
    expect(await store.place(checksum)).toBe('kept');
    await store.archive(checksum);
    expect(await store.place(checksum)).toBe('archived');
    await store.unarchive(checksum);
    expect(await store.place(checksum)).toBe('kept');
    for (const absent of [ABSENT, ...NOT_CHECKSUMS]) expect(await store.place(absent)).toBeNull();
  });

  it('removes what was needed for a while only, wherever it lies', async () => {
    const { store } = world();
    const [kept, archived] = [await store.put(bytesOf('a part')), await store.put(bytesOf('an old part'))];
    await store.archive(archived.checksum);
    for (const { checksum } of [kept, archived, kept]) await store.remove(checksum);
    expect(await store.size(kept.checksum)).toBeNull();
    expect(await store.size(archived.checksum)).toBeNull();
    await store.remove(ABSENT);
  });

  it('has nothing to archive where nothing is', async () => {
    const { store } = world();
    for (const checksum of [ABSENT, ...NOT_CHECKSUMS]) {
      await expect(async () => store.archive(checksum)).rejects.toThrow(ArtifactMissing);
      await expect(async () => store.unarchive(checksum)).rejects.toThrow(ArtifactMissing);
    }
  });
}

/** What every store of artifacts does, wherever the bytes lie. */
export function artifactStoreContract(name: string, start: () => Promise<ArtifactStoreHarness>): void {
  describe(`artifact store: ${name}`, () => {
    let harness: ArtifactStoreHarness | null = null;
    const world: World = () => {
      if (harness === null) throw new Error('the store was not started');
      return harness;
    };
    beforeAll(async () => {
      harness = await start();
    });
    afterAll(async () => harness?.close());
    describe('files', () => storageCases(world));
    describe('addresses', () => addressCases(world));
    describe('archive', () => archiveCases(world));
  });
}
