import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { SequencedFact } from '../../src/events/envelope.ts';
import { LeaseLost, RegistryConflict, VersionConflict } from '../../src/ports/event-log.ts';
import {
  append,
  claimRequest,
  commitOf,
  effect,
  enqueue,
  type LogAndQueue,
  newStream,
  noted,
  until,
} from './fixtures.ts';

function registry(node: () => LogAndQueue): void {
  describe('registry', () => {
    const claim = (key: string, value: string) =>
      ({ operation: 'claim', kind: 'unfinished-job', key, value }) as const;

    test('a claimed key refuses another value and names its holder', async () => {
      const key = randomUUID();
      await node().log.commit(
        commitOf(append(newStream(), 0, [noted('x')], { registry: [claim(key, 'job-1')] })),
      );
      const late = newStream();
      const second = commitOf(append(late, 0, [noted('x')], { registry: [claim(key, 'job-2')] }));
      await expect(node().log.commit(second)).rejects.toEqual(
        new RegistryConflict('unfinished-job', key, 'job-1'),
      );
      expect(await node().log.readStream(late)).toEqual([]);
      const same = commitOf(append(newStream(), 0, [noted('x')], { registry: [claim(key, 'job-1')] }));
      await node().log.commit(same);
      expect(await node().log.lookup('unfinished-job', key)).toBe('job-1');
    });

    test('of concurrent claims one wins', async () => {
      const key = randomUUID();
      const racers = Array.from({ length: 8 }, (_, i) =>
        node().log.commit(
          commitOf(append(newStream(), 0, [noted('x')], { registry: [claim(key, `job-${i}`)] })),
        ),
      );
      const results = await Promise.allSettled(racers);
      const winner = results.findIndex(({ status }) => status === 'fulfilled');
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await node().log.lookup('unfinished-job', key)).toBe(`job-${winner}`);
    });

    test('set overwrites; release removes only the value it names; operations on one key keep their order', async () => {
      const key = randomUUID();
      const change = async (
        ...registry: readonly { operation: 'set' | 'release' | 'claim'; value: string }[]
      ): Promise<string | null> => {
        const full = registry.map((op) => ({ ...op, kind: 'active-device' as const, key }));
        await node().log.commit(commitOf(append(newStream(), 0, [noted('x')], { registry: full })));
        return node().log.lookup('active-device', key);
      };
      expect(await change({ operation: 'set', value: 'a' })).toBe('a');
      expect(await change({ operation: 'set', value: 'b' })).toBe('b');
      expect(await change({ operation: 'release', value: 'a' })).toBe('b');
      expect(await change({ operation: 'release', value: 'b' }, { operation: 'claim', value: 'c' })).toBe(
        'c',
      );
      expect(await change({ operation: 'release', value: 'c' })).toBeNull();
    });

    test('entries of a kind come by key, in pages', async () => {
      const keys = ['a', 'b', 'c'].map((letter) => `${letter}-${randomUUID()}`);
      const registry = keys.map(
        (key) => ({ operation: 'set', kind: 'latest-assignment', key, value: '1' }) as const,
      );
      await node().log.commit(commitOf(append(newStream(), 0, [noted('x')], { registry })));
      const page = await node().log.entries('latest-assignment', '', 2);
      expect(page).toEqual(keys.slice(0, 2).map((key) => ({ key, value: '1' })));
      const rest = await node().log.entries('latest-assignment', page[1]?.key ?? '', 10);
      expect(rest.map(({ key }) => key)).toEqual(keys.slice(2));
    });
  });
}

