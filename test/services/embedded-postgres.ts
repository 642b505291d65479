import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { pino } from 'pino';
import { expect, onTestFinished } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/adapters/embedded/postgres/start.ts';

/** A data folder of its own for tests that start, kill and restart an embedded PostgreSQL. */

const MODULE = new URL('../../src/adapters/embedded/postgres/start.ts', import.meta.url);

const PROGRAM = `
const { pino } = await import(process.env.PINO);
const { startEmbeddedPostgres } = await import(process.env.MODULE);
const postgres = await startEmbeddedPostgres({
  dataDir: process.env.DATA, sharedRoot: process.env.SHARED, logger: pino({ level: 'silent' }) });
console.log(postgres.connectionString);
setInterval(() => undefined, 1000);
`;

export async function query(connectionString: string, sql: string): Promise<readonly unknown[][]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows;
  } finally {
    await client.end();
  }
}

export async function killed(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

export async function untilGone(pid: number): Promise<void> {
  const state = () =>
    access(`/proc/${pid}`).then(
      () => 'runs',
      () => 'gone',
    );
  await expect.poll(state, { timeout: 15_000 }).toBe('gone');
}

export interface DataFolder {
  readonly dataDir: string;
  readonly sharedRoot: string;
  /** In this process. */
  start(options?: { readonly port?: number }): Promise<EmbeddedPostgres>;
  /** In a program of its own on the same folder, which can be killed; `prefix` are words before its command. */
  startProgram(prefix?: readonly string[]): Promise<{ child: ChildProcess; url: string }>;
  /** Where the database lies. */
  databaseFolder(): Promise<string>;
  postmasterPid(): Promise<number>;
}

/** Removed when the test ends; the data folder lies `below` a folder that everybody can write. */
export async function createDataFolder(below: readonly string[] = []): Promise<DataFolder> {
  const root = await mkdtemp(join(tmpdir(), 'lifo4-postgres-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  await chmod(root, 0o777);
  const dataDir = join(root, 'data', ...below);
  const sharedRoot = join(root, 'shared');

  const start = async (options: { port?: number } = {}): Promise<EmbeddedPostgres> => {
    const logger = pino({ level: 'silent' });
    const postgres = await startEmbeddedPostgres({ dataDir, sharedRoot, logger, ...options });
    onTestFinished(() => postgres.close());
    return postgres;
  };
  const startProgram = async (prefix: readonly string[] = []) => {
    const words = [...prefix, process.execPath, '--no-warnings', '--input-type=module', '-e', PROGRAM];
    const env = { MODULE: MODULE.href, PINO: import.meta.resolve('pino'), DATA: dataDir, SHARED: sharedRoot };
    const child = spawn(words[0] ?? '', words.slice(1), {
      cwd: '/',
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'], ...env },
    });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    for await (const url of createInterface({ input: child.stdout })) return { child, url };
    throw new Error('the program ended without a database');
  };
  const databaseFolder = async (): Promise<string> => {
    const pointer = await readFile(join(dataDir, 'postgres.location'), 'utf8').catch(() => '');
    return join(pointer.trim() || join(dataDir, 'postgres'), 'data');
  };
  const postmasterPid = async (): Promise<number> => {
    return Number((await readFile(join(await databaseFolder(), 'postmaster.pid'), 'utf8')).split('\n')[0]);
  };
  return { dataDir, sharedRoot, start, startProgram, databaseFolder, postmasterPid };
}
