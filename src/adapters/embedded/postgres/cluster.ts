import { chown, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { startSupervised } from '../supervised-process.ts';
import type { Binaries } from './binaries.ts';
import { diagnose, EmbeddedPostgresFailed } from './errors.ts';
import type { Place } from './place.ts';

/** Name of the database's only user at first, who may do everything. */
export const SUPERUSER = 'lifo4';

/** The server's own environment: nothing of the program's leaks in, and messages stay in English. */
export const SERVER_ENV = { LC_ALL: 'C', TZ: 'UTC' } as const;

/** Sizes for a small machine; an operator may change them in `postgresql.conf`. */
const SETTINGS = {
  max_connections: '60',
  shared_buffers: '64MB',
  min_wal_size: '64MB',
  max_wal_size: '256MB',
  jit: 'off',
  io_method: 'sync',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  // A refused statement is its client's to report; a version conflict is no trouble of the server's.
  log_min_messages: 'log',
} as const;

const HALF_MADE = 'data.new-';

async function removeHalfMade(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    if (name.startsWith(HALF_MADE)) await rm(join(home, name), { recursive: true, force: true });
  }
}

async function runInitdb(
  dataDir: string,
  place: Place,
  binaries: Binaries,
  target: string,
  passwordFile: string,
) {
  const lines: string[] = [];
  const initdb = await startSupervised({
    command: binaries.initdb,
    args: [
      `--pgdata=${target}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--data-checksums',
      ...Object.entries(SETTINGS).map(([name, value]) => `--set=${name}=${value}`),
    ],
    stopSignal: 'INT',
    runAs: place.runAs,
    env: SERVER_ENV,
    onLine: (line) => lines.push(line),
  });
  const exit = await initdb.exited;
  if (exit !== 0) throw diagnose(dataDir, exit, lines.slice(-20));
}

/** Makes the database beside its place and moves it there when it is whole, so that none is ever half made. */
async function create(dataDir: string, place: Place, binaries: Binaries, password: string): Promise<void> {
  const target = join(place.home, `${HALF_MADE}${process.pid}`);
  const passwordFile = `${target}.password`;
  try {
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    if (place.runAs !== undefined) await chown(passwordFile, place.runAs.uid, place.runAs.gid);
    await runInitdb(dataDir, place, binaries, target, passwordFile);
    await rename(target, join(place.home, 'data'));
  } finally {
    await removeHalfMade(place.home);
  }
}

/**
 * Makes sure that there is a database that these binaries can read.
 * Returns its folder. Throws {@link EmbeddedPostgresFailed}.
 */
export async function ensureCluster(
  dataDir: string,
  place: Place,
  binaries: Binaries,
  password: string,
  logger: Logger,
): Promise<string> {
  const data = join(place.home, 'data');
  await removeHalfMade(place.home);
  const version = await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => null);
  if (version === null) {
    logger.info({ data }, 'making a new database');
    await create(dataDir, place, binaries, password);
  } else if (Number(version) !== binaries.majorVersion) {
    throw new EmbeddedPostgresFailed(
      'version-mismatch',
      dataDir,
      `the database in ${data} was made by PostgreSQL ${version.trim()}, this program brings ${binaries.majorVersion}: dump it with PostgreSQL ${version.trim()} and load it into an empty data folder, or set DATABASE_URL to a server that can read it`,
    );
  }
  return data;
}
