import pg from 'pg';
import type { Postgres } from '../../src/adapters/postgres/open.ts';
import { appendOf, newStream, ordinaryFact } from './facts.ts';

export interface FeedWatch {
  readonly facts: number;
  readonly longTransactions: number;
  /** Facts that the reader never saw, or saw twice, or whose `seq` left a gap. */
  readonly misses: number;
}

const WRITERS = 10;
const LONG_TRANSACTIONS = 3;

/** A transaction that writes early and commits late: what makes readers of plain positions skip facts. */
async function longTransaction(client: pg.Client, ms: number): Promise<void> {
  const { eventId, fact, metadata } = ordinaryFact();
  const row = { stream: newStream(), version: 1, id: eventId, type: fact.type, data: fact.data, metadata };
  await client.query('begin');
  await client.query('select lifo4.commit($1::jsonb, null, null, null)', [JSON.stringify([row])]);
  await client.query('select pg_sleep($1)', [ms / 1_000]);
  await client.query('commit');
}

/** Reads the feed as a tail, by its cursor alone, while others write, and then compares with the log. */
export async function countMisses(
  node: Postgres,
  connectionString: string,
  seconds: number,
): Promise<FeedWatch> {
  const until = performance.now() + seconds * 1_000;
  const start = await node.log.headSeq();
  const seen = new Map<string, number>();
  let doubled = 0;
  let gaps = 0;
  let cursor = start;
  const read = async (): Promise<number> => {
    const page = await node.log.readFeed(cursor, 1_000);
    for (const { seq, eventId } of page) {
      if (seq !== cursor + 1) gaps += 1;
      if (seen.has(eventId)) doubled += 1;
      seen.set(eventId, seq);
      cursor = seq;
    }
    return page.length;
  };
  const write = async (): Promise<void> => {
    const stream = newStream();
    for (let version = 0; performance.now() < until; version += 1) {
      await node.log.commit({ appends: [appendOf(stream, version)] });
    }
  };
  let long = 0;
  const writeLong = async (_: unknown, index: number): Promise<void> => {
    const client = new pg.Client({ connectionString });
    await client.connect();
    for (; performance.now() < until; long += 1) await longTransaction(client, 20 + index * 150);
    await client.end();
  };
  let writing = true;
  const tail = async (): Promise<void> => {
    while (writing) await read();
  };
  const tailing = tail();
  await Promise.all([
    ...Array.from({ length: WRITERS }, write),
    ...Array.from({ length: LONG_TRANSACTIONS }, writeLong),
  ]);
  writing = false;
  await tailing;
  const { rows } = await node.pool.query<{ total: string }>('select count(*) as total from lifo4.event');
  const written = Number(rows[0]?.total) - start;
  const deadline = performance.now() + 10_000;
  while (seen.size < written && performance.now() < deadline) await read();
  return { facts: written, longTransactions: long, misses: written - seen.size + doubled + gaps };
}
