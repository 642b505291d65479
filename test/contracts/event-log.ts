import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { InvalidFact } from '../../src/events/catalogue.ts';
import { VersionConflict } from '../../src/ports/event-log.ts';
import { acrossStreams } from './event-log-across.ts';
import {
  append,
  claimRequest,
  commitOf,
  effect,
  type LogAndQueue,
  newStream,
  noted,
  type OpenLogAndQueue,
  until,
} from './fixtures.ts';

function streams(node: () => LogAndQueue): void {
  describe('streams', () => {
    test('facts come back in order, with all that was given', async () => {
      const stream = newStream();
      const first = noted('one');
      await node().log.commit(commitOf(append(stream, 0, [first, noted('two')])));
      await node().log.commit(commitOf(append(stream, 2, [noted('three')])));
      const facts = await node().log.readStream(stream);
      expect(facts.map(({ version }) => version)).toEqual([1, 2, 3]);
      expect(facts[0]).toMatchObject({ streamId: stream, ...first });
      expect(facts[0]?.recordedAt).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
      expect((await node().log.readStream(stream, 2)).map(({ version }) => version)).toEqual([3]);
      expect(await node().log.readStream(newStream())).toEqual([]);
    });

    test('a site’s facts come in the order of the feed, up to an instant, without its devices’ journals', async () => {
      const systemId = `site-${randomUUID()}`;
      const at = (hour: number, text: string) => {
        const fact = noted(text);
        return { ...fact, metadata: { ...fact.metadata, systemId, at: `2026-01-05T0${hour}:00:00.000Z` } };
      };
      const [one, two] = [newStream(), newStream()];
      const journal = `device-journal-${randomUUID()}`;
      const { log } = node();
      await log.commit(commitOf(append(one, 0, [at(1, 'a')]), append(newStream(), 0, [noted('other')])));
      await log.commit(commitOf(append(two, 0, [at(2, 'b')]), append(journal, 0, [at(2, 'j')])));
      await log.commit(commitOf(append(one, 1, [at(3, 'c')])));
      const streamsUntil = async (until: string, types = [noted('').fact.type]) =>
        (await log.readSite({ systemId, types, until: new Date(until) })).map(({ streamId }) => streamId);
      expect(await streamsUntil('2026-01-05T02:00:00Z')).toEqual([one, two]);
      expect(await streamsUntil('2026-01-06T00:00:00Z')).toEqual([one, two, one]);
      expect(await streamsUntil('2026-01-06T00:00:00Z', ['Another'])).toEqual([]);
      expect(await streamsUntil('2026-01-05T00:59:59Z')).toEqual([]);
    });

    test('the expected version must be the stream head, neither behind nor ahead of it', async () => {
      const stream = newStream();
      await node().log.commit(commitOf(append(stream, 0, [noted('one')])));
      for (const expected of [0, 2]) {
        const late = node().log.commit(commitOf(append(stream, expected, [noted('late')])));
        await expect(late).rejects.toMatchObject({
          name: 'VersionConflict',
          streamId: stream,
          expectedVersion: expected,
        });
      }
      expect(await node().log.readStream(stream)).toHaveLength(1);
    });

    test('of concurrent appends on one version exactly one is written', async () => {
      const stream = newStream();
      const racers = Array.from({ length: 8 }, (_, i) =>
        node().log.commit(commitOf(append(stream, 0, [noted(`racer ${i}`), noted('after')]))),
      );
      const results = await Promise.allSettled(racers);
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const result of results) {
        if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(VersionConflict);
      }
      expect(await node().log.readStream(stream)).toHaveLength(2);
    });

    test('a fact that the rules refuse keeps the whole commit out', async () => {
      const [good, bad] = [newStream(), newStream()];
      const wrong = { ...noted('x'), fact: { type: 'Unheard', data: {} } };
      const refused = node().log.commit(commitOf(append(good, 0, [noted('x')]), append(bad, 0, [wrong])));
      await expect(refused).rejects.toBeInstanceOf(InvalidFact);
      expect(await node().log.readStream(good)).toEqual([]);
    });

    test('ids of 10 kB are refused, and read as absent', async () => {
      const long = `device-${'x'.repeat(10_000)}`;
      await expect(node().log.commit(commitOf(append(long, 0, [noted('x')])))).rejects.toBeInstanceOf(
        InvalidFact,
      );
      expect(await node().log.readStream(long)).toEqual([]);
      expect(await node().log.lookup('active-device', long)).toBeNull();
    });

    test('a fact written under an older schema version is read as one of today', async () => {
      const stream = newStream();
      await node().log.commit(commitOf(append(stream, 0, [noted('old', randomUUID(), 1), noted('new')])));
      const languages = (await node().log.readStream(stream)).map(({ fact }) => fact.data);
      expect(languages).toEqual([
        { text: 'old', language: 'pt' },
        { text: 'new', language: 'en' },
      ]);
    });
  });
}