function completingAnEffectWithTheFactsThatAnswerIt(node: () => LogAndQueue): void {
  describe('completing an effect with the facts that answer it', () => {
    test('both or neither; a stale worker writes nothing', async () => {
      const work = await enqueue(node(), effect(`fence-${randomUUID()}`, { type: 'fence', priority: 9 }));
      const [stale] = await node().effects.claim(claimRequest({ leaseMs: 1, limit: 1 }));
      const fresh = await until(async () => (await node().effects.claim(claimRequest({ limit: 1 }))).at(0));
      if (stale === undefined) throw new Error('nothing was claimed');
      expect(fresh.key).toBe(stale.key);
      const answer = newStream();
      const late = { appends: [append(answer, 0, [noted('stale')])], completes: stale };
      await expect(node().log.commit(late)).rejects.toEqual(new LeaseLost(stale.key));
      expect(await node().log.readStream(answer)).toEqual([]);

      const conflicting = { appends: [append(work, 0, [noted('wrong version')])], completes: fresh };
      await expect(node().log.commit(conflicting)).rejects.toBeInstanceOf(VersionConflict);
      expect(await node().effects.ofStream(work)).toHaveLength(1);

      const right = { appends: [append(work, 1, [noted('done')])], completes: fresh };
      await node().log.commit(right);
      expect(await node().effects.ofStream(work)).toEqual([]);
      await node().log.commit(right);
      expect(await node().log.readStream(work)).toHaveLength(2);
      const again = { appends: [append(answer, 0, [noted('again')])], completes: fresh };
      await expect(node().log.commit(again)).rejects.toBeInstanceOf(LeaseLost);
    });

    test('a completion without facts works too', async () => {
      const work = await enqueue(node(), effect(`plain-${randomUUID()}`, { priority: 9 }));
      const [lease] = await node().effects.claim(claimRequest({ limit: 1 }));
      if (lease === undefined) throw new Error('nothing was claimed');
      await node().log.commit({ appends: [], completes: lease });
      expect(await node().effects.ofStream(work)).toEqual([]);
      await expect(node().log.commit({ appends: [], completes: lease })).rejects.toBeInstanceOf(LeaseLost);
    });
  });
}

function feed(node: () => LogAndQueue): void {
  describe('feed', () => {
    test('every fact once, dense, in stream order, with 10 writers at work', async () => {
      const start = await node().log.headSeq();
      const streams = Array.from({ length: 10 }, newStream);
      const seen: SequencedFact[] = [];
      const own = (stream: string): readonly SequencedFact[] =>
        seen.filter(({ streamId }) => streamId === stream);
      let wakes = 0;
      const off = node().log.onFacts(() => {
        wakes += 1;
      });
      const read = async (): Promise<boolean> => {
        seen.push(...(await node().log.readFeed(seen.at(-1)?.seq ?? start, 100)));
        return streams.every((stream) => own(stream).length >= 40);
      };
      const writers = streams.map(async (stream) => {
        for (let i = 0; i < 20; i += 1) {
          await node().log.commit(commitOf(append(stream, i * 2, [noted(`a ${i}`), noted(`b ${i}`)])));
        }
      });
      await Promise.all([...writers, until(read)]);
      off();
      expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, i) => start + 1 + i));
      for (const stream of streams) {
        expect(own(stream).map(({ version }) => version)).toEqual(
          Array.from({ length: 40 }, (_, i) => i + 1),
        );
      }
      expect(wakes).toBeGreaterThan(0);
      expect(await node().log.headSeq()).toBe(seen.at(-1)?.seq);
      expect(await node().log.readFeed(start + seen.length, 10)).toEqual([]);
    });

    test('facts of the feed are brought to the schema of today', async () => {
      const stream = newStream();
      const start = await node().log.headSeq();
      await node().log.commit(commitOf(append(stream, 0, [noted('old', randomUUID(), 1)])));
      const fact = await until(async () => (await node().log.readFeed(start, 10)).at(0));
      expect(fact.fact.data).toEqual({ text: 'old', language: 'pt' });
    });
  });
}

/** What a log does beyond single streams. */
export function acrossStreams(node: () => LogAndQueue): void {
  registry(node);
  completingAnEffectWithTheFactsThatAnswerIt(node);
  feed(node);
}
