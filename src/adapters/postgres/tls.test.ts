import { chmod, chown, copyFile, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import pino from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { testRules } from '../../../test/contracts/fixtures.ts';
import { makeCertificates } from '../../../test/services/certificates.ts';
import { createDataFolder } from '../../../test/services/embedded-postgres.ts';
import { createPool } from './connect.ts';
import { openPostgres } from './open.ts';
import { targetOf } from './tls.ts';

const logger = pino({ level: 'silent' });

async function tlsServer(name: string) {
  const folder = await createDataFolder();
  const { connectionString } = await folder.start();
  const own = await mkdtemp(join(tmpdir(), 'lifo4-tls-'));
  onTestFinished(() => rm(own, { recursive: true, force: true }));
  const files = await makeCertificates(own, name);
  const data = await folder.databaseFolder();
  const { uid, gid } = await stat(data);
  for (const [from, to] of [
    [files.certificate, 'server.crt'],
    [files.key, 'server.key'],
  ] as const) {
    await copyFile(from, join(data, to));
    await chmod(join(data, to), 0o600);
    await chown(join(data, to), uid, gid);
  }
  const admin = new pg.Client({ connectionString });
  await admin.connect();
  await admin.query('alter system set ssl = on');
  await admin.query('select pg_reload_conf()');
  await expect.poll(async () => (await admin.query('show ssl')).rows[0]?.ssl).toBe('on');
  await admin.end();
  const address = (words: Readonly<Record<string, string>>, host = '127.0.0.1'): string => {
    const url = new URL(connectionString);
    url.hostname = host;
    for (const [word, value] of Object.entries(words)) url.searchParams.set(word, value);
    return url.href;
  };
  return { address, ca: files.ca };
}

async function encrypted(connectionString: string): Promise<boolean> {
  const pool = createPool({ connectionString, logger, maxConnections: 1 });
  try {
    const { rows } = await pool.query<{ ssl: boolean }>(
      'select ssl from pg_stat_ssl where pid = pg_backend_pid()',
    );
    return rows[0]?.ssl === true;
  } finally {
    await pool.end();
  }
}

describe('TLS to PostgreSQL', () => {
  it('is asked for and checked as sslmode says', async () => {
    const { address, ca } = await tlsServer('IP:127.0.0.1');
    expect(await encrypted(address({}))).toBe(false);
    expect(await encrypted(address({ sslmode: 'require' }))).toBe(true);
    expect(await encrypted(address({ sslmode: 'verify-full', sslrootcert: ca }))).toBe(true);
    expect(await encrypted(address({ sslmode: 'verify-ca', sslrootcert: ca }, 'localhost'))).toBe(true);
    const otherName = encrypted(address({ sslmode: 'verify-full', sslrootcert: ca }, 'localhost'));
    await expect(otherName).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    const otherIssuer = encrypted(address({ sslmode: 'verify-full' }));
    await expect(otherIssuer).rejects.toThrow(/self-signed|unable to verify|local issuer/i);
    const node = await openPostgres({
      // The mode that the driver reads otherwise than libpq: every connection of a node must read it as we do.
      connectionString: address({ sslmode: 'require' }),
      logger,
      rules: testRules,
    });
    const relay = node.relay({ name: 'over TLS', deliver: async () => undefined, logger });
    await expect.poll(() => relay.position(), { timeout: 10_000 }).toBe(0);
    const { rows } = await node.pool.query(
      `select bool_and(s.ssl) as all, count(*)::int as connections from pg_stat_ssl s
       join pg_stat_activity a using (pid) where a.application_name like 'lifo4-ml%'`,
    );
    expect(rows[0]).toMatchObject({ all: true });
    expect(rows[0]?.connections).toBeGreaterThanOrEqual(3);
    await relay.close();
    await node.close();
  });

  it.each([
    ['postgres://h/x?sslmode=prefer', /sslmode: write one of disable, require, verify-ca, verify-full/],
    [
      'postgres://h/x?sslmode=verify-ca&sslrootcert=/absent.pem',
      /sslrootcert: there is no file \/absent.pem/,
    ],
    [`postgres://h/x?sslmode=require&sslcert=${import.meta.filename}`, /sslcert and sslkey belong together/],
  ])('refuses %s', (connectionString, problem) => {
    expect(() => targetOf(connectionString)).toThrow(problem);
  });

  it('leaves the rest of the address alone', () => {
    const { connectionString, ssl } = targetOf(
      'postgres://u:p%40@h:6432/x?sslmode=disable&options=-c%20a%3Db',
    );
    expect(ssl).toBe(false);
    expect(new URL(connectionString).searchParams.get('options')).toBe('-c a=b');
    expect(connectionString).not.toContain('ssl');
  });
});
