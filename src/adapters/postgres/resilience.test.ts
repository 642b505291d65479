import fc from 'fast-check';
import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  append,
  commitOf,
  effect,
  newStream,
  noted,
  testRules,
  until,
} from '../../../test/contracts/fixtures.ts';
import { type Notes, notesProjection } from '../../../test/contracts/read-models.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/services/postgres.ts';
import type { StreamAppend } from '../../ports/event-log.ts';
import { openMemory } from '../memory/open.ts';
import { openPostgres, type Postgres } from './open.ts';

let database: TestDatabase;
let admin: pg.Client;
const open = (): Promise<Postgres> =>
  openPostgres({
    connectionString: database.connectionString,
    logger: pino({ level: 'silent' }),
    rules: testRules,
    projections: [notesProjection],
    pollMs: 50,
  });
beforeAll(async () => {
  database = await createTestDatabase();
  admin = new pg.Client({ connectionString: database.connectionString });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await database.drop();
});

const cutAll = (): Promise<unknown> =>
  admin.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and application_name like 'lifo4-ml%'`,
  );

test('nodes that start at the same moment migrate once', async () => {
  const nodes = await Promise.all([open(), open(), open()]);
  const { rows } = await admin.query('select name from lifo4.migration order by name');
  expect(rows.length).toBeGreaterThanOrEqual(5);
  await Promise.all(nodes.map((node) => node.close()));
});

test('a migration that was edited after it ran is refused', async () => {
  await admin.query(`update lifo4.migration set checksum = 'other' where name = '0004-telemetry.sql'`);
  const { rows } = await admin.query<{ checksum: string }>('select checksum from lifo4.migration');
  expect(rows.map(({ checksum }) => checksum)).toContain('other');
  await expect(open()).rejects.toMatchObject({ name: 'MigrationChanged', migration: '0004-telemetry.sql' });
  await admin.query(`delete from lifo4.migration where name = '0004-telemetry.sql'`);
  await admin.query('drop table lifo4.reading, lifo4.forecast');
  await (await open()).close();
});

test('connections cut in the middle of it: every commit is written once, feed and read models go on', async () => {
  const node = await open();
  const streams = Array.from({ length: 8 }, newStream);
  let written = 0;
  const writers = streams.map(async (stream) => {
    for (let version = 0; version < 25; version += 1) {
      await node.log.commit(commitOf(append(stream, version, [noted(`n ${version}`)])));
      written += 1;
    }
  });
  for (const mark of [30, 80, 130]) {
    await until(async () => written >= mark);
    await cutAll();
  }
  await Promise.all(writers);
  await until(async () => (await node.log.headSeq().catch(() => 0)) >= 200);
  for (const stream of streams) expect(await node.log.readStream(stream)).toHaveLength(25);
  expect(await node.readModels.caughtUp('notes', 200, 20_000)).toBe(true);
  const counts = await Promise.all(streams.map((stream) => node.readModels.get<Notes>('notes', stream)));
  expect(counts.map((doc) => doc?.count)).toEqual(streams.map(() => 25));
  await node.close();
});

test('two nodes fold one projection, one leaves in the middle: every fact counts once', async () => {
  const [first, second] = [await open(), await open()];
  const stream = newStream();
  const write = async (from: number, to: number): Promise<void> => {
    for (let version = from; version < to; version += 1) {
      await second.log.commit(commitOf(append(stream, version, [noted(`n ${version}`)])));
    }
  };
  const writing = write(0, 60);
  await until(async () => ((await second.readModels.get<Notes>('notes', stream))?.count ?? 0) > 5);
  await first.close();
  await writing;
  await until(async () => (await second.readModels.get<Notes>('notes', stream))?.count === 60);
  await second.close();
});

test('a projection of a newer version is folded anew', async () => {
  const node = await open();
  const stream = newStream();
  await node.log.commit(commitOf(append(stream, 0, [noted('one'), noted('two')])));
  await until(async () => (await node.readModels.get<Notes>('notes', stream))?.count === 2);
  await node.close();
  const doubling = {
    ...notesProjection,
    version: 2,
    apply: (...args: Parameters<typeof notesProjection.apply>) => {
      const document = notesProjection.apply(...args);
      return document && { ...document, doc: { ...document.doc, last: document.doc.last.toUpperCase() } };
    },
  };
  const newer = await openPostgres({
    connectionString: database.connectionString,
    logger: pino({ level: 'silent' }),
    rules: testRules,
    projections: [doubling],
  });
  await until(async () => (await newer.readModels.get<Notes>('notes', stream))?.last === 'TWO');
  expect(await newer.readModels.get('notes', stream)).toEqual({ count: 2, last: 'TWO' });
  await newer.close();
});

test('text that the database cannot hold is a refused fact, not a crash', async () => {
  const node = await open();
  for (const text of ['null \0 character', 'half a pair \ud800']) {
    const stream = newStream();
    const refused = node.log.commit(commitOf(append(stream, 0, [noted(text)])));
    await expect(refused).rejects.toMatchObject({ name: 'InvalidFact' });
    expect(await node.log.readStream(stream)).toEqual([]);
  }
  await node.close();
});

test('Postgres and memory answer every sequence of commits alike', async () => {
  const node = await open();
  const step = fc.record({
    streams: fc.uniqueArray(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 3 }),
    offset: fc.constantFrom(0, 0, 0, -1, 1),
    facts: fc.integer({ min: 1, max: 2 }),
    effect: fc.boolean(),
    claim: fc.option(fc.integer({ min: 0, max: 1 }), { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      const memory = openMemory({ rules: testRules });
      const streams = [newStream(), newStream(), newStream()];
      const key = newStream();
      for (const { streams: chosen, offset, facts, effect: withEffect, claim } of steps) {
        const registry = [claim]
          .filter((value) => value !== undefined)
          .map((value) => ({ operation: 'claim', kind: 'unfinished-job', key, value: `${value}` }) as const);
        const appendTo = async (stream: string): Promise<StreamAppend> => {
          const version = Math.max(0, (await memory.log.readStream(stream)).length + offset);
          const effects = withEffect ? [effect(`${stream}@${version + 1}#0`, { type: 'none' })] : [];
          return append(
            stream,
            version,
            Array.from({ length: facts }, () => noted('x')),
            { effects, registry },
          );
        };
        const appends = await Promise.all(chosen.map((which) => appendTo(streams[which] ?? '')));
        const outcome = (commit: Promise<void>): Promise<string> =>
          commit.then(
            () => 'written',
            (error: Error) => error.name,
          );
        const [theirs, ours] = await Promise.all([
          outcome(memory.log.commit(commitOf(...appends))),
          outcome(node.log.commit(commitOf(...appends))),
        ]);
        expect(ours).toBe(theirs);
      }
      for (const stream of streams) {
        const plain = (facts: readonly { version: number; eventId: string }[]) =>
          facts.map(({ version, eventId }) => [version, eventId]);
        expect(plain(await node.log.readStream(stream))).toEqual(plain(await memory.log.readStream(stream)));
        const keys = (of: readonly { key: string }[]) => of.map((each) => each.key).sort();
        expect(keys(await node.effects.ofStream(stream))).toEqual(
          keys(await memory.effects.ofStream(stream)),
        );
      }
      expect(await node.log.lookup('unfinished-job', key)).toBe(
        await memory.log.lookup('unfinished-job', key),
      );
    }),
    { numRuns: 40 },
  );
  await node.close();
});
