import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDataFolder, killed, query, untilGone } from '../../../../test/services/embedded-postgres.ts';
import { EmbeddedPostgresFailed } from './errors.ts';

const isRoot = process.getuid?.() === 0;

describe('embedded PostgreSQL', () => {
  it('makes a durable UTF-8 database with checksums, on loopback only, and keeps it between runs', async () => {
    const folder = await createDataFolder();
    const first = await folder.start();
    const [settings] = await query(
      first.connectionString,
      `SELECT current_setting('fsync'), current_setting('data_checksums'), current_setting('server_encoding'),
              current_setting('listen_addresses'), (SELECT datcollate FROM pg_database WHERE datname = current_database())`,
    );
    expect(settings).toEqual(['on', 'on', 'UTF8', '127.0.0.1', 'C']);
    expect((await stat(join(folder.dataDir, 'postgres.password'))).mode & 0o777).toBe(0o600);
    await query(first.connectionString, 'CREATE TABLE kept AS SELECT 7 AS n');
    await first.close();
    await first.close();

    const second = await folder.start();
    expect(await query(second.connectionString, 'SELECT n FROM kept')).toEqual([[7]]);
  });

  it('begins again where making the database was interrupted', async () => {
    const folder = await createDataFolder();
    const half = join(folder.dataDir, 'postgres', 'data.new-1');
    await mkdir(half, { recursive: true });
    if (isRoot) execFileSync('chown', ['-R', 'nobody', folder.dataDir]);
    await writeFile(join(half, 'PG_VERSION'), '18');
    await folder.start();
    expect(await readdir(join(folder.dataDir, 'postgres'))).toEqual(['data']);
  });

  it('says what to do about data of another version, and leaves it alone', async () => {
    const folder = await createDataFolder();
    await (await folder.start()).close();
    const file = join(await folder.databaseFolder(), 'PG_VERSION');
    await writeFile(file, '17\n');
    const refusal = await folder.start().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(EmbeddedPostgresFailed);
    expect(refusal).toMatchObject({ failure: 'version-mismatch', dataDir: folder.dataDir });
    await writeFile(file, '18\n');
    await folder.start();
  });

  it('says that a fixed port is taken', async () => {
    const folder = await createDataFolder();
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => {
      other.close();
    });
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(folder.start({ port })).rejects.toMatchObject({ failure: 'port-taken' });
  });
});

describe.runIf(isRoot)('embedded PostgreSQL as root', () => {
  it('keeps the database where its user can reach it when the data folder is closed to others', async () => {
    const folder = await createDataFolder(['below']);
    await mkdir(dirname(folder.dataDir), { mode: 0o700 });
    const first = await folder.start();
    await query(first.connectionString, 'CREATE TABLE kept AS SELECT 7 AS n');
    expect(await folder.databaseFolder()).toMatch(folder.sharedRoot);
    await first.close();
    const second = await folder.start();
    expect(await query(second.connectionString, 'SELECT n FROM kept')).toEqual([[7]]);
  });

  it('says so when that database is gone, instead of beginning with an empty one', async () => {
    const folder = await createDataFolder(['below']);
    await mkdir(dirname(folder.dataDir), { mode: 0o700 });
    await (await folder.start()).close();
    await rm(folder.sharedRoot, { recursive: true });
    await expect(folder.start()).rejects.toMatchObject({ failure: 'no-place' });
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
      const folder = await createDataFolder();
      const { child, url } = await folder.startProgram(prefix);
      await query(url, 'CREATE TABLE kept AS SELECT 7 AS n');
      const pid = await folder.postmasterPid();
      await killed(child);
      await untilGone(pid);
      const again = await folder.start();
      expect(await query(again.connectionString, 'SELECT n FROM kept')).toEqual([[7]]);
    },
  );
});
