import { beforeEach, describe, expect, test } from 'vitest';
import type { EventLog } from '../../src/ports/event-log.ts';
import { InvalidCursor, type ReadModels } from '../../src/ports/read-models.ts';
import type { Projection, ReadDocument } from '../../src/projections/projection.ts';
import { append, commitOf, newStream, noted, until } from './fixtures.ts';

export interface ReadModelsUnderTest {
  readonly log: EventLog;
  readonly readModels: ReadModels;
  rebuild(name: string): Promise<void>;
}

export interface Notes {
  readonly count: number;
  readonly last: string;
}

/**
 * Counts the notes of each stream; a note `twin of KEY` also counts on KEY, which only the stream's document leads
 * to; a note `forget` removes the document.
 */
export const notesProjection: Projection<Notes> = {
  name: 'notes',
  version: 1,
  keysOf: ({ streamId, fact }) => (fact.type === 'Noted' ? [streamId] : []),
  follow: (_fact, { doc }) => (doc.last.startsWith('twin of ') ? [doc.last.slice('twin of '.length)] : []),
  apply: (current, { fact, metadata, version }, key, from) => {
    const { text } = fact.data as { readonly text: string };
    if (text === 'forget') return null;
    const document: ReadDocument<Notes> = {
      key,
      tenant: from === undefined ? metadata.tenant : '',
      systemId: metadata.systemId,
      status: version > 1 ? 'many' : 'one',
      sortAt: `2026-01-0${Math.min(version, 9)}T00:00:00Z`,
      doc: { count: (current?.doc.count ?? 0) + 1, last: text },
    };
    return document;
  },
};

/** What every store of read models must do; `open` gives an empty one that folds {@link notesProjection}. */
export function readModelsContract(open: () => Promise<ReadModelsUnderTest>): void {
  let node: ReadModelsUnderTest;
  beforeEach(async () => {
    node = await open();
  });
  const write = async (stream: string, ...texts: readonly string[]): Promise<void> => {
    const version = (await node.log.readStream(stream)).length;
    await node.log.commit(
      commitOf(
        append(
          stream,
          version,
          texts.map((text) => noted(text)),
        ),
      ),
    );
  };
  const folded = async (): Promise<void> => {
    // The feed may lag behind the log for a moment: wait until it ends with a marker.
    const marker = newStream();
    await write(marker, 'marker', 'forget');
    const seq = await until(async () => {
      const head = await node.log.headSeq();
      const [first, last] = await node.log.readFeed(Math.max(0, head - 2), 2);
      return first?.streamId === marker && last?.streamId === marker && head;
    });
    expect(await node.readModels.caughtUp('notes', seq, 20_000)).toBe(true);
  };
  const notesOf = (key: string) => node.readModels.get<Notes>('notes', key);

  describe('folding', () => {
    test('documents follow the facts, also to keys that another document names, and away again', async () => {
      const [a, b, twin] = [newStream(), newStream(), `twin-${newStream()}`];
      await write(a, 'one', 'two');
      await write(b, `twin of ${twin}`, `twin of ${twin}`);
      await folded();
      expect(await notesOf(a)).toEqual({ count: 2, last: 'two' });
      expect(await notesOf(twin)).toEqual({ count: 2, last: `twin of ${twin}` });
      await write(a, 'forget');
      await folded();
      expect(await notesOf(a)).toBeNull();
      expect(await notesOf('nobody')).toBeNull();
    });

    test('a rebuild gives what the incremental fold gave', async () => {
      const streams = Array.from({ length: 12 }, newStream);
      for (const [i, stream] of streams.entries()) {
        const endings = [[], ['three'], ['three', 'forget']][i % 3] ?? [];
        await write(stream, 'one', `twin of ${streams[(i + 5) % 12]}`, ...endings);
      }
      await folded();
      const before = await Promise.all(streams.map(notesOf));
      expect(before.filter((doc) => doc !== null).length).toBeGreaterThan(6);
      await node.rebuild('notes');
      expect(await Promise.all(streams.map(notesOf))).toEqual(before);
    });

    test('waiting for what never comes ends', async () => {
      expect(await node.readModels.caughtUp('notes', 1_000_000_000, 20)).toBe(false);
    });
  });

  describe('lists', () => {
    test('a tenant sees its own, newest first, in pages that neither repeat nor skip', async () => {
      const streams = Array.from({ length: 7 }, newStream);
      for (const [i, stream] of streams.entries())
        await write(stream, ...Array.from({ length: i + 1 }, () => 'x'));
      await folded();
      const seen: number[] = [];
      let cursor: string | undefined;
      do {
        const page = await node.readModels.list<Notes>('notes', { tenant: 'tenant-a', limit: 3, cursor });
        expect(page.items.length).toBeLessThanOrEqual(3);
        seen.push(...page.items.map(({ count }) => count));
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1]);
      const other = await node.readModels.list('notes', { tenant: 'tenant-b', limit: 10 });
      expect(other).toEqual({ items: [], nextCursor: null });
    });

    test('filters by site and status', async () => {
      await write(newStream(), 'x');
      await write(newStream(), 'x', 'y');
      await folded();
      const count = async (filter: { readonly systemIds?: readonly string[]; readonly status?: string }) =>
        (await node.readModels.list('notes', { tenant: 'tenant-a', limit: 10, ...filter })).items.length;
      expect(await count({ status: 'many' })).toBe(1);
      expect(await count({ systemIds: ['site-1'] })).toBe(2);
      expect(await count({ systemIds: ['site-2'] })).toBe(0);
      expect(await count({ systemIds: [] })).toBe(0);
    });

    test('a cursor that no page gave is refused', async () => {
      for (const cursor of [
        '',
        'x',
        'bnVsbA',
        Buffer.from('["2026-99-01T00:00:00.000000Z","k"]').toString('base64url'),
      ]) {
        const listing = node.readModels.list('notes', { tenant: 'tenant-a', limit: 1, cursor });
        await expect(listing).rejects.toBeInstanceOf(InvalidCursor);
      }
    });
  });
}
