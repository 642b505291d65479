import { join } from 'node:path';
import type { Logger } from 'pino';
import { startEmbeddedPostgres } from '../adapters/embedded/postgres/start.ts';
import { openPostgres, type Postgres } from '../adapters/postgres/open.ts';
import { alertsProjection } from '../projections/alerts.ts';
import { deploymentsProjection } from '../projections/deployments.ts';
import { evaluationsProjection } from '../projections/evaluations.ts';
import { filesProjection } from '../projections/files.ts';
import { jobsProjection } from '../projections/jobs.ts';
import { modelsProjection } from '../projections/models.ts';
import { rolloutsProjection } from '../projections/rollouts.ts';
import { sitesProjection } from '../projections/sites.ts';
import type { Closing } from './closing.ts';
import type { Config } from './config.ts';
import { BadSetting } from './settings/read.ts';

const projections = [
  jobsProjection,
  deploymentsProjection,
  modelsProjection,
  sitesProjection,
  filesProjection,
  alertsProjection,
  rolloutsProjection,
  evaluationsProjection,
];

/** Connection errors to a name with several addresses have a code and no message. */
const wordsOf = (error: unknown): string =>
  error instanceof Error ? error.message || String('code' in error ? error.code : error.name) : String(error);

/** Names the setting and the fix, as far as the server tells what is wrong; errors that do so stay as they are. */
export function unusableDatabase(error: unknown): Error {
  if (error instanceof Error && PLAIN.has(error.name)) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const advice = ADVICE[code] ?? (NO_TLS.test(wordsOf(error)) ? WITHOUT_TLS : REACH);
  return new BadSetting('DATABASE_URL', `this database cannot be used (${wordsOf(error)}): ${advice}`);
}

const REACH = 'check the address and that the server runs';
const NO_TLS = /does not support SSL/;
const WITHOUT_TLS = 'turn TLS on at the server ("ssl = on"), or take sslmode out of the address';

const ADVICE: Readonly<Record<string, string>> = {
  '28P01': 'check user and password',
  '28000': 'check the user, and whether the server wants TLS (?sslmode=verify-full&sslrootcert=…)',
  '3D000': 'make the database first, or name another one',
  '42501': 'as the owner run "lifo4-ml migrate --writer ROLE --reader ROLE", and give this user that role',
  SELF_SIGNED_CERT_IN_CHAIN: 'name the issuer of its certificate by ?sslrootcert=FILE',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'name its certificate by ?sslrootcert=FILE',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'name the issuer of its certificate by ?sslrootcert=FILE',
  ERR_TLS_CERT_ALTNAME_INVALID: 'use the name that its certificate carries, or ?sslmode=verify-ca',
};

/** Errors that say by themselves what to do. */
const PLAIN = new Set(['BadSetting', 'MigrationsOutstanding', 'MigrationChanged']);

/** The outside database, or the one that comes with the program. */
export async function openDatabase(
  config: Pick<Config, 'database' | 'dataDir'>,
  logger: Logger,
  closing: Closing,
  onFailure: (error: Error) => void,
): Promise<Postgres> {
  const { url, ...limits } = config.database;
  let connectionString = url;
  if (connectionString === null) {
    const server = await startEmbeddedPostgres({
      dataDir: join(config.dataDir, 'postgres'),
      logger: logger.child({ part: 'postgres' }),
    });
    closing.add('embedded PostgreSQL', () => server.close());
    void server.failed.then(onFailure);
    connectionString = server.connectionString;
  }
  const options = { connectionString, ...limits, logger: logger.child({ part: 'log' }), projections };
  const postgres = await openPostgres(options).catch((error: unknown) => {
    throw url === null ? error : unusableDatabase(error);
  });
  closing.add('database', () => postgres.close());
  return postgres;
}
