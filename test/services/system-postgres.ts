import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { vi } from 'vitest';
import { type RunAs, startSupervised } from '../../src/adapters/embedded/supervised-process.ts';
import { freePort } from './network.ts';
import { versionOf } from './programs.ts';

/** Clusters of a PostgreSQL that is installed with its client programs, which the embedded one lacks. */

const run = promisify(execFile);
const PLACES = ['/usr/lib/postgresql', '/usr/pgsql', '/opt/postgresql'];
const NEEDED = ['initdb', 'postgres', 'pg_dump', 'pg_restore'];
const LEAST = 15;

async function isWhole(folder: string): Promise<boolean> {
  const versions = await Promise.all(NEEDED.map((name) => versionOf(join(folder, name))));
  return versions.every((version) => Number(/\) (\d+)/.exec(version ?? '')?.[1] ?? 0) >= LEAST);
}

/** Folder of the programs of a PostgreSQL 15 or later; null where there is none. */
export async function findPostgresPrograms(): Promise<string | null> {
  for (const place of PLACES) {
    const names = await readdir(place).catch(() => []);
    for (const name of names.sort().reverse()) {
      const folder = join(place, name, 'bin');
      if (await isWhole(folder)) return folder;
    }
  }
  return null;
}

export interface Cluster {
  /** Of a superuser, to an empty database. */
  readonly connectionString: string;
  close(): Promise<void>;
}

/** PostgreSQL refuses to run as root. */
async function otherUser(): Promise<RunAs | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const number = async (flag: string): Promise<number> =>
    Number((await run('id', [flag, 'postgres']).catch(() => run('id', [flag, 'nobody']))).stdout);
  return { uid: await number('-u'), gid: await number('-g') };
}

/** A new cluster on loopback, which ends with the tests however they end. */
export async function startCluster(programs: string): Promise<Cluster> {
  const runAs = await otherUser();
  const home = await mkdtemp(join(tmpdir(), 'lifo4-cluster-'));
  const [data, passwordFile] = [join(home, 'data'), join(home, 'password')];
  const password = randomBytes(12).toString('hex');
  await writeFile(passwordFile, password);
  await chmod(home, 0o700);
  if (runAs !== undefined) for (const path of [home, passwordFile]) await chown(path, runAs.uid, runAs.gid);
  const options = [
    '-U',
    'owner',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--no-locale',
    '-E',
    'UTF8',
  ];
  await run(join(programs, 'initdb'), ['-D', data, ...options, '--no-sync'], { cwd: '/', ...runAs });
  const port = await freePort();
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off'];
  const server = await startSupervised({
    command: join(programs, 'postgres'),
    args: ['-D', data, ...settings.flatMap((each) => ['-c', each])],
    stopSignal: 'INT',
    runAs,
    env: { LC_ALL: 'C' },
    onLine: () => undefined,
  });
  const connectionString = `postgresql://owner:${password}@127.0.0.1:${port}/postgres`;
  const answers = async (): Promise<void> => {
    const client = new pg.Client({ connectionString });
    await client.connect();
    await client.end();
  };
  await vi.waitFor(answers, { timeout: 30_000 }).catch((error: unknown) => {
    server.kill();
    throw error;
  });
  return {
    connectionString,
    close: async () => {
      server.stop();
      await server.exited;
      await rm(home, { recursive: true, force: true });
    },
  };
}
