import { spawn } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDataFolder, killed, query, untilGone } from '../../../../test/services/embedded-postgres.ts';
import { FolderInUse } from '../folder-lock.ts';

const isRoot = process.getuid?.() === 0;

describe('embedded PostgreSQL and programs that crash', () => {
  it('ends with a program that is killed, and recovers what was committed', async () => {
    const folder = await createDataFolder();
    const { child, url } = await folder.startProgram();
    await query(url, 'CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n');
    const pid = await folder.postmasterPid();
    await killed(child);
    await untilGone(pid);

    const again = await folder.start();
    expect(await query(again.connectionString, 'SELECT count(*)::int FROM kept')).toEqual([[1000]]);
  });

  it('refuses a second program on the same folder and names the first', async () => {
    const folder = await createDataFolder();
    const { child } = await folder.startProgram();
    const refusal = await folder.start().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(FolderInUse);
    expect(refusal).toMatchObject({ pid: child.pid, folder: folder.dataDir });

    await killed(child);
    await folder.start();
  });

  it('stops a postmaster that outlived everything, and starts anew', async () => {
    const folder = await createDataFolder();
    const { child } = await folder.startProgram();
    const supervised = await folder.postmasterPid();
    const [command = '', ...args] = (await readFile(`/proc/${supervised}/cmdline`, 'utf8'))
      .split('\0')
      .slice(0, -1);
    const { uid, gid } = await stat(await folder.databaseFolder());
    await killed(child);
    await untilGone(supervised);
    const leftover = spawn(command, args, { cwd: '/', stdio: 'ignore', ...(isRoot ? { uid, gid } : {}) });
    const pid = leftover.pid ?? 0;
    onTestFinished(() => {
      leftover.kill('SIGKILL');
    });
    await expect.poll(() => folder.postmasterPid().catch(() => 0)).toBe(pid);

    await folder.start();
    expect(await folder.postmasterPid()).not.toBe(pid);
    await untilGone(pid);
  });

  it('never signals a process that merely got the pid of a dead postmaster', async () => {
    const folder = await createDataFolder();
    await (await folder.start()).close();
    const stranger = spawn('sleep', ['60']);
    onTestFinished(() => {
      stranger.kill('SIGKILL');
    });
    await writeFile(join(await folder.databaseFolder(), 'postmaster.pid'), `${stranger.pid}\n`);
    await folder.start();
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
  });

  it('reports a server that ends by itself', async () => {
    const folder = await createDataFolder();
    const postgres = await folder.start();
    process.kill(await folder.postmasterPid(), 'SIGKILL');
    expect(await postgres.failed).toMatchObject({ failure: 'crashed' });
  });
});
