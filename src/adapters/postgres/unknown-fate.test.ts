import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  append,
  commitOf,
  effect,
  newStream,
  noted,
  testRules,
  until,
} from '../../../test/contracts/fixtures.ts';
import { type CuttingProxy, cuttingProxy } from '../../../test/services/cutting-proxy.ts';
import { createDataFolder } from '../../../test/services/embedded-postgres.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/services/postgres.ts';
import { openPostgres, type Postgres } from './open.ts';

const open = (connectionString: string): Promise<Postgres> =>
  openPostgres({ connectionString, logger: pino({ level: 'silent' }), rules: testRules, pollMs: 50 });

describe('a commit whose answer is lost', () => {
  let database: TestDatabase;
  let proxy: CuttingProxy;
  let node: Postgres;
  beforeAll(async () => {
    database = await createTestDatabase();
    const url = new URL(database.connectionString);
    proxy = await cuttingProxy(Number(url.port));
    url.host = `127.0.0.1:${proxy.port}`;
    node = await open(url.href);
  });
  afterAll(async () => {
    await node.close();
    await proxy.close();
    await database.drop();
  });

  /** Breaks the connection of the next statements that hold `marker`, `times` times over. */
  function cutAt(marker: string, verdict: 'cut' | 'pass-then-cut', times = 1): void {
    let left = times;
    proxy.cutWhen((sent) => {
      if (left === 0 || !sent.includes(marker)) return 'pass';
      left -= 1;
      return verdict;
    });
  }

  it.each([
    ['first fact', 'was written, but the answer never came', 'pass-then-cut'],
    ['next fact', 'was written, but the answer never came', 'pass-then-cut'],
    ['several facts', 'was written, but the answer never came', 'pass-then-cut'],
    ['first fact', 'never reached the server', 'cut'],
    ['next fact', 'never reached the server', 'cut'],
    ['several facts', 'never reached the server', 'cut'],
  ] as const)('stands once: %s that %s', async (kind, _, verdict) => {
    const stream = newStream();
    const before = kind === 'next fact' ? 1 : 0;
    if (before === 1) await node.log.commit(commitOf(append(stream, 0, [noted('before')])));
    const text = `${kind} ${verdict}`;
    const facts = kind === 'several facts' ? [noted(text), noted('more')] : [noted(text)];
    const cutsBefore = proxy.cuts();
    cutAt(text, verdict, 2);
    const effects = [effect(`${stream}@${before + 1}#0`, { type: 'none' })];
    await node.log.commit(commitOf(append(stream, before, facts, { effects })));
    expect(proxy.cuts() - cutsBefore).toBe(2);
    expect(await node.log.readStream(stream)).toHaveLength(before + facts.length);
    expect(await node.effects.ofStream(stream)).toHaveLength(1);
  });

  it('completes the effect that it answers, once', async () => {
    const stream = newStream();
    await node.log.commit(
      commitOf(append(stream, 0, [noted('work')], { effects: [effect(`${stream}@1#0`)] })),
    );
    const request = { worker: 'w', lane: 'quick', limit: 10, leaseMs: 60_000, siteNow: new Date() } as const;
    const lease = (await node.effects.claim(request)).find(({ key }) => key === `${stream}@1#0`);
    if (lease === undefined) throw new Error('nothing was claimed');
    cutAt('the answer', 'pass-then-cut', 2);
    await node.log.commit({ appends: [append(stream, 1, [noted('the answer')])], completes: lease });
    expect(await node.log.readStream(stream)).toHaveLength(2);
    expect(await node.effects.ofStream(stream)).toEqual([]);
  });

  it('is still refused when another was there first', async () => {
    const stream = newStream();
    await node.log.commit(commitOf(append(stream, 0, [noted('theirs')])));
    cutAt('ours', 'cut');
    const late = node.log.commit(commitOf(append(stream, 0, [noted('ours')])));
    await expect(late).rejects.toMatchObject({ name: 'VersionConflict' });
  });
});

describe('a server that restarts', () => {
  it('in the middle of writing loses and doubles nothing, and no one has to help', {
    timeout: 90_000,
  }, async () => {
    const folder = await createDataFolder();
    const first = await folder.start();
    const { port } = new URL(first.connectionString);
    const node = await open(first.connectionString);
    const streams = Array.from({ length: 6 }, newStream);
    let written = 0;
    const writing = Promise.all(
      streams.map(async (stream) => {
        for (let version = 0; version < 30; version += 1) {
          await node.log.commit(commitOf(append(stream, version, [noted(`n ${version}`)])));
          written += 1;
        }
      }),
    );
    await until(async () => written > 40);
    await first.close();
    await folder.start({ port: Number(port) });
    await writing;
    for (const stream of streams) expect(await node.log.readStream(stream)).toHaveLength(30);
    await until(async () => (await node.log.headSeq()) === 180);
    const admin = new pg.Client({ connectionString: first.connectionString });
    await admin.connect();
    const { rows } = await admin.query('select count(*)::int as facts from lifo4.event');
    expect(rows[0]?.facts).toBe(180);
    await admin.end();
    await node.close();
  });
});

describe('limits', () => {
  it('end a statement and a wait for a lock; a commit that waited too long is tried again', async () => {
    const database = await createTestDatabase();
    onTestFinished(() => database.drop());
    const node = await openPostgres({
      connectionString: database.connectionString,
      logger: pino({ level: 'silent' }),
      rules: testRules,
      statementTimeoutMs: 500,
      lockTimeoutMs: 100,
    });
    await expect(node.pool.query('select pg_sleep(60)')).rejects.toMatchObject({ code: '57014' });
    const holder = new pg.Client({ connectionString: database.connectionString });
    await holder.connect();
    await holder.query('begin; lock table lifo4.event in exclusive mode');
    await expect(node.pool.query('select 1 from lifo4.event for update')).rejects.toMatchObject({
      code: '55P03',
    });
    const stream = newStream();
    const commit = node.log.commit(commitOf(append(stream, 0, [noted('waits')])));
    const waiting = async (): Promise<number> => {
      const { rows } = await holder.query<{ pid: number }>('select pid from pg_locks where not granted');
      return rows[0]?.pid ?? 0;
    };
    await until(async () => (await waiting()) !== 0);
    await until(async () => (await waiting()) === 0);
    await holder.query('commit');
    await commit;
    expect(await node.log.readStream(stream)).toHaveLength(1);
    await holder.end();
    await node.close();
  });
});
