import { randomBytes } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Logger } from 'pino';
import { lockFolder } from '../folder-lock.ts';
import { findBinaries } from './binaries.ts';
import { ensureCluster } from './cluster.ts';
import { diagnose, type EmbeddedPostgresFailed } from './errors.ts';
import { choosePlace, leftBehind } from './place.ts';
import { stopLeftover } from './postmaster.ts';
import { type Server, type ServerSetup, startServer, stopServer } from './server.ts';

const SHARED_ROOT = '/var/lib/lifo4-ml';

export interface EmbeddedPostgresOptions {
  /** Holds the database, its password and a lock; kept between runs. */
  readonly dataDir: string;
  readonly logger: Logger;
  /** On 127.0.0.1; a free one when left out. */
  readonly port?: number;
  /** How long a start may take, recovery after a crash included; 2 minutes when left out. */
  readonly startTimeoutMs?: number;
  /** Where root keeps what the database's user cannot reach below `dataDir`; `/var/lib/lifo4-ml`. */
  readonly sharedRoot?: string;
}

export interface EmbeddedPostgres {
  /** With user and password: do not log it. */
  readonly connectionString: string;
  /** Resolves when the server ends by itself, never after {@link close}: the program should end then. */
  readonly failed: Promise<EmbeddedPostgresFailed>;
  /** Stops the server in order, open connections included, and frees the data folder. */
  close(): Promise<void>;
}

/** The password in the data folder, made at the first start and readable by its owner alone. */
async function readPassword(dataDir: string): Promise<string> {
  const file = join(dataDir, 'postgres.password');
  const found = await readFile(file, 'utf8').catch(() => '');
  if (found.trim() !== '') return found.trim();
  const made = randomBytes(24).toString('base64url');
  const handle = await open(file, 'w', 0o600);
  try {
    await handle.writeFile(`${made}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return made;
}

async function prepare(options: EmbeddedPostgresOptions): Promise<ServerSetup> {
  const { logger } = options;
  const dataDir = resolve(options.dataDir);
  const sharedRoot = resolve(options.sharedRoot ?? SHARED_ROOT);
  const place = await choosePlace(dataDir, sharedRoot);
  for (const folder of await leftBehind(dataDir, sharedRoot, place.home)) {
    logger.warn(
      { folder },
      'an earlier data folder at this path left its database behind; delete it if unneeded',
    );
  }
  const binaries = await findBinaries(dataDir, sharedRoot, place.runAs);
  const password = await readPassword(dataDir);
  const data = await ensureCluster(dataDir, place, binaries, password, logger);
  await stopLeftover(dataDir, data, logger);
  return {
    dataDir,
    logger,
    port: options.port,
    startTimeoutMs: options.startTimeoutMs ?? 120_000,
    place,
    binaries,
    data,
    password,
  };
}

async function untilFailed(server: Server, setup: ServerSetup, closing: () => boolean) {
  const exit = await server.process.exited;
  if (closing()) return new Promise<never>(() => undefined);
  const failure = diagnose(setup.dataDir, exit, server.lines);
  setup.logger.fatal({ err: failure }, 'PostgreSQL ended by itself');
  return failure;
}

/**
 * Starts the PostgreSQL that comes with the program, making its database at the first start. It ends with this
 * process, however this process ends. Throws {@link EmbeddedPostgresFailed}, `FolderInUse` or `FolderUnusable`.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const lock = await lockFolder(options.dataDir);
  try {
    const setup = await prepare(options);
    const server = await startServer(setup);
    let closing: Promise<void> | null = null;
    options.logger.info({ port: server.port, data: setup.data }, 'PostgreSQL is ready');
    const close = async (): Promise<void> => {
      await stopServer(server);
      lock.release();
    };
    return {
      connectionString: server.connectionString,
      failed: untilFailed(server, setup, () => closing !== null),
      close: () => {
        closing ??= close();
        return closing;
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}
