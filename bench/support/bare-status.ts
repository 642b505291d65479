/** The least that can answer a job's status: bare fastify, the product's own two prepared queries, and JSON. */
import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import pg from 'pg';
import { FACT_COLUMNS, type FactRow } from '../../src/adapters/postgres/facts.ts';
import type { NodeAnswer } from './status-messages.ts';

const EFFECTS = `select key, stream_id, type, case when dead_at is not null then 'dead'
  when worker is not null and visible_at > now() then 'running' when attempts - forgiven > 0 then 'retrying'
  else 'waiting' end as state, attempts - forgiven as tries, progress, error, visible_at
  from lifo4.effect where stream_id = $1 and done_at is null order by enqueued_at, key`;

const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: 10 });
const app = fastify();

app.get<{ Params: { jobId: string } }>('/api/v1/ml/training-jobs/:jobId', async ({ params: { jobId } }) => {
  const stream = `training-job-${jobId}`;
  const { rows } = await pool.query<FactRow>({
    name: 'read-stream',
    text: `select ${FACT_COLUMNS} from lifo4.event e where e.stream_id = $1 and e.version > $2 order by e.version`,
    values: [stream, 0],
  });
  const effects = await pool.query<{ progress: unknown }>({
    name: 'effects-of-stream',
    text: EFFECTS,
    values: [stream],
  });
  return {
    jobId,
    status: rows.at(-1)?.type,
    progress: effects.rows[0]?.progress ?? [],
    createdAt: rows.at(0)?.metadata.at,
    updatedAt: rows.at(-1)?.metadata.at,
  };
});

process.once('disconnect', () => void app.close().then(() => pool.end()));
await app.listen({ host: '127.0.0.1', port: 0 });
const { port } = app.server.address() as AddressInfo;
process.send?.({ kind: 'ready', url: `http://127.0.0.1:${port}` } satisfies NodeAnswer);