function repeatedCommits(node: () => LogAndQueue): void {
  describe('repeated commits', () => {
    test('the same facts again change nothing, and enqueue nothing', async () => {
      const stream = newStream();
      const commit = commitOf(
        append(stream, 0, [noted('one'), noted('two')], {
          effects: [effect(`${stream}@2#0`, { type: 'repeat' })],
          registry: [{ operation: 'claim', kind: 'unfinished-job', key: stream, value: 'job-1' }],
        }),
      );
      await node().log.commit(commit);
      const [lease] = await node().effects.claim(claimRequest({ limit: 1 }));
      if (lease !== undefined) await node().effects.complete(lease);
      await node().log.commit(
        commitOf(
          append(stream, 2, [noted('three')], {
            registry: [{ operation: 'release', kind: 'unfinished-job', key: stream, value: 'job-1' }],
          }),
        ),
      );
      await node().log.commit(commit);
      expect(await node().log.readStream(stream)).toHaveLength(3);
      expect(await node().effects.ofStream(stream)).toEqual([]);
      expect(await node().log.lookup('unfinished-job', stream)).toBeNull();
    });

    test('a commit with only some of its facts known is a conflict', async () => {
      const stream = newStream();
      const first = noted('one');
      await node().log.commit(commitOf(append(stream, 0, [first])));
      const mixed = node().log.commit(commitOf(append(stream, 0, [first, noted('two')])));
      await expect(mixed).rejects.toBeInstanceOf(VersionConflict);
    });

    test('an event id that another stream used is a conflict', async () => {
      const first = noted('one');
      await node().log.commit(commitOf(append(newStream(), 0, [first])));
      const other = newStream();
      const stolen = node().log.commit(commitOf(append(other, 0, [first, noted('two')])));
      await expect(stolen).rejects.toBeInstanceOf(VersionConflict);
      expect(await node().log.readStream(other)).toEqual([]);
    });
  });
}

function severalStreams(node: () => LogAndQueue): void {
  describe('several streams', () => {
    test('all or nothing', async () => {
      const [a, b] = [newStream(), newStream()];
      await node().log.commit(commitOf(append(a, 0, [noted('a')]), append(b, 0, [noted('b')])));
      const half = node().log.commit(
        commitOf(
          append(b, 1, [noted('b')], {
            effects: [effect(`${b}@2#0`, { type: 'half' })],
            registry: [{ operation: 'set', kind: 'running-deployment', key: b, value: 'x' }],
          }),
          append(a, 0, [noted('late')]),
        ),
      );
      await expect(half).rejects.toMatchObject({ name: 'VersionConflict', streamId: a });
      expect(await node().log.readStream(b)).toHaveLength(1);
      expect(await node().effects.ofStream(b)).toEqual([]);
      expect(await node().log.lookup('running-deployment', b)).toBeNull();
    });

    test('commits that overlap in any order all pass', async () => {
      const streams = Array.from({ length: 6 }, newStream);
      const heads = new Map(streams.map((stream) => [stream, 0]));
      const attempt = async (chosen: readonly string[], text: string): Promise<boolean> => {
        const facts = await Promise.all(chosen.map((stream) => node().log.readStream(stream)));
        const appends = chosen.map((stream, i) => append(stream, facts[i]?.length ?? 0, [noted(text)]));
        return node()
          .log.commit(commitOf(...appends))
          .then(
            () => true,
            (error: unknown) => {
              expect(error).toBeInstanceOf(VersionConflict);
              return false;
            },
          );
      };
      const write = async (round: number): Promise<void> => {
        const chosen = [0, 1, 2].map((step) => streams[(round * 5 + step * 2 + (round % 2)) % 6] ?? '');
        await until(() => attempt(chosen, `round ${round}`));
        for (const stream of chosen) heads.set(stream, (heads.get(stream) ?? 0) + 1);
      };
      await Promise.all(Array.from({ length: 20 }, (_, round) => write(round)));
      for (const stream of streams)
        expect(await node().log.readStream(stream)).toHaveLength(heads.get(stream) ?? 0);
    });
  });
}

/** What every event log must do; `open` gives an empty one with the test rules. */
export function eventLogContract(open: OpenLogAndQueue): void {
  let node: LogAndQueue;
  beforeAll(async () => {
    node = await open();
  });
  streams(() => node);
  repeatedCommits(() => node);
  severalStreams(() => node);
  acrossStreams(() => node);
}
