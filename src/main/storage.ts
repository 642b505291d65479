import { join } from 'node:path';
import type { Logger } from 'pino';
import { startEmbeddedPostgres } from '../adapters/embedded/postgres/start.ts';
import { openPostgres, type Postgres } from '../adapters/postgres/open.ts';
import { deploymentsProjection } from '../projections/deployments.ts';
import { jobsProjection } from '../projections/jobs.ts';
import { modelsProjection } from '../projections/models.ts';
import { sitesProjection } from '../projections/sites.ts';
import type { Closing } from './closing.ts';
import type { Config } from './config.ts';
import { BadSetting } from './settings/read.ts';

const projections = [jobsProjection, deploymentsProjection, modelsProjection, sitesProjection];

const unusable = (error: unknown): string =>
  `this database cannot be used: ${error instanceof Error ? error.message : String(error)}`;

/** The outside database, or the one that comes with the program. */
export async function openDatabase(
  config: Pick<Config, 'databaseUrl' | 'dataDir'>,
  logger: Logger,
  closing: Closing,
  onFailure: (error: Error) => void,
): Promise<Postgres> {
  let connectionString = config.databaseUrl;
  if (connectionString === null) {
    const server = await startEmbeddedPostgres({
      dataDir: join(config.dataDir, 'postgres'),
      logger: logger.child({ part: 'postgres' }),
    });
    closing.add('embedded PostgreSQL', () => server.close());
    void server.failed.then(onFailure);
    connectionString = server.connectionString;
  }
  const options = { connectionString, logger: logger.child({ part: 'log' }), projections };
  const postgres = await openPostgres(options).catch((error: unknown) => {
    throw config.databaseUrl === null ? error : new BadSetting('DATABASE_URL', unusable(error));
  });
  closing.add('database', () => postgres.close());
  return postgres;
}
