import pg from 'pg';
import type { Logger } from 'pino';
import { targetOf } from './tls.ts';

export interface ConnectOptions {
  /** May carry libpq's `sslmode`, `sslrootcert`, `sslcert` and `sslkey`. */
  readonly connectionString: string;
  readonly logger: Logger;
  /** Most connections of this node; one more listens for notifications. Default 10. */
  readonly maxConnections?: number | undefined;
  /** The server ends a statement that takes longer, ms. Default 60,000; migrations take as long as they take. */
  readonly statementTimeoutMs?: number | undefined;
  /** The server ends a statement that waits for a lock for longer, ms. Default 15,000. */
  readonly lockTimeoutMs?: number | undefined;
  /** Name shown in `pg_stat_activity`. Default `lifo4-ml`. */
  readonly applicationName?: string | undefined;
}

/**
 * A transaction left open by a stuck program would stall every reader of the feed, so the server ends it after a
 * minute.
 */
const IDLE_IN_TRANSACTION_MS = 60_000;

const STATEMENT_MS = 60_000;
const LOCK_MS = 15_000;
const CONNECT_MS = 10_000;

/** What every connection of this node has in common. Throws `BadConnectionString`. */
export function clientOptions(options: ConnectOptions, suffix = ''): pg.ClientConfig {
  return {
    ...targetOf(options.connectionString),
    application_name: `${options.applicationName ?? 'lifo4-ml'}${suffix}`,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
  };
}

/** Throws `BadConnectionString`. */
export function createPool(options: ConnectOptions): pg.Pool {
  const pool = new pg.Pool({
    ...clientOptions(options),
    max: options.maxConnections ?? 10,
    statement_timeout: options.statementTimeoutMs ?? STATEMENT_MS,
    lock_timeout: options.lockTimeoutMs ?? LOCK_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
  });
  // The error carries the whole client, which is no matter for a log.
  pool.on('error', ({ message }) => {
    // A server that stops together with this program is no loss.
    if (!pool.ending) options.logger.warn({ reason: message }, 'an idle database connection was lost');
  });
  return pool;
}

/** Runs `work` in one transaction on one connection. A connection that broke is not reused. */
export async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  // A connection that is cut between two statements says so here; the next statement then fails.
  const cut = (error: Error): void => {
    broken = error;
  };
  client.on('error', cut);
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(cut);
    throw error;
  } finally {
    client.off('error', cut);
    client.release(broken);
  }
}

/** SQLSTATE of a database error, the system's code of a connection error, or null. */
export function errorCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}
