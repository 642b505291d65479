import pg from 'pg';
import { openPostgres, type Postgres } from '../src/adapters/postgres/open.ts';
import type { KeyedEffect } from '../src/ports/event-log.ts';
import type { Bench, BenchContext } from './bench.ts';
import { appendOf, effectOf, newStream, ordinaryFact } from './support/facts.ts';
import { countMisses } from './support/feed-misses.ts';
import { openBenchDatabase, quietLogger } from './support/postgres.ts';

/** What a program without a log would write: the same columns, a primary key and a unique event id. */
const BARE_TABLE = `create table bare_event (
  position bigint generated always as identity, stream_id text not null, version integer not null,
  event_id text not null unique, type text not null, data jsonb not null, metadata jsonb not null,
  recorded_at timestamptz not null default clock_timestamp(), primary key (stream_id, version))`;

const BARE_INSERT = {
  name: 'bare-insert',
  text: `insert into bare_event (stream_id, version, event_id, type, data, metadata)
         values ($1, $2, $3, $4, $5, $6)`,
};

/** The same with a row of work beside it, both in one statement. */
const BARE_WORK_TABLE = `create table bare_work (
  key text primary key, stream_id text not null, type text not null, lane text not null, tenant text not null,
  priority integer not null, data jsonb, visible_at timestamptz not null default now());
  create index on bare_work (visible_at)`;

const BARE_INSERT_WITH_WORK = {
  name: 'bare-insert-with-work',
  text: `with fact as (${BARE_INSERT.text})
         insert into bare_work (key, stream_id, type, lane, tenant, priority, data)
         values ($7, $1, $8, $9, $10, $11, $12)`,
};

/** One append of version `version` to a stream. */
type Append = (stream: string, version: number) => Promise<unknown>;

const bareAppend =
  (pool: pg.Pool): Append =>
  (stream, version) => {
    const { eventId, fact, metadata } = ordinaryFact();
    const values = [stream, version, eventId, fact.type, fact.data, metadata];
    return pool.query({ ...BARE_INSERT, values });
  };

const bareAppendWithWork =
  (pool: pg.Pool): Append =>
  (stream, version) => {
    const { eventId, fact, metadata } = ordinaryFact();
    const { key, tenant, priority, effect } = effectOf(`${stream}@${version}#0`);
    const values = [stream, version, eventId, fact.type, fact.data, metadata];
    const work = [key, effect.type, effect.lane, tenant, priority, effect.data];
    return pool.query({ ...BARE_INSERT_WITH_WORK, values: [...values, ...work] });
  };

const ourAppend =
  ({ log }: Postgres, effects: (stream: string, version: number) => readonly KeyedEffect[]): Append =>
  (stream, version) =>
    log.commit({ appends: [appendOf(stream, version - 1, effects(stream, version))] });

interface Tally {
  appends: number;
  seconds: number;
}

/** Appends over `streams` streams for `ms`, one append at a time on each. */
async function slice(append: Append, streams: number, ms: number, tally: Tally): Promise<void> {
  const start = performance.now();
  const write = async (): Promise<void> => {
    const stream = newStream();
    for (let version = 1; performance.now() - start < ms; version += 1) {
      await append(stream, version);
      tally.appends += 1;
    }
  };
  await Promise.all(Array.from({ length: streams }, write));
  tally.seconds += (performance.now() - start) / 1_000;
}

const perSecond = ({ appends, seconds }: Tally): number => appends / seconds;

interface Contest {
  readonly figure: string;
  readonly streams: number;
  readonly ours: Append;
}

const SLICE_MS = 100;

