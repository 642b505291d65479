import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { append, commitOf, newStream, noted, testRules, until } from '../../../test/contracts/fixtures.ts';
import { type Notes, notesProjection } from '../../../test/contracts/read-models.ts';
import { neededUnderCi } from '../../../test/services/programs.ts';
import { type Cluster, findPostgresPrograms, startCluster } from '../../../test/services/system-postgres.ts';
import type { SequencedFact } from '../../events/envelope.ts';
import { openPostgres, type Postgres } from './open.ts';

const run = promisify(execFile);
const programs = neededUnderCi(
  await findPostgresPrograms(),
  'this test needs initdb, postgres, pg_dump and pg_restore: install PostgreSQL 15 or later',
);
const logger = pino({ level: 'silent' });
const WRITERS = 6;
const RELAY = 'outside';

const openNode = (cluster: Cluster): Promise<Postgres> =>
  openPostgres({
    connectionString: cluster.connectionString,
    logger,
    rules: testRules,
    projections: [notesProjection],
    pollMs: 20,
  });

/** Appends to streams of their own until told to stop. Answers the versions that the streams reached. */
function startWriters(node: Postgres, streams: readonly string[], isDone: () => boolean) {
  const write = async (stream: string): Promise<number> => {
    let version = (await node.log.readStream(stream)).length;
    for (; !isDone(); version += 1)
      await node.log.commit(commitOf(append(stream, version, [noted(`v ${version}`)])));
    return version;
  };
  return Promise.all(streams.map(write));
}

async function ask<Row extends pg.QueryResultRow>(
  { connectionString }: Cluster,
  sql: string,
): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return (await client.query<Row>(sql).finally(() => client.end())).rows;
}

async function numberOf(cluster: Cluster, sql: string): Promise<number> {
  const [row] = await ask<{ n: string }>(cluster, `select (${sql})::text as n`);
  return Number(row?.n ?? 0);
}

/** Everything in the feed, once it holds every fact that is in the log. */
async function wholeFeed(node: Postgres, cluster: Cluster): Promise<readonly SequencedFact[]> {
  const facts = await numberOf(cluster, 'select count(*) from lifo4.event');
  await until(async () => (await node.log.headSeq()) >= facts);
  const seen: SequencedFact[] = [];
  for (;;) {
    const page = await node.log.readFeed(seen.length, 500);
    if (page.length === 0) return seen;
    seen.push(...page);
  }
}

/** Brings a cluster to where transaction ids are after long use: far ahead of a new one's. */
const AGE = `do $$ begin
  create temporary table burnt (x integer) on commit drop;
  for i in 1..50000 loop
    begin insert into burnt values (i); exception when division_by_zero then null; end;
  end loop;
end $$`;

const idsOf = (facts: readonly SequencedFact[]): readonly string[] => facts.map(({ eventId }) => eventId);

describe.skipIf(programs === null)('a dump taken while nodes write, restored into another cluster', () => {
  let [first, second]: Cluster[] = [];
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lifo4-dump-'));
    [first, second] = await Promise.all([startCluster(programs ?? ''), startCluster(programs ?? '')]);
  });
  afterAll(async () => {
    await Promise.all([first?.close(), second?.close()]);
    await rm(folder, { recursive: true, force: true });
  });

  it('hides no fact, rewinds no reader, and goes on', async () => {
    if (first === undefined || second === undefined) throw new Error('there are no clusters');
    const file = join(folder, 'lifo4.dump');
    const streams = Array.from({ length: WRITERS }, newStream);
    await ask(first, AGE);
    const before = await openNode(first);
    let relayed = 0;
    const deliver = async (facts: readonly SequencedFact[]): Promise<void> => {
      relayed = facts.at(-1)?.seq ?? relayed;
    };
    const relay = before.relay({ name: RELAY, deliver, logger });
    let isDone = false;
    const writing = startWriters(before, streams, () => isDone);
    await until(async () => relayed > 300);
    // One that began before the dump and commits after it: its facts are not in the dump, and hold the feed back.
    const slow = new pg.Client({ connectionString: first.connectionString });
    await slow.connect();
    await slow.query('begin; select pg_current_xact_id()');
    const head = await before.log.headSeq();
    await until(
      async () => (await numberOf(first as Cluster, 'select count(*) from lifo4.event')) > head + 100,
    );
    await run(join(programs ?? '', 'pg_dump'), [
      '-Fc',
      '-n',
      'lifo4',
      '-f',
      file,
      '-d',
      first.connectionString,
    ]);
    await slow.query('commit');
    await slow.end();
    isDone = true;
    await writing;
    const original = idsOf(await wholeFeed(before, first));
    await relay.close();
    await before.close();

    await run(join(programs ?? '', 'pg_restore'), ['-1', '--no-owner', '-d', second.connectionString, file]);
    const restored = await numberOf(second, 'select count(*) from lifo4.event');
    const sequenced = await numberOf(second, 'select count(*) from lifo4.feed');
    const checkpoint = await numberOf(second, `select seq from lifo4.feed_reader where name = '${RELAY}'`);
    // The test is of something: facts without a number, of transactions that this cluster has not reached.
    expect(restored).toBeGreaterThan(sequenced + 90);
    const newest = await numberOf(second, 'select max(tx_id::text::bigint) from lifo4.event');
    expect(newest - (await numberOf(second, 'select pg_current_xact_id()::text::bigint'))).toBeGreaterThan(
      40_000,
    );

    const after = await openNode(second);
    const adopted = idsOf(await wholeFeed(after, second));
    expect(adopted).toHaveLength(restored);
    expect(adopted.slice(0, sequenced)).toEqual(original.slice(0, sequenced));
    expect(new Set(adopted).size).toBe(restored);

    const delivered: number[] = [];
    const again = after.relay({
      name: RELAY,
      logger,
      deliver: async (facts) => void delivered.push(...facts.map(({ seq }) => seq)),
    });
    let rounds = 200;
    const reached = await startWriters(after, streams, () => {
      rounds -= 1;
      return rounds < 0;
    });
    const all = await wholeFeed(after, second);
    expect(idsOf(all).slice(0, restored)).toEqual(adopted);
    expect(all.length).toBeGreaterThan(restored + 100);
    expect(all.map(({ seq }) => seq)).toEqual(all.map((_, i) => i + 1));
    await until(async () => delivered.at(-1) === all.length);
    expect(delivered).toEqual(Array.from({ length: all.length - checkpoint }, (_, i) => checkpoint + 1 + i));
    for (const [i, stream] of streams.entries())
      await until(async () => (await after.readModels.get<Notes>('notes', stream))?.count === reached[i]);
    await again.close();
    await after.close();
  }, 60_000);
});
