import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { FolderInUse } from '../folder-lock.ts';
import { EmbeddedPostgresFailed } from './errors.ts';
import { startEmbeddedPostgres } from './start.ts';

const logger = pino({ level: 'silent' });
const isRoot = process.getuid?.() === 0;

let root: string;
let dataDir: string;
let sharedRoot: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lifo4-postgres-'));
  await chmod(root, 0o777);
  dataDir = join(root, 'data');
  sharedRoot = join(root, 'shared');
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function start(options: { port?: number } = {}) {
  const postgres = await startEmbeddedPostgres({ dataDir, sharedRoot, logger, ...options });
  onTestFinished(() => postgres.close());
  return postgres;
}

async function query(connectionString: string, sql: string): Promise<readonly unknown[][]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows;
  } finally {
    await client.end();
  }
}

const PROGRAM = `
const { pino } = await import(process.env.PINO);
const { startEmbeddedPostgres } = await import(process.env.MODULE);
const postgres = await startEmbeddedPostgres({
  dataDir: process.env.DATA, sharedRoot: process.env.SHARED, logger: pino({ level: 'silent' }) });
console.log(postgres.connectionString);
setInterval(() => undefined, 1000);
`;

/** A program of its own on the same data folder, which can be killed. */
async function startProgram(prefix: readonly string[] = []): Promise<{ child: ChildProcess; url: string }> {
  const words = [...prefix, process.execPath, '--no-warnings', '--input-type=module', '-e', PROGRAM];
  const child = spawn(words[0] ?? '', words.slice(1), {
    cwd: '/',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      MODULE: new URL('./start.ts', import.meta.url).href,
      PINO: import.meta.resolve('pino'),
      DATA: dataDir,
      SHARED: sharedRoot,
    },
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  for await (const url of createInterface({ input: child.stdout })) return { child, url };
  throw new Error('the program ended without a database');
}

async function killed(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

async function databaseFolder(): Promise<string> {
  const pointer = await readFile(join(dataDir, 'postgres.location'), 'utf8').catch(() => '');
  return join(pointer.trim() || join(dataDir, 'postgres'), 'data');
}

async function postmasterPid(): Promise<number> {
  return Number((await readFile(join(await databaseFolder(), 'postmaster.pid'), 'utf8')).split('\n')[0]);
}

async function untilGone(pid: number): Promise<void> {
  await expect
    .poll(
      () =>
        access(`/proc/${pid}`).then(
          () => 'runs',
          () => 'gone',
        ),
      { timeout: 15_000 },
    )
    .toBe('gone');
}

describe('embedded PostgreSQL', () => {
  it('makes a durable UTF-8 database with checksums, on loopback only, and keeps it between runs', async () => {
    const first = await start();
    const [settings] = await query(
      first.connectionString,
      `SELECT current_setting('fsync'), current_setting('data_checksums'), current_setting('server_encoding'),
              current_setting('listen_addresses'), (SELECT datcollate FROM pg_database WHERE datname = current_database())`,
    );
    expect(settings).toEqual(['on', 'on', 'UTF8', '127.0.0.1', 'C']);
    expect((await stat(join(dataDir, 'postgres.password'))).mode & 0o777).toBe(0o600);
    await query(first.connectionString, 'CREATE TABLE kept AS SELECT 7 AS n');
    await first.close();
    await first.close();

    const second = await start();
    expect(await query(second.connectionString, 'SELECT n FROM kept')).toEqual([[7]]);
  });

  it('ends with a program that is killed, and recovers what was committed', async () => {
    const { child, url } = await startProgram();
    await query(url, 'CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n');
    const pid = await postmasterPid();
    await killed(child);
    await untilGone(pid);

    const again = await start();
    expect(await query(again.connectionString, 'SELECT count(*)::int FROM kept')).toEqual([[1000]]);
  });

  it('refuses a second program on the same folder and names the first', async () => {
    const { child } = await startProgram();
    const refusal = await start().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(FolderInUse);
    expect(refusal).toMatchObject({ pid: child.pid, folder: dataDir });

    await killed(child);
    await start();
  });

  it('stops a postmaster that outlived everything, and starts anew', async () => {
    const { child } = await startProgram();
    const supervised = await postmasterPid();
    const [command = '', ...args] = (await readFile(`/proc/${supervised}/cmdline`, 'utf8'))
      .split('\0')
      .slice(0, -1);
    const { uid, gid } = await stat(await databaseFolder());
    await killed(child);
    await untilGone(supervised);
    const leftover = spawn(command, args, { cwd: '/', stdio: 'ignore', ...(isRoot ? { uid, gid } : {}) });
    const pid = leftover.pid ?? 0;
    onTestFinished(() => {
      leftover.kill('SIGKILL');
    });
    await expect.poll(() => postmasterPid().catch(() => 0)).toBe(pid);

    await start();
    expect(await postmasterPid()).not.toBe(pid);
    await untilGone(pid);
  });

  it('never signals a process that merely got the pid of a dead postmaster', async () => {
    await (await start()).close();
    const stranger = spawn('sleep', ['60']);
    onTestFinished(() => {
      stranger.kill('SIGKILL');
    });
    await writeFile(join(await databaseFolder(), 'postmaster.pid'), `${stranger.pid}\n`);
    await start();
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
  });

  it('begins again where making the database was interrupted', async () => {
    const half = join(dataDir, 'postgres', 'data.new-1');
    await mkdir(half, { recursive: true });
    if (isRoot) execFileSync('chown', ['-R', 'nobody', dataDir]);
    await writeFile(join(half, 'PG_VERSION'), '18');
    await start();
    expect(await readdir(join(dataDir, 'postgres'))).toEqual(['data']);
  });

  it('says what to do about data of another version, and leaves it alone', async () => {
    await (await start()).close();
    const file = join(await databaseFolder(), 'PG_VERSION');
    await writeFile(file, '17\n');
    const refusal = await start().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(EmbeddedPostgresFailed);
    expect(refusal).toMatchObject({ failure: 'version-mismatch', dataDir });
    await writeFile(file, '18\n');
    await start();
  });

  it('says that a fixed port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => {
      other.close();
    });
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(start({ port })).rejects.toMatchObject({ failure: 'port-taken' });
  });

  it('reports a server that ends by itself', async () => {
    const postgres = await start();
    process.kill(await postmasterPid(), 'SIGKILL');
    expect(await postgres.failed).toMatchObject({ failure: 'crashed' });
  });
});

