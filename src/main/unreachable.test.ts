import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/services/postgres.ts';

/** What somebody sees who starts the program while a service is away or half set up. */

const PROGRAM = new URL('../cli/main.ts', import.meta.url).pathname;
const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const NOWHERE = '127.0.0.1:9';

interface Ending {
  readonly code: number | null;
  readonly said: string;
}

describe('a start that cannot succeed', () => {
  let folder: string;
  let database: TestDatabase;
  const taken = createServer();
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lifo4-start-'));
    database = await createTestDatabase();
    await writeFile(join(folder, 'prices.csv'), 'a;b\n1;2\n');
    await once(taken.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(async () => {
    taken.close();
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  });

  const start = (env: Readonly<Record<string, string>>): Promise<Ending> =>
    new Promise((resolve) => {
      const own = {
        PATH: process.env['PATH'] ?? '',
        NO_COLOR: '1',
        LIFO4_PORT: '1',
        LIFO4_DATA: join(folder, 'data'),
      };
      const args = [PROGRAM, 'cloud'];
      const child = execFile(process.execPath, args, { env: { ...own, ...env } }, (_error, stdout, stderr) =>
        resolve({ code: child.exitCode, said: `${stdout}${stderr}` }),
      );
    });
  const withPassword = (password: string): string => {
    const url = new URL(database.connectionString);
    url.username = 'nobody';
    url.password = password;
    return url.href;
  };

  const withTls = (connectionString: string): string => {
    const url = new URL(connectionString);
    url.searchParams.set('sslmode', 'require');
    return url.href;
  };

  const s3 = { S3_ENDPOINT: `http://${NOWHERE}`, S3_ACCESS_KEY: 'a', S3_SECRET_KEY: 'b' };
  const influx = { INFLUX_URL: `http://${NOWHERE}`, INFLUX_TOKEN: 't', INFLUX_ORG: 'o', INFLUX_BUCKET: 'b' };

  it.each([
    [
      'DATABASE_URL',
      () => ({ DATABASE_URL: `postgres://u:p@${NOWHERE}/x` }),
      /ECONNREFUSED.*check the address/,
    ],
    [
      'DATABASE_URL',
      () => ({ DATABASE_URL: withPassword('wrong') }),
      /check user and password|check the user/,
    ],
    [
      'DATABASE_URL',
      () => ({ DATABASE_URL: 'postgres://h/x?sslmode=require&sslrootcert=/no' }),
      /no file \/no/,
    ],
    [
      'DATABASE_URL',
      () => ({ DATABASE_URL: withTls(database.connectionString) }),
      /does not support SSL.*take sslmode out/,
    ],
    ['S3_ENDPOINT', () => s3, /does not answer/],
    ['INFLUX_URL', () => ({ ...influx, DATABASE_URL: database.connectionString }), /does not answer/],
    ['INFLUX_BUCKET', () => ({ ...influx, INFLUX_BUCKET: '' }), /since INFLUX_URL is set/],
    [
      'CCEE_PLD',
      () => ({ CCEE_PLD: join(folder, 'prices.csv'), DATABASE_URL: database.connectionString }),
      /hourly PLD/,
    ],
    [
      'LIFO4_PORT or --port',
      () => ({ DATABASE_URL: database.connectionString, LIFO4_PORT: String(portOf(taken)) }),
      /another program listens .*choose another port/,
    ],
    [
      'LIFO4_MQTT_PORT',
      () => ({ DATABASE_URL: database.connectionString, LIFO4_MQTT_PORT: String(portOf(taken)) }),
      /taken by another program: choose another one/,
    ],
    [
      'LIFO4_HOST',
      () => ({ DATABASE_URL: database.connectionString, LIFO4_HOST: '203.0.113.7' }),
      /no address of this machine; write one of its own/,
    ],
    ['LIFO4_KEYS', () => ({ LIFO4_KEYS: '/proc/keys-of-ours' }), /name a folder that this user may use/],
    ['LIFO4_DATA', () => ({ LIFO4_DATA: join(folder, 'prices.csv') }), /name another one/],
  ])('names %s and the fix in one line, and exits with 2', async (setting, env, fix) => {
    const { code, said } = await start(env());
    expect(code).toBe(2);
    expect(said).not.toMatch(/\n\s+at /);
    const lines = said.split('\n').filter((line) => line.includes(setting));
    expect(lines).toEqual([expect.stringMatching(fix)]);
    expect(said).not.toMatch(/secret|:p@|wrong/);
  });
});
