import { pino } from 'pino';
import { createPool } from '../adapters/postgres/connect.ts';
import { migrate } from '../adapters/postgres/migrate.ts';
import { grantRoles } from '../adapters/postgres/roles.ts';
import { readDatabase } from './settings/database.ts';
import { BadSetting, type Environment } from './settings/read.ts';
import { unusableDatabase } from './storage.ts';

/** Roles to give rights to, both or neither. */
export interface RoleWishes {
  readonly writer?: string;
  readonly reader?: string;
}

async function asOwner(
  url: string,
  { writer, reader }: RoleWishes,
  limits: object,
): Promise<readonly string[]> {
  const told: string[] = [];
  const logger = pino({ level: 'silent' });
  const pool = createPool({ connectionString: url, ...limits, logger, maxConnections: 1 });
  try {
    const applied = await migrate(pool, logger);
    told.push(...applied.map((name) => `migrated ${name}`));
    if (writer !== undefined && reader !== undefined) {
      await grantRoles(pool, { writer, reader });
      told.push(`rights granted to ${writer} (nodes) and ${reader} (charts)`);
    }
  } finally {
    await pool.end();
  }
  return told.length === 0 ? ['nothing to do: the database is up to date'] : told;
}

/**
 * What only the owner of the outside database may do, so that nodes need not be it: migrations, and the rights of its
 * roles. Answers what was done, for people. Throws {@link BadSetting} and the migrations' own errors.
 */
export async function migrateDatabase(env: Environment, wishes: RoleWishes): Promise<readonly string[]> {
  const { url, ...limits } = readDatabase(env);
  if (url === null)
    throw new BadSetting('DATABASE_URL', "write the address of the database with its owner's login");
  if ((wishes.writer === undefined) !== (wishes.reader === undefined))
    throw new BadSetting('--writer, --reader', 'name both roles or neither');
  return asOwner(url, wishes, limits).catch((error: unknown) => {
    throw unusableDatabase(error);
  });
}
