import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import type { Logger } from 'pino';
import { errorCode, inTransaction } from './connect.ts';

/** A migration that already ran was edited afterwards: the database is not what the files say. */
class MigrationChanged extends Error {
  override readonly name = 'MigrationChanged';
  readonly migration: string;

  constructor(migration: string) {
    super(
      `migration ${migration} was changed after it ran: restore the file and add a new migration instead`,
    );
    this.migration = migration;
  }
}

/** Migrations are outstanding, and this user may not run them. */
class MigrationsOutstanding extends Error {
  override readonly name = 'MigrationsOutstanding';
  readonly migrations: readonly string[];

  constructor(migrations: readonly string[], cause: unknown) {
    const count = migrations.length === 1 ? 'a migration is' : `${migrations.length} migrations are`;
    super(
      `${count} outstanding (${migrations.join(', ')}) and this user may not change tables: run "lifo4-ml migrate" as the database's owner first`,
      { cause },
    );
    this.migrations = migrations;
  }
}

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/** First key of every advisory lock of ours; the sequencer's second key is 2. */
const LOCK_FAMILY = 1_279_870_516;
const MIGRATION_LOCK = 1;
const INSUFFICIENT_PRIVILEGE = '42501';

async function readMigrations(): Promise<readonly Migration[]> {
  const folder = join(import.meta.dirname, 'migrations');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(folder, name), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

const LEDGER = `create schema if not exists lifo4;
  create table lifo4.migration (
    name text primary key, checksum text not null, applied_at timestamptz not null default now())`;

async function applied(client: pg.PoolClient): Promise<ReadonlyMap<string, string>> {
  const found = await client.query<{ ledger: string | null }>(
    `select to_regclass('lifo4.migration') as ledger`,
  );
  if (found.rows[0]?.ledger === null) return new Map();
  const { rows } = await client.query<{ name: string; checksum: string }>(
    'select name, checksum from lifo4.migration',
  );
  return new Map(rows.map((row) => [row.name, row.checksum]));
}

async function apply(client: pg.PoolClient, { name, sql, checksum }: Migration): Promise<void> {
  await client.query(sql);
  await client.query('insert into lifo4.migration (name, checksum) values ($1, $2)', [name, checksum]);
}

/** Nothing is written when nothing is outstanding: then a user without the right to change tables will do. */
async function applyAll(
  client: pg.PoolClient,
  migrations: readonly Migration[],
  done: ReadonlyMap<string, string>,
  logger: Logger,
): Promise<readonly string[]> {
  const waiting = outstanding(migrations, done);
  try {
    if (done.size === 0) await client.query(LEDGER);
    for (const migration of waiting) {
      await apply(client, migration);
      logger.info({ migration: migration.name }, 'database migrated');
    }
  } catch (error) {
    if (errorCode(error) !== INSUFFICIENT_PRIVILEGE) throw error;
    throw new MigrationsOutstanding(
      waiting.map(({ name }) => name),
      error,
    );
  }
  return waiting.map(({ name }) => name);
}

/** Migrations that did not run yet. Throws {@link MigrationChanged}. */
function outstanding(all: readonly Migration[], done: ReadonlyMap<string, string>): readonly Migration[] {
  const changed = all.find(({ name, checksum }) => (done.get(name) ?? checksum) !== checksum);
  if (changed !== undefined) throw new MigrationChanged(changed.name);
  return all.filter(({ name }) => !done.has(name));
}

/**
 * Brings the database to today's tables, and to this cluster when it was restored into another one. All in one
 * transaction under an advisory lock, so that nodes that start together wait for one another. Forward only; a
 * database that is newer than this program is left as it is. Answers the names of what ran. Throws {@link MigrationChanged} and
 * {@link MigrationsOutstanding}.
 */
export async function migrate(pool: pg.Pool, logger: Logger): Promise<readonly string[]> {
  const migrations = await readMigrations();
  return inTransaction(pool, async (client) => {
    // Building an index over years of facts takes its time, and so does waiting for another node to do it.
    await client.query('set local statement_timeout = 0; set local lock_timeout = 0');
    await client.query('select pg_advisory_xact_lock($1, $2)', [LOCK_FAMILY, MIGRATION_LOCK]);
    const names = await applyAll(client, migrations, await applied(client), logger);
    const { rows } = await client.query<{ adopted: boolean }>('select lifo4.adopt_cluster() as adopted');
    if (rows[0]?.adopted === true) logger.warn('the log was restored into another cluster: new epoch begun');
    return names;
  });
}
