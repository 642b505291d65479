import { execFile } from 'node:child_process';
import { readFile, readlink, realpath, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Logger } from 'pino';
import { EmbeddedPostgresFailed } from './errors.ts';

/** A postmaster that a program which crashed left behind, found by the pid in `postmaster.pid`. */

const run = promisify(execFile);

const FAST_SHUTDOWN_MS = 20_000;
const IMMEDIATE_SHUTDOWN_MS = 5_000;

async function pidFileOf(data: string): Promise<number | null> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(text.split('\n', 1)[0]);
  return Number.isInteger(pid) && pid > 1 ? pid : null;
}

/** On Linux: the program is postgres and works in exactly this folder, as every postmaster does. */
async function isPostmasterByProc(pid: number, data: string): Promise<boolean> {
  const [program, folder] = await Promise.all([
    readFile(`/proc/${pid}/comm`, 'utf8').catch(() => ''),
    readlink(`/proc/${pid}/cwd`).catch(() => ''),
  ]);
  return basename(program.trim()) === 'postgres' && folder === (await realpath(data));
}

async function isPostmasterByPs(pid: number, data: string): Promise<boolean> {
  const { stdout } = await run('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return stdout.includes('postgres') && stdout.includes(data);
}

/** The pid in `postmaster.pid`, if that process really is this folder's postmaster: pids are used again. */
async function findPostmaster(data: string): Promise<number | null> {
  const pid = await pidFileOf(data);
  if (pid === null) return null;
  const isOurs = process.platform === 'linux' ? isPostmasterByProc : isPostmasterByPs;
  return (await isOurs(pid, data)) ? pid : null;
}

async function endedWithin(data: string, pid: number, ms: number): Promise<boolean> {
  const until = performance.now() + ms;
  while (performance.now() < until) {
    if ((await findPostmaster(data)) !== pid) return true;
    await sleep(50);
  }
  return false;
}

/**
 * PostgreSQL would not start while the pid in its file belongs to any running process. The caller holds the lock
 * on the data folder, so a process that is not this folder's postmaster only got the same number later.
 */
async function forgetPid(data: string, logger: Logger): Promise<void> {
  const pid = await pidFileOf(data);
  if (pid === null) return;
  logger.warn({ pid, data }, 'the last PostgreSQL on this folder did not end in order; it recovers now');
  await rm(join(data, 'postmaster.pid'));
}

/**
 * Stops a leftover in order, or at once if it does not listen. Committed data stays either way. Only to be
 * called by the holder of the data folder's lock. Throws {@link EmbeddedPostgresFailed}.
 */
export async function stopLeftover(dataDir: string, data: string, logger: Logger): Promise<void> {
  const pid = await findPostmaster(data);
  if (pid === null) return forgetPid(data, logger);
  logger.warn({ pid, data }, 'stopping the PostgreSQL that a program which crashed left behind');
  process.kill(pid, 'SIGINT');
  if (await endedWithin(data, pid, FAST_SHUTDOWN_MS)) return;
  process.kill(pid, 'SIGQUIT');
  if (await endedWithin(data, pid, IMMEDIATE_SHUTDOWN_MS)) return;
  throw new EmbeddedPostgresFailed(
    'crashed',
    dataDir,
    `a PostgreSQL with process id ${pid} holds ${data} and does not stop: end it ("kill -QUIT ${pid}") and start again`,
  );
}