/** One repetition: short slices of each in turn, so that what else the machine does falls on both alike. */
async function repetition(
  bare: Append,
  { ours, streams }: Contest,
  seconds: number,
): Promise<[Tally, Tally]> {
  const tallies: [Tally, Tally] = [
    { appends: 0, seconds: 0 },
    { appends: 0, seconds: 0 },
  ];
  for (let i = 0; i < (seconds * 1_000) / SLICE_MS; i += 1) {
    const turn = [
      () => slice(bare, streams, SLICE_MS, tallies[0]),
      () => slice(ours, streams, SLICE_MS, tallies[1]),
    ];
    for (const run of i % 2 === 0 ? turn : turn.reverse()) await run();
  }
  return tallies;
}

async function compare(context: BenchContext, bare: Append, contest: Contest): Promise<void> {
  const { figure } = contest;
  const results: [Tally, Tally][] = [];
  await repetition(bare, contest, 0.3);
  for (let round = 0; round < context.number('rounds'); round += 1) {
    results.push(await repetition(bare, contest, context.number('seconds')));
  }
  const ratios = results.map(([theirs, own]) => perSecond(own) / perSecond(theirs));
  context.figure(`${figure}_vs_bare`, '', ratios);
  context.figure(
    `${figure}_per_s`,
    '1/s',
    results.map(([, own]) => perSecond(own)),
  );
  context.figure(
    `${figure}_bare_per_s`,
    '1/s',
    results.map(([theirs]) => perSecond(theirs)),
  );
  context.say(`${figure}: ${ratios.map((ratio) => ratio.toFixed(2)).join(' ')}`);
}

async function feedRate(node: Postgres): Promise<number> {
  const start = performance.now();
  let rows = 0;
  let cursor = 0;
  for (;;) {
    const page = await node.log.readFeed(cursor, 1_000);
    const last = page.at(-1);
    if (last === undefined) return rows / ((performance.now() - start) / 1_000);
    rows += page.length;
    cursor = last.seq;
  }
}

async function measure(context: BenchContext, connectionString: string): Promise<void> {
  const pool = new pg.Pool({ connectionString, max: 10 });
  const node = await openPostgres({ connectionString, logger: quietLogger });
  try {
    await pool.query(BARE_TABLE);
    await pool.query(BARE_WORK_TABLE);
    const bare = bareAppend(pool);
    const plain = ourAppend(node, () => []);
    const withEffect = ourAppend(node, (stream, version) => [effectOf(`${stream}@${version}#0`)]);
    const bareWork = bareAppendWithWork(pool);
    await compare(context, bare, { figure: 'append_serial', streams: 1, ours: plain });
    await compare(context, bare, { figure: 'append_10_streams', streams: 10, ours: plain });
    // Two rows beside two rows; the figures named `one_row` are two of ours beside one bare row.
    await compare(context, bareWork, { figure: 'append_with_effect', streams: 1, ours: withEffect });
    await compare(context, bareWork, {
      figure: 'append_with_effect_10_streams',
      streams: 10,
      ours: withEffect,
    });
    await compare(context, bare, { figure: 'append_with_effect_one_row', streams: 1, ours: withEffect });
    await node.pool.query('vacuum analyze');
    const feed: number[] = [];
    for (let i = 0; i < 3; i += 1) feed.push(await feedRate(node));
    context.figure('feed_rows_per_s', '1/s', feed);
    const misses = await countMisses(node, connectionString, context.number('misses-seconds'));
    context.say(`feed: ${misses.facts} facts by 10 writers and ${misses.longTransactions} long transactions`);
    context.figure('feed_misses', '', [misses.misses]);
  } finally {
    await pool.end();
    await node.close();
  }
}

const bench: Bench = {
  summary: 'appends beside a bare insert on the same server; the feed under 10 writers and long transactions',
  options: {
    rounds: { description: 'repetitions of each comparison', default: '7' },
    seconds: { description: 'seconds of one side of a repetition', default: '1' },
    'misses-seconds': { description: 'seconds of writing while the feed is watched for gaps', default: '6' },
  },
  run: async (context) => {
    const server = await openBenchDatabase(context);
    try {
      await measure(context, server.connectionString);
    } finally {
      await server.close();
    }
  },
};
export default bench;
