import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import type { Logger } from 'pino';
import { inTransaction } from './connect.ts';

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

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/** First key of every advisory lock of ours; the sequencer's second key is 2. */
const LOCK_FAMILY = 1_279_870_516;
const MIGRATION_LOCK = 1;

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

async function applied(client: pg.PoolClient): Promise<ReadonlyMap<string, string>> {
  await client.query('create schema if not exists lifo4');
  await client.query(
    `create table if not exists lifo4.migration (
       name text primary key, checksum text not null, applied_at timestamptz not null default now())`,
  );
  const { rows } = await client.query<{ name: string; checksum: string }>(
    'select name, checksum from lifo4.migration',
  );
  return new Map(rows.map((row) => [row.name, row.checksum]));
}

async function apply(client: pg.PoolClient, { name, sql, checksum }: Migration): Promise<void> {
  await client.query(sql);
  await client.query('insert into lifo4.migration (name, checksum) values ($1, $2)', [name, checksum]);
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
 * database that is newer than this program is left as it is. Throws {@link MigrationChanged}.
 */
export async function migrate(pool: pg.Pool, logger: Logger): Promise<void> {
  const migrations = await readMigrations();
  await inTransaction(pool, async (client) => {
    await client.query('select pg_advisory_xact_lock($1, $2)', [LOCK_FAMILY, MIGRATION_LOCK]);
    for (const migration of outstanding(migrations, await applied(client))) {
      await apply(client, migration);
      logger.info({ migration: migration.name }, 'database migrated');
    }
    const { rows } = await client.query<{ adopted: boolean }>('select lifo4.adopt_cluster() as adopted');
    if (rows[0]?.adopted === true) logger.warn('the log was restored into another cluster: new epoch begun');
  });
}
