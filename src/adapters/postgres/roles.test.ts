import { randomBytes } from 'node:crypto';
import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  append,
  commitOf,
  effect,
  newStream,
  noted,
  testRules,
  until,
} from '../../../test/contracts/fixtures.ts';
import { type Notes, notesProjection } from '../../../test/contracts/read-models.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/services/postgres.ts';
import { createPool } from './connect.ts';
import { migrate } from './migrate.ts';
import { openPostgres } from './open.ts';
import { grantRoles } from './roles.ts';

const logger = pino({ level: 'silent' });
const suffix = randomBytes(6).toString('hex');
const WRITER = `Writer "${suffix}"`;
const READER = `reader_${suffix}`;

describe('roles with no more rights than they need', () => {
  let database: TestDatabase;
  let owner: pg.Pool;
  const users = { writer: `w_${suffix}`, reader: `r_${suffix}` };
  const as = (user: string): string => {
    const url = new URL(database.connectionString);
    url.username = user;
    url.password = 'secret';
    return url.href;
  };
  const openAs = (user: string) =>
    openPostgres({
      connectionString: as(user),
      logger,
      rules: testRules,
      projections: [notesProjection],
      pollMs: 50,
    });

  beforeAll(async () => {
    database = await createTestDatabase();
    owner = createPool({ connectionString: database.connectionString, logger, maxConnections: 2 });
    for (const user of Object.values(users)) await owner.query(`create role ${user} login password 'secret'`);
  });
  afterAll(async () => {
    await owner.end();
    const { connectionString } = database;
    await database.drop();
    const server = new URL(connectionString);
    server.pathname = '/postgres';
    const admin = new pg.Client({ connectionString: server.href });
    await admin.connect();
    for (const role of [...Object.values(users), WRITER, READER])
      await admin.query(`drop role if exists ${admin.escapeIdentifier(role)}`);
    await admin.end();
  });

  it('tell who lacks rights that the owner has to migrate first', async () => {
    await expect(openAs(users.writer)).rejects.toMatchObject({
      name: 'MigrationsOutstanding',
      message: expect.stringContaining('lifo4-ml migrate'),
    });
    expect((await owner.query(`select to_regnamespace('lifo4') as schema`)).rows[0]?.schema).toBeNull();
  });

  it('let a node do all of its work, and change nothing that stands', async () => {
    await migrate(owner, logger);
    await grantRoles(owner, { writer: WRITER, reader: READER });
    await grantRoles(owner, { writer: WRITER, reader: READER });
    await owner.query(`grant ${new pg.Client().escapeIdentifier(WRITER)} to ${users.writer}`);
    const node = await openAs(users.writer);
    const stream = newStream();
    const effects = [effect(`${stream}@1#0`)];
    await node.log.commit(commitOf(append(stream, 0, [noted('one')], { effects })));
    const claim = { worker: 'w', lane: 'quick', limit: 1, leaseMs: 60_000, siteNow: new Date() } as const;
    const [lease] = await node.effects.claim(claim);
    if (lease === undefined) throw new Error('nothing was claimed');
    await node.log.commit({ appends: [append(stream, 1, [noted('two')])], completes: lease });
    await until(async () => (await node.readModels.get<Notes>('notes', stream))?.count === 2);
    await node.telemetry.write('site-1', [{ hour: '2026-01-05T00:00:00Z', loadKw: 1 }]);
    await node.projections.rebuild('notes');
    for (const forbidden of [
      `update lifo4.event set type = 'Other'`,
      'delete from lifo4.event',
      'truncate lifo4.event',
      'delete from lifo4.feed',
      'drop table lifo4.event',
      'create table lifo4.extra (x integer)',
      `update lifo4.migration set checksum = 'x'`,
      'update lifo4.cluster set epoch = 2',
    ])
      await expect(node.pool.query(forbidden), forbidden).rejects.toMatchObject({ code: '42501' });
    await node.close();
  });

  it('reach what later migrations make, for nodes alone', async () => {
    await owner.query('create table lifo4.later (id integer generated always as identity, x integer)');
    const ask = async (user: string, sql: string) => {
      const pool = createPool({ connectionString: as(user), logger, maxConnections: 1 });
      return pool.query(sql).finally(() => pool.end());
    };
    await ask(users.writer, 'insert into lifo4.later (x) values (1)');
    await expect(ask(users.reader, 'select * from lifo4.later')).rejects.toMatchObject({ code: '42501' });
  });

  it('let charts read what they show, and nothing else', async () => {
    await owner.query(`grant ${READER} to ${users.reader}`);
    const reader = createPool({ connectionString: as(users.reader), logger, maxConnections: 1 });
    const { rows } = await reader.query('select projection, doc from lifo4.read_model');
    expect(rows).toMatchObject([{ projection: 'notes', doc: { count: 2 } }]);
    expect((await reader.query('select load_kw from lifo4.reading')).rows).toEqual([{ load_kw: 1 }]);
    const tables = await owner.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'lifo4'`,
    );
    const shown = [
      ...['checkpoint', 'forecast', 'read_model', 'reading', 'score_day', 'score_hour'],
      'chart_training_time',
    ];
    for (const { name } of tables.rows) {
      const read = reader.query(`select 1 from lifo4.${name} limit 1`);
      if (shown.includes(name)) await read;
      else await expect(read, name).rejects.toMatchObject({ code: '42501' });
      // Of a view that nobody can change, the server says that before it looks at rights.
      await expect(reader.query(`delete from lifo4.${name}`), name).rejects.toMatchObject({
        code: expect.stringMatching(/^(42501|55000)$/),
      });
    }
    for (const forbidden of [
      'insert into lifo4.checkpoint values (1, 1, 1)',
      `update lifo4.read_model set doc = '{}'`,
      'create table lifo4.mine (x integer)',
      'select * from lifo4.sequence_facts(1)',
      `select lifo4.commit(null, null, null, null)`,
    ])
      await expect(reader.query(forbidden), forbidden).rejects.toMatchObject({ code: '42501' });
    await reader.end();
  });
});