describe.runIf(isRoot)('embedded PostgreSQL as root', () => {
  it('keeps the database where its user can reach it when the data folder is closed to others', async () => {
    await mkdir(dataDir, { mode: 0o700 });
    dataDir = join(dataDir, 'below');
    const first = await start();
    await query(first.connectionString, 'CREATE TABLE kept AS SELECT 7 AS n');
    expect(await databaseFolder()).toMatch(sharedRoot);
    await first.close();
    const second = await start();
    expect(await query(second.connectionString, 'SELECT n FROM kept')).toEqual([[7]]);
  });

  it('says so when that database is gone, instead of beginning with an empty one', async () => {
    await mkdir(dataDir, { mode: 0o700 });
    dataDir = join(dataDir, 'below');
    await (await start()).close();
    await rm(sharedRoot, { recursive: true });
    await expect(start()).rejects.toMatchObject({ failure: 'no-place' });
  });

  const group = execFileSync('id', ['-g', 'nobody']).toString().trim();
  const prefix = ['setpriv', '--reuid=nobody', `--regid=${group}`, '--clear-groups'];
  const [setpriv = '', ...words] = prefix;
  const canReadUs = [process.execPath, import.meta.filename].every(
    (file) => spawnSync(setpriv, [...words, 'test', '-r', file], { cwd: '/' }).status === 0,
  );

  it.runIf(canReadUs)(
    'runs as an ordinary user too, and root takes that database up as its owner',
    async () => {
      const { child, url } = await startProgram(prefix);
      await query(url, 'CREATE TABLE kept AS SELECT 7 AS n');
      const pid = await postmasterPid();
      await killed(child);
      await untilGone(pid);
      const again = await start();
      expect(await query(again.connectionString, 'SELECT n FROM kept')).toEqual([[7]]);
    },
  );
});
