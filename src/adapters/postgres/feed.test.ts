import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { append, commitOf, newStream, noted, testRules, until } from '../../../test/contracts/fixtures.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/services/postgres.ts';
import type { SequencedFact } from '../../events/envelope.ts';
import { type OpenPostgresOptions, openPostgres, type Postgres } from './open.ts';

let database: TestDatabase;
let node: Postgres;
const open = (more: Partial<OpenPostgresOptions> = {}) =>
  openPostgres({
    connectionString: database.connectionString,
    logger: pino({ level: 'fatal' }),
    rules: testRules,
    pollMs: 50,
    ...more,
  });
beforeAll(async () => {
  database = await createTestDatabase();
  node = await open();
});
afterAll(async () => {
  await node.close();
  await database.drop();
});

/** An open transaction that has appended one fact as the product does. */
async function openTransaction(text: string) {
  const client = new pg.Client({ connectionString: database.connectionString });
  await client.connect();
  const { eventId, fact, metadata } = noted(text);
  const row = { stream: newStream(), version: 1, id: eventId, type: fact.type, data: fact.data, metadata };
  await client.query('begin');
  await client.query('select lifo4.commit($1::jsonb, null, null, null)', [JSON.stringify([row])]);
  return {
    eventId,
    finish: async (how: 'commit' | 'rollback') => {
      await client.query(how);
      await client.end();
    },
  };
}

/** Reads on from a cursor until `enough`. */
async function tail(from: number, enough: (seen: readonly SequencedFact[]) => boolean) {
  const seen: SequencedFact[] = [];
  await until(async () => {
    seen.push(...(await node.log.readFeed(seen.at(-1)?.seq ?? from, 50)));
    return enough(seen);
  });
  return seen;
}

test('a tail misses nothing while 10 writers, slow transactions and rollbacks interleave', async () => {
  const start = await node.log.headSeq();
  const expected = new Set<string>();
  const streams = Array.from({ length: 10 }, newStream);
  const writers = streams.map(async (stream) => {
    for (let version = 0; version < 30; version += 1) {
      const fact = noted(`w ${version}`);
      expected.add(fact.eventId);
      await node.log.commit(commitOf(append(stream, version, [fact])));
    }
  });
  const slow = [1, 2, 3].map(async (which) => {
    for (let round = 0; round < 4; round += 1) {
      const transaction = await openTransaction(`slow ${round}`);
      const others = expected.size;
      await until(async () => expected.size > others + which * 5 || expected.size >= 300);
      if (round % 2 === 0) expected.add(transaction.eventId);
      await transaction.finish(round % 2 === 0 ? 'commit' : 'rollback');
    }
  });
  const done = Promise.all([...writers, ...slow]).then(() => true);
  let finished = false;
  void done.then(() => {
    finished = true;
  });
  const seen = await tail(start, (facts) => finished && facts.length >= expected.size);
  await done;
  expect(new Set(seen.map(({ eventId }) => eventId))).toEqual(expected);
  expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, i) => start + 1 + i));
});

test('facts behind an open transaction wait for it, and the stall is measured and logged', async () => {
  const lines: string[] = [];
  const logger = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) });
  const watcher = await open({ logger, stallSeconds: 0.2 });
  const start = await node.log.headSeq();
  const holder = await openTransaction('holder');
  const later = newStream();
  await watcher.log.commit(commitOf(append(later, 0, [noted('later')])));
  await until(async () => watcher.feedHealth().stalledSeconds > 0.2);
  await until(async () => lines.some((line) => line.includes('long-open transaction')));
  expect(await node.log.readFeed(start, 10)).toEqual([]);
  await holder.finish('commit');
  const seen = await tail(start, (facts) => facts.length === 2);
  expect(seen.map(({ eventId }) => eventId)).toContain(holder.eventId);
  await until(async () => watcher.feedHealth().stalledSeconds === 0);
  await watcher.close();
});

test('a log that was restored into another cluster goes on: nothing hidden, nothing renumbered', async () => {
  const stream = newStream();
  await node.log.commit(commitOf(append(stream, 0, [noted('before')])));
  const before = await tail(0, (facts) => facts.some(({ streamId }) => streamId === stream));
  // As after a restore: facts carry transaction ids of a cluster that was far ahead of this one.
  await node.close();
  const admin = new pg.Client({ connectionString: database.connectionString });
  await admin.connect();
  await admin.query(`alter table lifo4.event alter column tx_id set default '900000000000'::xid8`);
  const { eventId, fact, metadata } = noted('not yet sequenced at the dump');
  const row = { stream: newStream(), version: 1, id: eventId, type: fact.type, data: fact.data, metadata };
  await admin.query('select lifo4.commit($1::jsonb, null, null, null)', [JSON.stringify([row])]);
  await admin.query('alter table lifo4.event alter column tx_id set default pg_current_xact_id()');
  await admin.query('update lifo4.cluster set system_identifier = system_identifier - 1');
  await admin.end();

  node = await open();
  const after = noted('after');
  await node.log.commit(commitOf(append(stream, 1, [after])));
  const all = await tail(0, (facts) => facts.some((each) => each.eventId === after.eventId));
  expect(all.slice(0, before.length).map((each) => each.eventId)).toEqual(before.map((each) => each.eventId));
  expect(all.map((each) => each.eventId)).toContain(eventId);
  expect(all.map(({ seq }) => seq)).toEqual(all.map((_, i) => i + 1));
});
