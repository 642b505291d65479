import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import pino from 'pino';
import { startEmbeddedPostgres } from '../../src/adapters/embedded/postgres/start.ts';
import type { BenchContext } from '../bench.ts';

export interface BenchServer {
  /** A fresh database of the run. */
  readonly connectionString: string;
  close(): Promise<void>;
}

export const quietLogger = pino({ level: 'error' });

async function onServer<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The server that DATABASE_URL names, or an embedded one of its own with its usual, durable settings. */
async function server(): Promise<BenchServer> {
  const outside = process.env['DATABASE_URL'];
  if (outside !== undefined && outside !== '') {
    return { connectionString: outside, close: async () => undefined };
  }
  const folder = await mkdtemp(join(tmpdir(), 'lifo4-ml-bench-'));
  // Root runs PostgreSQL as another user, who has to get in.
  await chmod(folder, 0o755);
  const embedded = await startEmbeddedPostgres({
    dataDir: folder,
    sharedRoot: join(folder, 'shared'),
    logger: quietLogger,
  });
  return {
    connectionString: embedded.connectionString,
    close: async () => {
      await embedded.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function openBenchDatabase(context: BenchContext): Promise<BenchServer> {
  const { connectionString, close } = await server();
  const name = `bench_${randomBytes(6).toString('hex')}`;
  const version = await onServer(connectionString, async (client) => {
    await client.query(`create database ${name}`);
    return (await client.query<{ server_version: string }>('show server_version')).rows[0]?.server_version;
  });
  context.version('postgres', version ?? 'unknown');
  const url = new URL(connectionString);
  url.pathname = `/${name}`;
  return {
    connectionString: url.href,
    close: async () => {
      await onServer(connectionString, (client) => client.query(`drop database ${name} with (force)`));
      await close();
    },
  };
}
