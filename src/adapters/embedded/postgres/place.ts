import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readdir, readFile, rmdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RunAs } from '../supervised-process.ts';
import { makeOpenFolder } from './binaries.ts';
import { EmbeddedPostgresFailed } from './errors.ts';

/**
 * Where the database lies and who runs it.
 *
 * An ordinary user: `{dataDir}/postgres`, run as that user. PostgreSQL refuses to run as root, so root runs it
 * as the user who owns an existing database, else `postgres`, else `nobody`. When that user cannot reach the
 * data folder (it lies below a home of mode 0700, for instance), the database lies in a folder of its own under
 * `/var/lib/lifo4-ml`, and `{dataDir}/postgres.location` names it.
 */

const run = promisify(execFile);

export interface Place {
  /** Holds `data`, and temporary folders beside it; belongs to the user who runs PostgreSQL. */
  readonly home: string;
  readonly runAs: RunAs | undefined;
}

const POINTER = 'postgres.location';
const OWNER = 'belongs-to';

async function lookUp(name: string): Promise<RunAs | null> {
  const number = async (flag: string): Promise<number> => Number((await run('id', [flag, name])).stdout);
  return Promise.all([number('-u'), number('-g')]).then(
    ([uid, gid]) => ({ uid, gid }),
    () => null,
  );
}

async function ownerOf(home: string): Promise<RunAs | null> {
  const found = await stat(join(home, 'data')).catch(() => null);
  return found === null || found.uid === 0 ? null : { uid: found.uid, gid: found.gid };
}

async function userForRoot(dataDir: string, home: string): Promise<RunAs> {
  const user = (await ownerOf(home)) ?? (await lookUp('postgres')) ?? (await lookUp('nobody'));
  if (user !== null) return user;
  throw new EmbeddedPostgresFailed(
    'no-user',
    dataDir,
    'PostgreSQL does not run as root, and there is neither a user postgres nor nobody: add one ("useradd --system postgres"), start as an ordinary user, or set DATABASE_URL',
  );
}

/** Whether the user can enter and write the folder, asked of the system itself. */
async function reachable(folder: string, user: RunAs): Promise<boolean> {
  return run('/bin/sh', ['-c', 'cd "$1" && test -w .', 'reach', folder], { cwd: '/', ...user }).then(
    () => true,
    () => false,
  );
}

async function giveTo(folder: string, user: RunAs): Promise<void> {
  await mkdir(folder, { recursive: true });
  await chown(folder, user.uid, user.gid);
  await chmod(folder, 0o700);
}

async function pointedHome(dataDir: string): Promise<string | null> {
  const text = await readFile(join(dataDir, POINTER), 'utf8').catch(() => '');
  return text.trim() === '' ? null : text.trim();
}

/** Databases under the shared folder that an earlier data folder at this path left behind. */
export async function leftBehind(
  dataDir: string,
  sharedRoot: string,
  home: string,
): Promise<readonly string[]> {
  const names = await readdir(sharedRoot).catch(() => []);
  const found: string[] = [];
  for (const name of names) {
    const folder = join(sharedRoot, name);
    const owner = await readFile(join(folder, OWNER), 'utf8').catch(() => null);
    if (owner === dataDir && folder !== home) found.push(folder);
  }
  return found;
}

async function sharedHome(dataDir: string, sharedRoot: string, user: RunAs): Promise<string> {
  const home = join(sharedRoot, `database-${randomBytes(6).toString('hex')}`);
  await makeOpenFolder(sharedRoot);
  await giveTo(home, user);
  if (!(await reachable(home, user))) {
    throw new EmbeddedPostgresFailed(
      'no-place',
      dataDir,
      `the user with id ${user.uid}, who is to run PostgreSQL, can reach neither ${dataDir} nor ${sharedRoot}: give a data folder that it can enter, or set DATABASE_URL`,
    );
  }
  await writeFile(join(home, OWNER), dataDir);
  await writeFile(join(dataDir, POINTER), `${home}\n`);
  return home;
}

async function placeForRoot(dataDir: string, home: string, sharedRoot: string): Promise<Place> {
  const runAs = await userForRoot(dataDir, home);
  const isNew = (await stat(home).catch(() => null)) === null;
  await giveTo(home, runAs);
  if (await reachable(home, runAs)) return { home, runAs };
  if (isNew) await rmdir(home);
  return { home: await sharedHome(dataDir, sharedRoot, runAs), runAs };
}

async function placeForUser(dataDir: string, home: string): Promise<Place> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  const owner = (await stat(home)).uid;
  if (owner === process.getuid?.()) return { home, runAs: undefined };
  throw new EmbeddedPostgresFailed(
    'not-ours',
    dataDir,
    `the database in ${home} belongs to the user with id ${owner}: start as that user or as root, or give another data folder`,
  );
}

/**
 * Decides the place and makes its folder. Throws {@link EmbeddedPostgresFailed} `no-user`, `no-place` or
 * `not-ours`.
 */
export async function choosePlace(dataDir: string, sharedRoot: string): Promise<Place> {
  const pointed = await pointedHome(dataDir);
  if (pointed !== null && (await stat(pointed).catch(() => null)) === null) {
    throw new EmbeddedPostgresFailed(
      'no-place',
      dataDir,
      `the database that ${join(dataDir, POINTER)} names is gone or out of reach (${pointed}): restore it, start as the user who made it, or delete that file to begin with an empty one`,
    );
  }
  const home = pointed ?? join(dataDir, 'postgres');
  return process.getuid?.() === 0 ? placeForRoot(dataDir, home, sharedRoot) : placeForUser(dataDir, home);
}
