import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { append, commitOf, newStream, noted, testRules } from '../../../test/contracts/fixtures.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/services/postgres.ts';
import type { SequencedFact } from '../../events/envelope.ts';
import type { FeedRelay } from './feed-relay.ts';
import { openPostgres, type Postgres } from './open.ts';

const logger = pino({ level: 'silent' });
const soon = { timeout: 10_000, interval: 20 };
let database: TestDatabase;
let nodes: readonly [Postgres, Postgres];

beforeAll(async () => {
  database = await createTestDatabase();
  const { connectionString } = database;
  const open = () => openPostgres({ connectionString, logger, rules: testRules, pollMs: 50 });
  nodes = [await open(), await open()];
});
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.close()));
  await database.drop();
});

const write = (text: string) => nodes[0].log.commit(commitOf(append(newStream(), 0, [noted(text)])));
const textOf = ({ fact }: SequencedFact): string => String((fact.data as { text: string }).text);

function start(
  node: Postgres,
  name: string,
  deliver: (texts: readonly string[]) => Promise<void>,
): FeedRelay {
  const relay = node.relay({ name, logger, deliver: (facts) => deliver(facts.map(textOf)) });
  onTestFinished(() => relay.close());
  return relay;
}

it('hands on every fact in order, and goes on where the last one stopped', async () => {
  const heard: string[] = [];
  const hear = async (texts: readonly string[]) => void heard.push(...texts);
  await write('first');
  const relay = start(nodes[0], 'resumed', hear);
  await expect.poll(() => heard, soon).toContain('first');
  await relay.close();
  const before = heard.length;
  await write('while none relayed');
  const next = start(nodes[1], 'resumed', hear);
  await write('live');
  await expect.poll(() => heard.slice(before), soon).toEqual(['while none relayed', 'live']);
  await expect.poll(() => next.position(), soon).toBe(await nodes[0].log.headSeq());
});

it('hands the same facts on again when they were not taken', async () => {
  const tries: (readonly string[])[] = [];
  await write('refused at first');
  start(nodes[0], 'insistent', async (texts) => {
    tries.push(texts);
    if (tries.length < 3) throw new Error('not now');
  });
  await expect.poll(() => tries.length, soon).toBeGreaterThanOrEqual(3);
  // And what came meanwhile.
  expect(tries[2]?.slice(0, tries[0]?.length)).toEqual(tries[0]);
});

it('lets one node relay at a time, and another when that one is cut off', async () => {
  const heard: (readonly [string, string])[] = [];
  const hear = (node: string) => async (texts: readonly string[]) =>
    void heard.push(...texts.map((text) => [node, text] as const));
  const first = start(nodes[0], 'in turns', hear('a'));
  await expect.poll(() => first.position(), soon).not.toBeNull();
  const second = start(nodes[1], 'in turns', hear('b'));
  await write('by the first');
  await expect.poll(() => heard.at(-1), soon).toEqual(['a', 'by the first']);
  expect(second.position()).toBeNull();
  await first.close();
  await write('by the second');
  await expect.poll(() => heard.at(-1), soon).toEqual(['b', 'by the second']);
  // Cut off by the server: whoever gets the turn goes on without a gap.
  const admin = new pg.Client({ connectionString: database.connectionString });
  await admin.connect();
  await admin.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'lifo4-ml relay in turns'",
  );
  await admin.end();
  await write('after the cut');
  await expect.poll(() => heard.at(-1), soon).toEqual(['b', 'after the cut']);
  const texts = heard.map(([, text]) => text);
  expect(texts.slice(-3)).toEqual(['by the first', 'by the second', 'after the cut']);
});
