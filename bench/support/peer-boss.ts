import pg from 'pg';
import { PgBoss } from 'pg-boss';
import { type Contender, inParallel, WORKERS } from './contender.ts';
import { newStream, ordinaryFact } from './facts.ts';

/** A table of facts beside pg-boss's own, written in the same transaction as its jobs. */
const FACTS = `create table boss_event (
  position bigint generated always as identity, stream_id text not null, version integer not null,
  event_id text not null unique, type text not null, data jsonb not null, metadata jsonb not null,
  recorded_at timestamptz not null default clock_timestamp(), primary key (stream_id, version))`;
const QUEUE = 'effects';
const BATCH = 10;

interface Work {
  readonly stream: string;
}

async function insertFact(client: pg.PoolClient, stream: string, version: number): Promise<void> {
  const { eventId, fact, metadata } = ordinaryFact();
  await client.query({
    name: 'boss-fact',
    text: `insert into boss_event (stream_id, version, event_id, type, data, metadata) values ($1, $2, $3, $4, $5, $6)`,
    values: [stream, version, eventId, fact.type, fact.data, metadata],
  });
}

/** pg-boss as its users run it at its best: batches, no polling pauses, its own pool. */
export async function openBoss(connectionString: string): Promise<Contender> {
  const boss = new PgBoss({ connectionString, max: 10, supervise: false, schedule: false });
  boss.on('error', (error) => process.stderr.write(`pg-boss: ${error.message}\n`));
  await boss.start();
  await boss.createQueue(QUEUE);
  const pool = new pg.Pool({ connectionString, max: 10 });
  await pool.query(FACTS);

  /** pg-boss's statement and ours in one transaction. */
  const together = async (work: (client: pg.PoolClient, db: object) => Promise<unknown>): Promise<void> => {
    const client = await pool.connect();
    try {
      await client.query('begin');
      await work(client, { executeSql: (text: string, values?: unknown[]) => client.query(text, values) });
      await client.query('commit');
    } finally {
      client.release();
    }
  };
  const enqueueOne = (withFacts: boolean) => async (): Promise<void> => {
    const stream = newStream();
    const send = (options?: object) => boss.send(QUEUE, { stream, systemId: 'bess-456' }, options);
    if (!withFacts) {
      await send();
      return;
    }
    await together(async (client, db) => {
      await insertFact(client, stream, 1);
      await send({ db });
    });
  };
  const answer = (id: string, { stream }: Work): Promise<void> =>
    together(async (client, db) => {
      await insertFact(client, stream, 2);
      await boss.complete(QUEUE, id, null, { db } as object);
    });
  const finishBatch = async (withFacts: boolean): Promise<number> => {
    const jobs = await boss.fetch<Work>(QUEUE, { batchSize: BATCH });
    const ids = jobs.map(({ id }) => id);
    if (ids.length === 0) return 0;
    if (withFacts) await Promise.all(jobs.map(({ id, data }) => answer(id, data)));
    else await boss.complete(QUEUE, ids);
    return ids.length;
  };
  return {
    enqueue: (count, withFacts) => inParallel(count, WORKERS, enqueueOne(withFacts)),
    finish: async (count, withFacts) => {
      let finished = 0;
      const loop = async (): Promise<void> => {
        while (finished < count) {
          const batch = await finishBatch(withFacts);
          finished += batch;
        }
      };
      await Promise.all(Array.from({ length: WORKERS / BATCH }, loop));
    },
    close: async () => {
      await boss.stop({ graceful: false });
      await pool.end();
    },
  };
}
